//! The usual names of columns.

/// Names that stand for users, items and ratings, in the form of [`plain`]; the first one that a file has counts.
pub(in crate::input) const NAMES: [&[&str]; 3] = [
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
        "profilename",
        "useridx",
        "uin",
        "personid",
        "person",
        "clientid",
        "client",
        "sessionid",
        "session",
        "source",
        "src",
        "from",
        "u",
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
        "showid",
        "show",
        "seriesid",
        "podcastid",
        "podcast",
        "contentid",
        "videoid",
        "video",
        "newsid",
        "courseid",
        "course",
        "appid",
        "app",
        "placeid",
        "venueid",
        "restaurantid",
        "hotelid",
        "postid",
        "itemidx",
        "sku",
        "target",
        "dst",
        "to",
        "i",
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
        "starscount",
        "ratingscore",
        "reviewrating",
        "reviewscore",
        "reviewoverall",
        "liked",
        "r",
    ],
];

/// Names that stand for weights, in the form of [`plain`]; they count where no name stands for ratings.
pub(in crate::input) const WEIGHTS: [&str; 16] = [
    "weight",
    "weights",
    "plays",
    "playcount",
    "listens",
    "listencount",
    "clicks",
    "clickcount",
    "views",
    "viewcount",
    "purchases",
    "interactions",
    "count",
    "freq",
    "quantity",
    "qty",
];

/// Names of the column of times, in the form of [`plain`].
pub(in crate::input) const TIMES: [&str; 18] = [
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

/// Names of the column of titles, in the form of [`plain`]; the first one that a file has counts.
pub(in crate::input) const TITLES: [&str; 16] = [
    "title",
    "itemtitle",
    "movietitle",
    "booktitle",
    "producttitle",
    "name",
    "itemname",
    "moviename",
    "bookname",
    "productname",
    "artistname",
    "trackname",
    "songname",
    "gamename",
    "originaltitle",
    "primarytitle",
];

/// A name in the form in which names are compared: its letters and digits, in lower case.
pub(in crate::input) fn plain(name: &[u8]) -> String {
    let name = String::from_utf8_lossy(name).to_lowercase();
    name.chars().filter(|letter| letter.is_alphanumeric()).collect()
}

/// The last part of a name that names its table, too: `ratings.user_id`, `[r].[UserId]`.
pub(in crate::input) fn last_part(name: &[u8]) -> &[u8] {
    name.rsplit(|&byte| byte == b'.').next().unwrap_or(name)
}

/// Whether these are names that a program made for columns without one, each with its number: `0,1,2`, `V1,V2,V3`,
/// `_c0,_c1`, `Column1,Column2`. The first may be blank: that of row numbers.
pub(in crate::input) fn are_numbers(names: &[Vec<u8>]) -> bool {
    let named =
        if names.first().is_some_and(|name| name.trim_ascii().is_empty()) { &names[1..] } else { names };
    let split = |name: &[u8]| -> Option<(String, usize)> {
        let name = std::str::from_utf8(name).ok()?.trim();
        let (word, number) = name.split_at(name.find(|letter: char| letter.is_ascii_digit())?);
        let word = plain(word.as_bytes());
        Some((word, number.parse().ok().filter(|_| number == "0" || !number.starts_with('0'))?))
    };
    let parts: Option<Vec<_>> = named.iter().map(|name| split(name)).collect();
    let Some(parts) = parts.filter(|parts| parts.len() > 1) else { return false };
    let (word, start) = &parts[0];
    // Without a word, numbers from 1 are more likely a row.
    let begins = *start == 0 || *start == 1 && !word.is_empty();
    let usual = ["", "v", "x", "c", "f", "col", "column", "field", "var", "unnamed"].contains(&&word[..]);
    begins && usual && parts.iter().enumerate().all(|(at, part)| part.0 == *word && part.1 == start + at)
}

/// Whether a field is a usual name of a user or item column.
pub(in crate::input) fn names_ids(field: &[u8]) -> bool {
    let name = plain(field);
    NAMES[..2].iter().any(|names| names.contains(&name.as_str())) || name == "id"
}

/// Whether a column of this name, which no list above has as a name of values, holds none: its name is blank
/// or that of an index, as programs write them, or it is one of ids or times.
pub(in crate::input) fn names_no_values(field: &[u8]) -> bool {
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
    fn forms_of_names() {
        for name in ["User.ID", "user_id", "User-Id", "\"userId\"", "[UserID]", " USER ID "] {
            assert_eq!(plain(name.as_bytes()), "userid", "{name}");
        }
        assert_eq!(last_part(b"r.user_id"), b"user_id");
        let numbered = |names: &str| {
            are_numbers(&names.split(',').map(|name| name.as_bytes().to_vec()).collect::<Vec<_>>())
        };
        for names in ["0,1,2", "V1,V2,V3", "_c0,_c1,_c2", "Column1,Column2", ",0,1,2", "X1,X2"] {
            assert!(numbered(names), "{names}");
        }
        for names in ["1,2,3", "0,2,1", "a1,a2", "V1,V3", "user,item,rating", "0", "00,01", "V1,X2"] {
            assert!(!numbered(names), "{names}");
        }
    }

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
