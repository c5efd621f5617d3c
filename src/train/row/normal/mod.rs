//! The row update by normal equations on the CPU (docs/maths.md, "als" and "bayes"): the exact ridge solution
//! of a row, or a draw from its Gaussian posterior. The twin is `shaders/row_normal.wgsl`.

#![expect(
    clippy::inline_always,
    reason = "code is compiled for a processor's features only where it is inlined"
)]

mod axes;
mod cholesky;
mod descend;
mod equations;
mod fixed;
mod gather;
mod implicit;
mod measure;
mod numbers;
mod perturb;
mod short;
mod solve;
mod solver;

pub use axes::{Axes, Split};
pub use descend::{Descend, Directions, GROUP, Member};
pub use equations::SharedEquations;
pub use fixed::FixedSide;
pub use gather::{Gather, Sums};
pub use implicit::{ImplicitNumbers, MakeImplicit};
pub use measure::Measure;
pub use numbers::{Noise, Numbers, Quadratic};
pub use perturb::Perturbation;
pub use short::{ShortMember, ShortScratch, ShortSide, SolveShort};
pub use solve::Solve;
pub use solver::{Form, Forms, Solver};
