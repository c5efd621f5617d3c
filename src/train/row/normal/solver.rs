//! How a row's equations are solved: the one table that decides it, by the row's number of ratings and the
//! number of factors (docs/maths.md, "Which form a row takes").

use serde::{Deserialize, Serialize};

/// How rows are solved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Solver {
    /// Each row in the form that is fastest at equal quality.
    #[default]
    Auto,
    /// The exact solution of every row.
    Exact,
    /// Steps of conjugate gradients for every row.
    Cg,
}

impl Solver {
    /// Every choice.
    pub const ALL: [Self; 3] = [Self::Auto, Self::Exact, Self::Cg];

    /// Whether nothing was named. Such a setting is not written, so that files of runs without it stay as
    /// they are.
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference")]
    pub(in crate::train) fn is_auto(&self) -> bool {
        *self == Self::Auto
    }

    /// The name in flags and files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Exact => "exact",
            Self::Cg => "cg",
        }
    }
}

/// The form in which a row's equations are solved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Exactly, with an unknown for each rating.
    Short,
    /// Exactly, with an unknown for each factor and the bias.
    Long,
    /// By steps of conjugate gradients from the row as it is.
    Steps,
}

/// The forms of a sweep's rows. They depend on the data alone, never on the device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Forms {
    /// Rows of at most so many ratings are [`Form::Short`].
    longest_short: usize,
    /// Longer rows of at least so many ratings take [`Form::Steps`].
    fewest_stepping: usize,
}

/// With fewer factors a step costs as much as the solution.
const FEW_FACTORS: usize = 16;

impl Forms {
    /// One form for all rows.
    pub const fn only(form: Form) -> Self {
        match form {
            Form::Short => Self { longest_short: usize::MAX, fewest_stepping: usize::MAX },
            Form::Long => Self { longest_short: 0, fewest_stepping: usize::MAX },
            Form::Steps => Self { longest_short: 0, fewest_stepping: 0 },
        }
    }

    /// The table. `dense` says whether all pairs count, so that rows share a matrix that is not diagonal.
    pub fn of(solver: Solver, factors: usize, dense: bool) -> Self {
        match solver {
            Solver::Cg => Self::only(Form::Steps),
            // A product of two rows takes longer than a part of a sum of squares, so not up to k.
            Solver::Exact => Self { longest_short: factors / 2, ..Self::only(Form::Long) },
            // A step multiplies by the shared matrix, which costs as much as k / 2 ratings. Short rows take
            // no longer.
            Solver::Auto if dense && factors >= FEW_FACTORS => {
                Self { longest_short: factors / 16, fewest_stepping: 0 }
            }
            // Steps end elsewhere than the solution does, and als needs few epochs as it is.
            Solver::Auto => Self::of(Solver::Exact, factors, dense),
        }
    }

    /// The largest number of ratings of a short row.
    pub fn longest_short(self) -> usize {
        self.longest_short.min(u32::MAX as usize)
    }

    /// The form of a row with so many ratings.
    pub fn form(self, ratings: usize) -> Form {
        if (1..=self.longest_short).contains(&ratings) {
            Form::Short
        } else if ratings >= self.fewest_stepping {
            Form::Steps
        } else {
            Form::Long
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_by_hand() {
        let form = |solver, factors, dense, ratings| Forms::of(solver, factors, dense).form(ratings);
        for factors in [1, 8, 16, 64] {
            assert_eq!(form(Solver::Exact, factors, true, factors / 2 + 1), Form::Long);
            assert_eq!(form(Solver::Exact, 2 * factors, true, factors), Form::Short);
            assert_eq!(form(Solver::Cg, factors, false, 1), Form::Steps);
        }
        assert_eq!(form(Solver::Auto, 8, true, 1000), Form::Long);
        assert_eq!(form(Solver::Auto, 64, true, 4), Form::Short);
        assert_eq!(form(Solver::Auto, 64, true, 5), Form::Steps);
        assert_eq!(form(Solver::Auto, 64, false, 32), Form::Short);
        assert_eq!(form(Solver::Auto, 64, false, 33), Form::Long);
        assert_eq!(form(Solver::Auto, 64, false, 2560), Form::Long);
    }

    #[test]
    fn names_are_what_serde_writes() {
        for solver in Solver::ALL {
            assert_eq!(serde_json::to_value(solver).unwrap().as_str(), Some(solver.name()));
        }
    }
}
