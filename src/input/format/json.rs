//! JSON: objects with names, or arrays, as rows; one a line, or the elements of one array.

use super::lines::lines;
use crate::input::layout::Columns;
use crate::input::rows::Rows;
use memchr::{memchr_iter, memchr2};
use serde::de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::ops::ControlFlow;

/// A field and its name; in an array, its position from 1.
pub(in crate::input) type Named<'t> = (String, Cow<'t, [u8]>);

/// Stands for an object or an array in a row: no text that anyone would take for an id.
pub(in crate::input) const NESTED: &[u8] = b"{..}";

/// Where a text of JSON has its rows: whether they are lines, and where the first one begins. `None` if the text
/// begins like no JSON.
pub(in crate::input) fn begins(text: &[u8]) -> Option<(bool, usize)> {
    let first = text.iter().position(|byte| !byte.is_ascii_whitespace())?;
    let after = || text[first + 1..].iter().find(|byte| !byte.is_ascii_whitespace());
    match text[first] {
        b'[' if matches!(after(), Some(b'{' | b'[')) => Some((false, first + 1)),
        // Python's dictionaries are no JSON, and are refused as such.
        b'{' if matches!(after(), Some(b'"' | b'}' | b'\'')) => Some((a_line(&text[first..]), first)),
        b'[' if matches!(after(), Some(b'"' | b'-' | b'0'..=b'9' | b't' | b'f' | b'n')) => {
            let line = a_line(&text[first..]);
            line.then_some((true, first))
        }
        _ => None,
    }
}

/// Whether the first line is a row by itself.
fn a_line(text: &[u8]) -> bool {
    lines(text).next().is_some_and(|line| serde_json::from_slice::<IgnoredAny>(line.trim_ascii()).is_ok())
}

/// Reads the rows of a text that starts at line `line`; `names` are those of the columns.
pub(super) fn parse<'t>(
    text: &'t [u8],
    one_a_line: bool,
    (columns, names): (&Columns, &[Vec<u8>]),
    line: u64,
    rows: &mut Rows,
) {
    let places = [Some(columns.user), Some(columns.item), columns.rating, columns.time];
    let wanted = places.map(|place| place.map(|place| &names[place][..]));
    values(text, one_a_line, line, |line, value| {
        let mut fields: [Cow<[u8]>; 4] = Default::default();
        let mut nested = None;
        let take = |name: &str, field: Option<Cow<'t, [u8]>>| {
            for (wanted, found) in wanted.iter().zip(&mut fields) {
                if *wanted == Some(name.as_bytes()) {
                    match &field {
                        Some(field) => found.clone_from(field),
                        None => nested = Some(name.to_owned()),
                    }
                }
            }
        };
        let wants = |name: &str| wanted.contains(&Some(name.as_bytes()));
        let found = read(value, wants, take);
        let why = found.err().or_else(|| {
            nested.map(|name| {
                format!("found an object or an array in `{name}`, expected a text, a number or null")
            })
        });
        if let Some(why) = why {
            return rows.refuse(line, why);
        }
        let [user, item, rating, time] = &fields;
        let given = |place: usize, field| places[place].map(|_| field);
        rows.accept(line, user, item, given(2, &**rating), given(3, &**time))
    });
}

/// Walks the rows of a text that starts with line `line`, with all their fields. The error is what is wrong with
/// a row.
pub(in crate::input) fn records<'t>(
    text: &'t [u8],
    one_a_line: bool,
    line: u64,
    mut each: impl FnMut(u64, Result<&[Named<'t>], String>) -> ControlFlow<()>,
) {
    values(text, one_a_line, line, |line, value| {
        let mut fields = Vec::new();
        let text = |field: Option<Cow<'t, [u8]>>| field.unwrap_or(Cow::Borrowed(NESTED));
        let found = read(value, |_| true, |name, field| fields.push((name.to_owned(), text(field))));
        each(line, found.map(|()| &fields[..]))
    });
}

/// The rows of a text as csv with a header: each name that a row has is a column. Rows that cannot be read are left
/// out. `None` if the text is no JSON.
pub(in crate::input) fn as_text(text: &[u8]) -> Option<Vec<u8>> {
    let (one_a_line, from) = begins(text)?;
    let each = |each: &mut dyn FnMut(&[Named])| {
        records(&text[from..], one_a_line, 1, |_, record| {
            if let Ok(fields) = record {
                each(fields);
            }
            ControlFlow::Continue(())
        });
    };
    let mut columns: Vec<String> = Vec::new();
    let mut places = HashMap::new();
    each(&mut |fields| {
        for (name, _) in fields {
            if !places.contains_key(name) {
                places.insert(name.clone(), columns.len());
                columns.push(name.clone());
            }
        }
    });
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(&columns).ok()?;
    let mut row: Vec<Cow<[u8]>> = Vec::new();
    each(&mut |fields| {
        row.clear();
        row.resize(columns.len(), Cow::Borrowed(b""));
        for (name, field) in fields {
            row[places[name]] = Cow::Owned(field.to_vec());
        }
        // Memory takes all that is written.
        let _ = writer.write_record(&row);
    });
    writer.into_inner().ok()
}

/// Walks the values of a text, and what follows the last whole one.
fn values<'t>(
    text: &'t [u8],
    one_a_line: bool,
    mut line: u64,
    mut each: impl FnMut(u64, &'t [u8]) -> ControlFlow<()>,
) {
    if one_a_line {
        for (line, row) in (line..).zip(lines(text)) {
            let row = row.trim_ascii();
            if !row.is_empty() && each(line, row).is_break() {
                return;
            }
        }
        return;
    }
    let mut from = 0;
    loop {
        let start = from + between(&text[from..]);
        line += memchr_iter(b'\n', &text[from..start]).count() as u64;
        if start == text.len() {
            return;
        }
        let end = value_end(&text[start..]).map_or(text.len(), |end| start + end);
        if each(line, &text[start..end]).is_break() {
            return;
        }
        line += memchr_iter(b'\n', &text[start..end]).count() as u64;
        from = end;
    }
}

/// The number of bytes before the next value.
fn between(text: &[u8]) -> usize {
    let is_between = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b',' | b']');
    text.iter().position(|byte| !is_between(byte)).unwrap_or(text.len())
}

/// The position after the object or array that a text begins with; `None` if the text ends first. Anything else
/// ends with its line.
fn value_end(text: &[u8]) -> Option<usize> {
    if !matches!(text.first(), Some(b'{' | b'[')) {
        return memchr::memchr(b'\n', text).map(|end| end + 1);
    }
    let (mut depth, mut at) = (0_usize, 0);
    while at < text.len() {
        match text[at] {
            b'{' | b'[' => depth += 1,
            b'}' | b']' => {
                depth -= 1;
                if depth == 0 {
                    return Some(at + 1);
                }
            }
            b'"' => {
                at += 1;
                loop {
                    at += memchr2(b'"', b'\\', text.get(at..)?)?;
                    if text[at] == b'"' {
                        break;
                    }
                    at += 2;
                }
            }
            _ => {}
        }
        at += 1;
    }
    None
}

/// The position after the first value of a text.
pub(super) fn first_value_end(text: &[u8]) -> Option<usize> {
    let start = between(text);
    Some(start + value_end(&text[start..])?)
}

/// The position after the last whole value of a text.
pub(super) fn last_value_end(text: &[u8]) -> Option<usize> {
    let (mut from, mut last) = (0, None);
    loop {
        let start = from + between(&text[from..]);
        let Some(end) = text.get(start..).filter(|rest| !rest.is_empty()).and_then(value_end) else {
            return last;
        };
        from = start + end;
        last = Some(from);
    }
}

/// Reads a row. `take` gets the fields whose names are wanted.
fn read<'t>(
    row: &'t [u8],
    wants: impl Fn(&str) -> bool,
    take: impl FnMut(&str, Option<Cow<'t, [u8]>>),
) -> Result<(), String> {
    let mut json = serde_json::Deserializer::from_slice(row);
    let fault = |error: serde_json::Error| {
        match row.first() {
        Some(b'{') if row[1..].trim_ascii_start().starts_with(b"'") => {
            "found a Python dictionary (its quotes are single ones), expected JSON: write it with `json.dumps`".into()
        }
        _ => format!("found a row that is no JSON, expected an object or an array of fields: {}", without_place(&error)),
    }
    };
    Row { wants, take }.deserialize(&mut json).map_err(fault)?;
    json.end().map_err(fault)
}

/// The text of an error. Its place within the row would be taken for one in the file.
fn without_place(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.rfind(" at line ").map_or(text.clone(), |at| text[..at].to_owned())
}

/// A row: an object or an array.
struct Row<Wants, Take> {
    wants: Wants,
    take: Take,
}

impl<'t, Wants: Fn(&str) -> bool, Take: FnMut(&str, Option<Cow<'t, [u8]>>)> DeserializeSeed<'t>
    for Row<Wants, Take>
{
    type Value = ();

    fn deserialize<D: serde::Deserializer<'t>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_any(self)
    }
}

impl<'t, Wants: Fn(&str) -> bool, Take: FnMut(&str, Option<Cow<'t, [u8]>>)> Visitor<'t> for Row<Wants, Take> {
    type Value = ();

    fn expecting(&self, to: &mut fmt::Formatter) -> fmt::Result {
        to.write_str("an object or an array of fields")
    }

    fn visit_map<A: MapAccess<'t>>(mut self, mut map: A) -> Result<(), A::Error> {
        while let Some(Name(name)) = map.next_key()? {
            if (self.wants)(&name) {
                let field = map.next_value::<&RawValue>()?;
                (self.take)(&name, plain(field));
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'t>>(mut self, mut fields: A) -> Result<(), A::Error> {
        let mut place = 1;
        while let Some(field) = fields.next_element::<&RawValue>()? {
            let name = place.to_string();
            if (self.wants)(&name) {
                (self.take)(&name, plain(field));
            }
            place += 1;
        }
        Ok(())
    }
}

/// The name of a field; borrowed where it has no escapes.
struct Name<'t>(Cow<'t, str>);

impl<'t> serde::Deserialize<'t> for Name<'t> {
    fn deserialize<D: serde::Deserializer<'t>>(json: D) -> Result<Self, D::Error> {
        struct Text;
        impl<'t> Visitor<'t> for Text {
            type Value = Name<'t>;
            fn expecting(&self, to: &mut fmt::Formatter) -> fmt::Result {
                to.write_str("a name")
            }
            fn visit_borrowed_str<E>(self, name: &'t str) -> Result<Name<'t>, E> {
                Ok(Name(Cow::Borrowed(name)))
            }
            fn visit_str<E>(self, name: &str) -> Result<Name<'t>, E> {
                Ok(Name(Cow::Owned(name.to_owned())))
            }
        }
        json.deserialize_str(Text)
    }
}

/// A field as a row of text would have it: a text without its quotes, nothing for null. `None` for an object or
/// an array.
fn plain(field: &RawValue) -> Option<Cow<'_, [u8]>> {
    let raw = field.get();
    match raw.as_bytes().first() {
        Some(b'"') if raw.contains('\\') => {
            Some(Cow::Owned(serde_json::from_str::<String>(raw).ok()?.into_bytes()))
        }
        Some(b'"') => Some(Cow::Borrowed(&raw.as_bytes()[1..raw.len() - 1])),
        Some(b'n') => Some(Cow::Borrowed(b"")),
        Some(b'{' | b'[') => None,
        _ => Some(Cow::Borrowed(raw.as_bytes())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_all(text: &str) -> Vec<(u64, String)> {
        let (one_a_line, from) = begins(text.as_bytes()).unwrap();
        let mut found = Vec::new();
        records(&text.as_bytes()[from..], one_a_line, 1, |line, record| {
            let shown = |fields: &[Named]| {
                let field = |(name, field): &Named| format!("{name}={}", String::from_utf8_lossy(field));
                fields.iter().map(field).collect::<Vec<_>>().join(" ")
            };
            found.push((line, record.map_or_else(|why| why, shown)));
            ControlFlow::Continue(())
        });
        found
    }

    #[test]
    fn rows_of_every_arrangement() {
        let rows = |text: &str| read_all(text).into_iter().map(|(_, row)| row).collect::<Vec<_>>();
        let two = ["u=a i=1", "u=b i=2.50"];
        assert_eq!(rows("{\"u\": \"a\", \"i\": 1}\n{\"u\":\"b\",\"i\":2.50}\n"), two);
        assert_eq!(rows("[{\"u\":\"a\",\"i\":1},{\"u\":\"b\",\"i\":2.50}]\n"), two);
        assert_eq!(rows("[\n  {\n    \"u\": \"a\",\n    \"i\": 1\n  },\n  {\"u\":\"b\",\"i\":2.50}\n]"), two);
        assert_eq!(rows("[[\"a\",1],[\"b\",2]]"), ["1=a 2=1", "1=b 2=2"]);
        assert_eq!(rows("[\"a\",1]\n[\"b\",2]\n"), ["1=a 2=1", "1=b 2=2"]);
        assert_eq!(
            rows("{\"a \\\"}\": \"\\u00e9\\n\", \"n\": null, \"o\": {\"x\": []}}\n"),
            ["a \"}=é\n n= o={..}"]
        );
        assert_eq!(begins(b"{1,2}"), None);
        assert_eq!(begins(b"user,item"), None);
        assert_eq!(begins(b"[user],[item]"), None);
    }

    #[test]
    fn lines_and_faults() {
        let lines: Vec<u64> =
            read_all("[\n{\"u\":\n1},\n\n{\"u\":2},{\"u\":3}\n]").iter().map(|row| row.0).collect();
        assert_eq!(lines, [2, 5, 5]);
        let found = read_all("{\"u\":1}\n{'u':1}\n{\"u\":1\n7\n");
        assert!(
            found[1].1.contains("Python") && found[2].1.contains("no JSON") && found[3].1.contains("no JSON"),
            "{found:?}"
        );
        assert!(!found[2].1.contains("line 1"), "{found:?}");
        let cut = read_all("[{\"u\":1},{\"u\":");
        assert!(cut[0].1 == "u=1" && cut[1].1.contains("no JSON"), "{cut:?}");
    }

    #[test]
    fn ends_of_values() {
        let text = b" {\"a\":\"}\\\"]\"} , [1,[2]] , {\"b\":";
        assert_eq!(last_value_end(text), Some(text.len() - 8));
        assert_eq!(last_value_end(b" , "), None);
        assert_eq!(last_value_end(b"{\"a"), None);
    }
}
