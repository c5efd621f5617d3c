//! The usual names of columns.

/// Names that stand for users, items and ratings, without case, `_`, `-` and spaces; the first one that a
/// file has counts.
pub(super) const NAMES: [&[&str]; 3] = [
    &[
        "userid",
        "user",
        "users",
        "uid",
        "customerid",
        "customer",
        "custid",
        "reviewerid",
        "reviewer",
        "memberid",
        "member",
        "accountid",
        "account",
        "visitorid",
        "visitor",
        "readerid",
        "reader",
        "listenerid",
        "username",
    ],
    &[
        "itemid",
        "item",
        "items",
        "iid",
        "movieid",
        "movie",
        "filmid",
        "film",
        "bookid",
        "book",
        "productid",
        "product",
        "parentasin",
        "asin",
        "isbn",
        "businessid",
        "business",
        "songid",
        "song",
        "trackid",
        "track",
        "artistid",
        "artist",
        "albumid",
        "album",
        "animeid",
        "anime",
        "gameid",
        "game",
        "recipeid",
        "recipe",
        "articleid",
        "article",
        "jokeid",
        "joke",
        "beerid",
        "beer",
    ],
    &[
        "rating",
        "ratings",
        "score",
        "scores",
        "stars",
        "star",
        "ratingvalue",
        "userrating",
        "bookrating",
        "movierating",
        "starrating",
        "overall",
        "value",
        "grade",
        "vote",
        "preference",
    ],
];

/// Names that stand for weights, in the form of [`plain`]; they count where no name stands for ratings.
pub(super) const WEIGHTS: [&str; 10] =
    ["weight", "weights", "plays", "playcount", "listens", "clicks", "views", "count", "quantity", "qty"];

/// Names of the column of times, in the form of [`plain`].
pub(super) const TIMES: [&str; 18] = [
    "timestamp",
    "time",
    "datetime",
    "date",
    "ratedat",
    "ratingtime",
    "ratingdate",
    "ratingtimestamp",
    "unixtime",
    "unixreviewtime",
    "reviewtime",
    "reviewdate",
    "createdat",
    "created",
    "dateadded",
    "ts",
    "when",
    "day",
];

/// A name in the form in which names are compared.
pub(super) fn plain(name: &[u8]) -> String {
    let name = String::from_utf8_lossy(name).to_lowercase();
    name.chars().filter(|letter| !matches!(letter, '_' | '-') && !letter.is_whitespace()).collect()
}

/// Whether a field is a usual name of a user or item column.
pub(super) fn names_ids(field: &[u8]) -> bool {
    let name = plain(field);
    NAMES[..2].iter().any(|names| names.contains(&name.as_str())) || name == "id"
}

/// Whether a column of this name, which no list above has as a name of values, holds none: its name is blank
/// or that of an index, as programs write them, or it is one of ids or times.
pub(super) fn names_no_values(field: &[u8]) -> bool {
    let name = plain(field);
    name.is_empty()
        || name == "index"
        || name.starts_with("unnamed")
        || name.ends_with("id")
        || names_ids(field)
        || TIMES.contains(&name.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_without_values() {
        for name in ["", "Unnamed: 0", "index", "Category_ID", "tagID", "Artist", "Rated At", "timestamp"] {
            assert!(names_no_values(name.as_bytes()), "{name}");
        }
        for name in ["punkte", "note", "price", "year"] {
            assert!(!names_no_values(name.as_bytes()), "{name}");
        }
    }
}
