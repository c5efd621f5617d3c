//! Checks of a model before it is written and after it is read.

use super::{FoldIn, Model};

impl Model {
    /// Returns what is wrong with the shapes or the numbers.
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
            for (name, found, rows) in
                [("user", draw.user_weight.len(), users), ("item", draw.item_weight.len(), items)]
            {
                if found != 0 && found != rows {
                    return Err(format!(
                        "{name}_weight of draw {at}: found {found} numbers, expected {rows}"
                    ));
                }
            }
            if !draw.origin.is_empty() && draw.origin.len() != factors {
                let found = draw.origin.len();
                return Err(format!("user_origin of draw {at}: found {found} numbers, expected {factors}"));
            }
            let lone = |own: &[f32], rows, other: &[f32]| own.is_empty() && rows > 0 && !other.is_empty();
            let (user, item) = (&draw.user_weight, &draw.item_weight);
            if lone(user, users, item) || lone(item, items, user) {
                return Err(format!("weights of draw {at}: found those of one side, expected both or none"));
            }
            draw.fold_in.as_ref().map_or(Ok(()), |fold_in| check_fold_in(fold_in, factors, at))?;
            let numbers: [(&str, &[f32]); 9] = [
                ("user_factors", draw.users.as_slice()),
                ("item_factors", draw.items.as_slice()),
                ("user_bias", &draw.user_bias),
                ("item_bias", &draw.item_bias),
                ("mean", &[draw.mean]),
                ("scale", &[draw.scale]),
                ("user_weight", &draw.user_weight),
                ("item_weight", &draw.item_weight),
                ("user_origin", &draw.origin),
            ];
            for (name, numbers) in numbers {
                if let Some(position) = numbers.iter().position(|number| !number.is_finite()) {
                    let found = numbers[position];
                    return Err(format!(
                        "{name} of draw {at}: found {found} at {position}, expected a number"
                    ));
                }
            }
            draw.check_reach().map_err(|why| format!("the factors of draw {at}: {why}"))?;
        }
        let (low, high) = self.range;
        if !(low.is_finite() && high.is_finite() && low <= high) {
            return Err(format!("range: found {low} to {high}, expected two ascending numbers"));
        }
        if self.rated.is_kept() && self.rated.users() != users {
            return Err(format!("rated_starts: found {} rows, expected {users}", self.rated.users()));
        }
        if ![0, items].contains(&self.titles.len()) {
            return Err(format!("item_titles: found {} titles, expected {items}", self.titles.len()));
        }
        Ok(())
    }
}

fn check_fold_in(fold_in: &FoldIn, factors: usize, at: usize) -> Result<(), String> {
    let size = factors + 1;
    for (side, belief) in [("user", &fold_in.users), ("item", &fold_in.items)] {
        if (belief.precision.size(), belief.pull.len()) != (size, size) {
            return Err(format!("{side}_belief of draw {at}: expected {size} rows and columns"));
        }
        if !belief.precision.as_slice().iter().chain(&belief.pull).all(|number| number.is_finite()) {
            return Err(format!("{side}_belief of draw {at}: found what is no number"));
        }
    }
    let numbers = [fold_in.precision, fold_in.power, fold_in.implicit_weight, fold_in.unobserved_weight];
    if numbers.iter().all(|number| number.is_finite() && *number >= 0.0) {
        Ok(())
    } else {
        Err(format!("fold_in of draw {at}: found {numbers:?}, expected numbers from 0 up"))
    }
}
