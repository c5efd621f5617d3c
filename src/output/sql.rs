//! Vectors as SQL for `PostgreSQL` with the extension pgvector. `psql` runs the file.

use super::batch::{finite, text};
use super::vectors::SearchRows;
use crate::error::{Error, Result};
use crate::files::Sink;
use crate::ratings::Side;
use rayon::prelude::*;
use std::fmt::Write;

/// The most numbers in a vector that an index of pgvector takes.
pub const MOST_INDEXED: usize = 2000;
/// The most numbers in a vector of pgvector.
const MOST: usize = 16_000;
/// Rows that are written as text at a time.
const BATCH: usize = 8192;
/// Rows of one task.
const TASK: usize = 256;

/// Writes a script that puts the vectors of both sides into the tables `mfgpu.users` and `mfgpu.items`, in one
/// transaction. The tables of a script that ran before stay in use until it ends.
///
/// # Errors
/// [`Error::Usage`] if vectors are too long, or for an id that is not UTF-8 or has a zero byte;
/// [`Error::Write`].
pub fn vector_sql(sides: &[SearchRows; 2], mut sink: Sink) -> Result<()> {
    let width = sides[0].vectors.width();
    if width > MOST {
        return Err(Error::Usage(format!(
            "a vector has {width} numbers, expected at most {MOST}, as pgvector has no longer ones; train with \
             fewer factors, or take one draw"
        )));
    }
    let mut begin = String::from(
        "-- Vectors of mfgpu for pgvector. The order of items by `users.vector <#> items.vector` is that of\n\
         -- `mfgpu recommend`; the score is `users.constant - (users.vector <#> items.vector)`.\n\
         \\set ON_ERROR_STOP on\n\
         SET client_encoding = 'UTF8';\n\
         SET client_min_messages = warning;\n\
         CREATE EXTENSION IF NOT EXISTS vector;\n\
         CREATE SCHEMA IF NOT EXISTS mfgpu;\n\
         BEGIN;\n",
    );
    for of in sides {
        let constant = if of.side == Side::User { " constant real NOT NULL," } else { "" };
        let table = table(of);
        let columns = format!("id text PRIMARY KEY,{constant} vector vector({width}) NOT NULL");
        writeln!(begin, "DROP TABLE IF EXISTS mfgpu.{table}_next;").map_err(bug)?;
        writeln!(begin, "CREATE TABLE mfgpu.{table}_next ({columns});").map_err(bug)?;
    }
    sink.put(begin.as_bytes())?;
    for of in sides {
        sink.put(format!("COPY mfgpu.{}_next FROM stdin;\n", table(of)).as_bytes())?;
        for rows in of.rows.chunks(BATCH) {
            let parts: Vec<Result<String>> = rows.par_chunks(TASK).map(|rows| lines(of, rows)).collect();
            parts.into_iter().try_for_each(|part| sink.put(part?.as_bytes()))?;
        }
        sink.put(b"\\.\n")?;
    }
    for table in sides.iter().map(table) {
        let swap = format!(
            "DROP TABLE IF EXISTS mfgpu.{table};\nALTER TABLE mfgpu.{table}_next RENAME TO {table};\n"
        );
        sink.put(swap.as_bytes())?;
    }
    sink.put(b"COMMIT;\n")?;
    sink.commit()
}

fn table(of: &SearchRows) -> &'static str {
    match of.side {
        Side::User => "users",
        Side::Item => "items",
    }
}

/// Rows in the text format of COPY: columns between tabs, a line a row.
fn lines(of: &SearchRows, rows: &[u32]) -> Result<String> {
    let mut lines = String::new();
    for &row in rows {
        escape(of.ids.id(row), &mut lines)?;
        lines.push('\t');
        if let Some(constant) = of.constant(row) {
            finite([constant.into()].into_iter())?;
            write!(lines, "{constant}\t").map_err(bug)?;
        }
        let vector = of.vector(row);
        finite(vector.iter().map(|&number| number.into()))?;
        for (at, number) in vector.iter().enumerate() {
            write!(lines, "{}{number}", if at == 0 { '[' } else { ',' }).map_err(bug)?;
        }
        lines.push_str("]\n");
    }
    Ok(lines)
}

/// Writes an id so that COPY reads the same.
fn escape(id: &[u8], line: &mut String) -> Result<()> {
    let id = text(id, "sql").map_err(Error::Usage)?;
    for letter in id.chars() {
        match letter {
            '\\' => line.push_str("\\\\"),
            '\t' => line.push_str("\\t"),
            '\n' => line.push_str("\\n"),
            '\r' => line.push_str("\\r"),
            '\0' => {
                let shown = id.replace('\0', "\\0");
                let why = "has a zero byte, which PostgreSQL keeps in no text; csv keeps ids byte for byte";
                return Err(Error::Usage(format!("`{shown}` {why}")));
            }
            letter => line.push(letter),
        }
    }
    Ok(())
}

/// The error for writing into memory, which cannot fail.
fn bug(error: std::fmt::Error) -> Error {
    Error::Bug(format!("sql: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_escaped() {
        for (id, expected) in [("a b", "a b"), ("a\\N\t'\"\n\r", "a\\\\N\\t'\"\\n\\r"), ("\\.", "\\\\.")] {
            let mut line = String::new();
            escape(id.as_bytes(), &mut line).unwrap();
            assert_eq!(line, expected);
        }
        let refused = |id: &[u8]| escape(id, &mut String::new()).unwrap_err().to_string();
        assert!(refused(b"\xff").contains("is not UTF-8, as sql asks for"));
        assert!(refused(b"a\0b").contains("`a\\0b` has a zero byte"));
    }
}
