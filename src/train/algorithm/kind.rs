//! The one place that maps an algorithm's name to its definition, and the settings that depend on the
//! algorithm.

use super::definition::{Definition, OF_ALL};
use super::{als, bayes, ials, sgd};
use crate::train::choices::{Algorithm, Choice, Objective};
use crate::train::criterion::Criterion;
use crate::train::row::normal::Solver;
use crate::train::settings::Settings;
use crate::{Error, Result};

/// More epochs, or posterior samples, than anyone waits for: so many of the smallest table take minutes.
const MOST_EPOCHS: usize = 1_000_000;

impl Algorithm {
    pub(in crate::train) fn definition(self) -> &'static Definition {
        match self {
            Self::Sgd => &sgd::DEFINITION,
            Self::Als => &als::DEFINITION,
            Self::Bayes => &bayes::DEFINITION,
            Self::Ials => &ials::DEFINITION,
        }
    }

    /// A few words on the algorithm and its purpose.
    pub fn purpose(self) -> &'static str {
        self.definition().purpose
    }

    /// What the factors are for.
    pub fn objective(self) -> Objective {
        self.definition().objective
    }

    /// Whether a setting, by its name in [`Settings`], has an effect with this algorithm. A name that is none
    /// of a setting is not refused.
    pub fn uses(self, setting: &str) -> bool {
        let is_setting = |other: Self| other.definition().settings.contains(&setting);
        OF_ALL.contains(&setting) || is_setting(self) || !Self::ALL.into_iter().any(is_setting)
    }

    /// The default for the number of epochs without a better score before training stops.
    pub fn patience(self) -> usize {
        self.definition().patience
    }

    /// The default criterion that held-out ratings decide by.
    pub fn criterion(self) -> Criterion {
        self.definition().criterion
    }

    /// The default number of factors of a user or an item.
    pub fn factors(self) -> usize {
        self.definition().factors
    }

    /// The default for the largest number of epochs; for a chain, the number of draws that count.
    pub fn epochs(self) -> usize {
        self.definition().epochs
    }

    /// The default exponent of a row's activity in its regularization.
    pub fn power(self) -> f32 {
        self.definition().power
    }

    /// Whether epochs are posterior samples ("draws") of a chain, whose predictions are averaged.
    pub fn is_chain(self) -> bool {
        self.definition().is_chain
    }

    /// Whether the equations of rows may be solved in several ways.
    pub fn has_solver(self) -> bool {
        self.definition().has_solver
    }
}

impl Settings {
    /// The number of factors of a user or an item.
    pub fn factors(&self) -> usize {
        self.factors.unwrap_or(self.algorithm.factors())
    }

    /// The largest number of epochs; for a chain, the number of draws that count.
    pub fn epochs(&self) -> usize {
        self.epochs.unwrap_or(self.algorithm.epochs())
    }

    /// The number of epochs without a better score before training stops.
    pub fn patience(&self) -> usize {
        self.patience.unwrap_or(self.algorithm.patience())
    }

    /// What the held-out ratings decide by.
    pub fn criterion(&self) -> Criterion {
        self.criterion.unwrap_or(self.algorithm.criterion())
    }

    /// The exponent of a row's activity in its regularization; see [`Settings::power`].
    pub fn power(&self) -> f32 {
        self.power.unwrap_or(self.algorithm.power())
    }

    /// The number of stages of an epoch; `None` if an update needs all ratings of a row at once.
    pub fn epoch_stages(&self) -> Option<usize> {
        self.algorithm.definition().has_stages.then_some(self.stages)
    }

    /// How many draws of a chain the model keeps, and how many count; `None` if epochs are not draws.
    pub fn draws(&self) -> Option<(usize, usize)> {
        let counting = self.epochs().max(1);
        self.algorithm.is_chain().then_some((self.keep_draws.min(counting), counting))
    }

    /// The fraction of `ratings` ratings that is held out.
    pub fn held_out_fraction(&self, ratings: usize) -> f64 {
        self.valid.unwrap_or_else(|| (self.algorithm.definition().held_out)(ratings))
    }

    /// The same settings, with the defaults of the algorithm filled in. The number of factors stays open
    /// where a race decides it.
    #[must_use]
    pub fn resolved(&self) -> Self {
        let (epochs, power) = (self.epochs(), self.power());
        let factors = match self.algorithm.objective() {
            Objective::Ratings => Some(self.factors()),
            Objective::Lists => self.factors,
        };
        let (patience, criterion) = (Some(self.patience()), Some(self.criterion()));
        Self { factors, epochs: Some(epochs), power: Some(power), patience, criterion, ..self.clone() }
    }

    /// Checks every number against its range.
    ///
    /// # Errors
    /// [`Error::Setting`].
    pub fn check(&self) -> Result<()> {
        let wrong = |name, found: String, expected: &str| Err(Error::setting(name, &found, expected));
        let within = |value: f32, low: f32, high: f32| value.is_finite() && (low..=high).contains(&value);
        let most = self.algorithm.definition().most_factors;
        if !(1..=most).contains(&self.factors()) {
            let may = format!("with this algorithm it may be 1 to {most}");
            return wrong("training.factors", self.factors().to_string(), &may);
        }
        let counts = [
            ("training.epochs", self.epochs(), 1),
            ("training.patience", self.patience(), 1),
            ("training.burn_in", self.burn_in, 0),
            ("training.keep_draws", self.keep_draws, 1),
        ];
        for (name, count, least) in counts {
            if !(least..=MOST_EPOCHS).contains(&count) {
                return wrong(name, count.to_string(), &format!("it may be {least} to {MOST_EPOCHS}"));
            }
        }
        if !(within(self.learning_rate, 0.0, 10.0) && self.learning_rate > 0.0) {
            return wrong(
                "training.learning_rate",
                self.learning_rate.to_string(),
                "it must be above 0, at most 10",
            );
        }
        if let Choice::Fixed(number) = self.regularization
            && !within(number, 0.0, 1000.0)
        {
            return wrong(
                "training.regularization",
                number.to_string(),
                "it may be `auto`, `off`, or 0 to 1000",
            );
        }
        if !within(self.power(), 0.0, 1.0) {
            return wrong("training.power", self.power().to_string(), "it may be 0 to 1");
        }
        if let Choice::Fixed(weight) = self.views
            && !within(weight, 0.0, 1000.0)
        {
            return wrong(
                "training.views",
                weight.to_string(),
                "it may be `auto`, `off`, or a weight up to 1000",
            );
        }
        self.check_lists()?;
        if self.solver != Solver::Auto && !self.algorithm.has_solver() {
            let why = "it is a setting of als and ials";
            return wrong("training.solver", self.solver.name().to_owned(), why);
        }
        if !(1..=4096).contains(&self.stages) {
            return wrong("training.stages", self.stages.to_string(), "it may be 1 to 4096");
        }
        if let Some(valid) = self.valid
            && !(0.0..1.0).contains(&valid)
        {
            return wrong("training.valid", valid.to_string(), "a fraction may be 0 up to, not including, 1");
        }
        Ok(())
    }

    /// Checks the settings of lists, and what held-out ratings decide by.
    fn check_lists(&self) -> Result<()> {
        let wrong = |name, found: String, expected: &str| Err(Error::setting(name, &found, expected));
        let lists_only = |name, found: &dyn std::fmt::Display| {
            Err(Error::setting(
                name,
                found,
                "it is a setting of lists, which `training.algorithm = ials` makes",
            ))
        };
        let is_lists = self.algorithm.objective() == Objective::Lists;
        if let Choice::Fixed(weight) = self.unobserved_weight {
            if !is_lists {
                return lists_only("training.unobserved_weight", &weight);
            }
            if !(weight.is_finite() && (0.0..=1000.0).contains(&weight)) {
                return wrong(
                    "training.unobserved_weight",
                    weight.to_string(),
                    "it may be `auto`, or 0 to 1000",
                );
            }
        }
        if let Some(alpha) = self.alpha {
            if !is_lists {
                return lists_only("training.alpha", &alpha);
            }
            if !(alpha.is_finite() && alpha > 0.0) {
                return wrong("training.alpha", alpha.to_string(), "it must be above 0");
            }
            if let Choice::Fixed(weight) = self.unobserved_weight {
                let both = format!("{alpha} with `unobserved_weight = {weight}`");
                return wrong("training.alpha", both, "each decides the other; name one of the two");
            }
        }
        if let Some(from) = self.dislikes_below {
            if !is_lists {
                return lists_only("training.dislikes_below", &from);
            }
            if !from.is_finite() {
                return wrong("training.dislikes_below", from.to_string(), "it must be a number");
            }
        }
        let criterion = self.criterion();
        if is_lists && criterion == Criterion::Rmse {
            let why = "lists have no error of ratings; it may be ndcg@N or another metric of lists";
            return wrong("training.criterion", criterion.to_string(), why);
        }
        if self.algorithm.is_chain() && criterion != Criterion::Rmse {
            let why = "draws are only measured by rmse";
            return wrong("training.criterion", criterion.to_string(), why);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every setting is named by the algorithms that use it, and every name is that of a setting.
    #[test]
    fn every_setting_has_its_users() {
        let text = toml::to_string(&Settings {
            alpha: Some(1.0),
            dislikes_below: Some(1.0),
            solver: Solver::Cg,
            valid: Some(0.1),
            start: Some(crate::train::Start::Centred),
            ..Settings::default().resolved()
        });
        let table: toml::Table = text.unwrap().parse().unwrap();
        let named: Vec<&str> = OF_ALL
            .iter()
            .chain(Algorithm::ALL.iter().flat_map(|algorithm| algorithm.definition().settings))
            .copied()
            .collect();
        for name in table.keys() {
            assert!(named.contains(&name.as_str()), "{name}");
        }
        for name in named {
            assert!(table.contains_key(name), "{name}");
            assert!(Algorithm::ALL.iter().any(|algorithm| algorithm.uses(name)));
        }
        let users = |name: &str| {
            let names =
                Algorithm::ALL.into_iter().filter(|algorithm| algorithm.uses(name)).map(Algorithm::name);
            names.collect::<Vec<_>>().join(" ")
        };
        for (setting, expected) in [
            ("burn_in", "bayes"),
            ("learning_rate", "sgd"),
            ("regularization", "sgd als ials"),
            ("views", "als bayes"),
            ("solver", "als ials"),
            ("alpha", "ials"),
            ("seed", "sgd als bayes ials"),
            ("held_out_rmse", "sgd als bayes ials"),
        ] {
            assert_eq!(users(setting), expected, "{setting}");
        }
    }
}
