//! What must hold of a model before it is written and after it is read.

use super::Model;

impl Model {
    /// Says what is wrong with the shapes or the numbers, if anything is.
    pub(super) fn check(&self) -> Result<(), String> {
        let (users, items) = (self.users.len(), self.items.len());
        let Some(first) = self.draws.first() else {
            return Err("no factors".into());
        };
        let factors = first.users.columns();
        for (at, draw) in self.draws.iter().enumerate() {
            let shapes = [
                ("user_factors", (draw.users.rows(), draw.users.columns()), (users, factors)),
                ("item_factors", (draw.items.rows(), draw.items.columns()), (items, factors)),
                ("user_bias", (draw.user_bias.len(), 1), (users, 1)),
                ("item_bias", (draw.item_bias.len(), 1), (items, 1)),
            ];
            for (name, found, expected) in shapes {
                if found != expected {
                    return Err(format!(
                        "{name} of draw {at}: found {found:?} numbers, expected {expected:?}"
                    ));
                }
            }
            let numbers: [(&str, &[f32]); 6] = [
                ("user_factors", draw.users.as_slice()),
                ("item_factors", draw.items.as_slice()),
                ("user_bias", &draw.user_bias),
                ("item_bias", &draw.item_bias),
                ("mean", &[draw.mean]),
                ("scale", &[draw.scale]),
            ];
            for (name, numbers) in numbers {
                if let Some(position) = numbers.iter().position(|number| !number.is_finite()) {
                    let found = numbers[position];
                    return Err(format!(
                        "{name} of draw {at}: found {found} at {position}, expected a number"
                    ));
                }
            }
        }
        let (low, high) = self.range;
        if !(low.is_finite() && high.is_finite() && low <= high) {
            return Err(format!("range: found {low} to {high}, expected two ascending numbers"));
        }
        if self.rated.is_kept() && self.rated.users() != users {
            return Err(format!("rated_starts: found {} rows, expected {users}", self.rated.users()));
        }
        Ok(())
    }
}
