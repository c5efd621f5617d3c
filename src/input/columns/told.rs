//! Which columns became what, and why, in words.

use crate::input::layout::Columns;
use crate::input::value::field::show;
use crate::ratings::Feedback;
use std::fmt::Write as _;

/// Why a column has its role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Why {
    Setting,
    Name,
    Position,
    OnlyLeft,
}

impl Why {
    fn words(self) -> &'static str {
        match self {
            Self::Setting => "as asked",
            Self::Name => "by name",
            Self::Position => "by position",
            Self::OnlyLeft => "as the only column left",
        }
    }
}

/// Says which columns are read: `user 1 userId, item 2 movieId, rating 3 rating (by name)`.
pub(super) fn tell(
    columns: &Columns,
    names: Option<&Vec<Vec<u8>>>,
    why: [Why; 4],
    feedback: Feedback,
) -> String {
    let value = if feedback == Feedback::Weights { "weight" } else { "rating" };
    let roles = [
        ("user", Some(columns.user), why[0]),
        ("item", Some(columns.item), why[1]),
        (value, columns.rating, why[2]),
        ("time", columns.time, why[3]),
    ];
    let mut told = String::new();
    let known: Vec<_> =
        roles.iter().filter_map(|(role, column, why)| Some((role, (*column)?, *why))).collect();
    for (at, (role, column, why)) in known.iter().enumerate() {
        let name = names.and_then(|names| names.get(*column)).filter(|name| !name.trim_ascii().is_empty());
        let name = name.map_or(String::new(), |name| format!(" `{}`", show(name)));
        let comma = if at > 0 { ", " } else { "" };
        let _ = write!(told, "{comma}{role} {}{name}", column + 1);
        // Reasons that several columns share are named once.
        if known.get(at + 1).is_none_or(|next| next.2 != *why) {
            let _ = write!(told, " ({})", why.words());
        }
    }
    told
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roles_and_reasons() {
        let columns = Columns { user: 1, item: 0, rating: Some(2), time: None, width: 3 };
        let names = ["movieId", "userId", ""].map(|name| name.as_bytes().to_vec()).to_vec();
        let why = [Why::Name, Why::Name, Why::Setting, Why::Name];
        assert_eq!(
            tell(&columns, Some(&names), why, Feedback::Weights),
            "user 2 `userId`, item 1 `movieId` (by name), weight 3 (as asked)"
        );
        assert_eq!(
            tell(&Columns { time: Some(3), ..columns }, None, [Why::Position; 4], Feedback::Ratings),
            "user 2, item 1, rating 3, time 4 (by position)"
        );
    }
}
