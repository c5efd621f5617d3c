//! What is said before training begins: of the model that it begins from, and of pairs that are measured by.

use crate::show::human::thousands;
use crate::show::talk::count;
use mfgpu::run::{InitFrom, Shared, With};
use mfgpu::train::Rescaled;

/// The model that training begins from, in a run of so many users and items.
pub(crate) fn begun(from: &InitFrom, of: [usize; 2]) -> Vec<String> {
    let InitFrom { path, users, items, left_out, draw, rescaled, .. } = from;
    let counted = |number: usize, what: &str| count(number as u64, what);
    let draw = if *draw > 1 { format!(", draw {draw}") } else { String::new() };
    let (all_users, all_items) = (counted(of[0], "user"), counted(of[1], "item"));
    let mut lines = vec![format!(
        "begins from: {path}{draw}, which knows {users} of {all_users} and {items} of {all_items}"
    )];
    if let Some(Rescaled { from, to }) = rescaled {
        lines.push(format!(
            "note: the ratings are {to}, those of the model were {from}: its predictions are brought to the new scale"
        ));
    }
    let [users, items] = *left_out;
    if users + items > 0 {
        let (users, items) = (counted(users, "user"), counted(items, "item"));
        lines.push(format!("left out: {users} and {items} of it, without ratings here"));
    }
    lines
}

/// Pairs that are trained on and measured by, of a flag.
pub(crate) fn shared(flag: &str, found: &Shared) -> String {
    let (ratings, of) = (thousands(found.ratings), count(found.of, "rating"));
    if found.with == With::Test {
        return format!(
            "note: {ratings} of the {of} of {flag} are of pairs in the test, which so helps to decide when to stop: errors \
             on it are a little too low"
        );
    }
    let what = format!("{ratings} of the {of} of {flag} are of pairs in the training ratings");
    if found.dropped {
        return format!("note: {what}; these pairs are left out of training");
    }
    let advice = "--test-overlap drop leaves these pairs out of training";
    format!("warning: {what}: errors on them are too low; {advice}")
}
