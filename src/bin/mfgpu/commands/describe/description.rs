//! A description: a table for people, and the complete data for programs.

use crate::show::human::{size, thousands};
use mfgpu::run::Plan;
use mfgpu::{Error, Result};
use serde::Serialize;
use serde_json::Value;

/// A description: a table for people, and the complete data for programs.
pub(super) struct Description {
    pub(super) kind: &'static str,
    pub(super) lines: Vec<[String; 2]>,
    /// Text below the table that does not fit into it.
    pub(super) below: String,
    pub(super) parts: serde_json::Map<String, Value>,
}

impl Description {
    pub(super) fn of(kind: &'static str) -> Self {
        Self { kind, lines: Vec::new(), below: String::new(), parts: serde_json::Map::new() }
    }

    /// Adds a line for people.
    pub(super) fn line(&mut self, name: &str, value: impl Into<String>) {
        self.lines.push([name.to_owned(), value.into()]);
    }

    /// Adds a part for programs.
    pub(super) fn part(&mut self, name: &str, value: impl Serialize) -> Result<()> {
        // Serialized as text, where an `f32` of 0.1 stays 0.1.
        let text = serde_json::to_string(&value).map_err(bug)?;
        self.parts.insert(name.to_owned(), serde_json::from_str(&text).map_err(bug)?);
        Ok(())
    }

    /// Adds the numbers of ratings, users and items.
    pub(super) fn counts(&mut self, ratings: Option<u64>, (users, items): (u64, u64)) {
        self.line("ratings", ratings.map_or("not kept".into(), thousands));
        self.line("users", thousands(users));
        self.line("items", thousands(items));
        if let Some(ratings) = ratings {
            let density = 100.0 * ratings as f64 / (users as f64 * items as f64).max(1.0);
            self.line("density", format!("{density:.3} %"));
        }
    }

    /// Adds the memory that factors save.
    pub(super) fn sizes(&mut self, plan: &Plan) -> Result<()> {
        let (factors, draws) = (plan.factor_bytes, plan.draws);
        let part = 100.0 * factors as f64 / plan.matrix_bytes.max(1) as f64;
        self.line("whole matrix", size(plan.matrix_bytes));
        let of = if draws == 1 { String::new() } else { format!("{draws} draws of ") };
        self.line(
            "factors take",
            format!("{}, {part:.1} % of it ({of}{} factors)", size(factors), plan.factors),
        );
        self.part("factors", plan.factors)?;
        self.part("matrix_bytes", plan.matrix_bytes)?;
        self.part("factor_bytes", factors)
    }
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn bug(error: serde_json::Error) -> Error {
    Error::Bug(error.to_string())
}
