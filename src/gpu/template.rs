//! Kernel sources as templates. Constants are put first. A line with a mark is unrolled: it is repeated for
//! each number below the constant that the mark stands for, so the variables it declares stay in registers.

use std::fmt::Write as _;

/// The source that is put before every kernel.
const SHARED: &str = include_str!("../../shaders/shared.wgsl");

/// The marks, and the constant that says how often a line with one of them is repeated.
const MARKS: [(char, &str); 3] = [('$', "BATCH"), ('#', "HELD"), ('?', "WIDTH")];

/// A constant that is put before a kernel's source.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Constant {
    /// `const NAME: u32`.
    U32(u32),
    /// `const NAME: f32`; finite.
    F32(f32),
    /// `const NAME: bool`.
    Bool(bool),
}

/// How often a line with a mark is repeated: the value of its constant, or 1 if there is none.
fn count(constants: &[(&str, Constant)], wanted: &str) -> usize {
    match constants.iter().find(|(name, _)| *name == wanted) {
        Some((_, Constant::U32(count))) => *count as usize,
        _ => 1,
    }
}

/// The whole source of a kernel: constants, the shared part, then the template with its marks replaced by
/// numbers.
pub(super) fn fill(template: &str, constants: &[(&str, Constant)]) -> String {
    let mut source = String::new();
    // `enable` must come before everything else.
    let (enables, rest): (Vec<&str>, Vec<&str>) =
        template.lines().partition(|line| line.starts_with("enable "));
    for line in enables {
        source += line;
        source.push('\n');
    }
    for (name, constant) in constants {
        // Writing to a string does not fail.
        let _ = match constant {
            Constant::U32(value) => writeln!(source, "const {name}: u32 = {value}u;"),
            Constant::F32(value) => writeln!(source, "const {name}: f32 = {value:?}f;"),
            Constant::Bool(value) => writeln!(source, "const {name}: bool = {value};"),
        };
    }
    source += SHARED;
    let counts = MARKS.map(|(mark, name)| (mark, count(constants, name)));
    for line in rest {
        for line in written_out(line, &counts) {
            source += &line;
            source.push('\n');
        }
    }
    source
}

/// Repeats a line for each number of each of its marks; a comment stays as it is.
fn written_out(line: &str, counts: &[(char, usize)]) -> Vec<String> {
    let mut lines = vec![line.to_owned()];
    if line.trim_start().starts_with("//") {
        return lines;
    }
    for &(mark, count) in counts {
        if line.contains(mark) {
            let copies = |line: &String| -> Vec<String> {
                (0..count).map(|number| line.replace(mark, &number.to_string())).collect()
            };
            lines = lines.iter().flat_map(copies).collect();
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_replaced_by_the_numbers_below_their_constants() {
        let constants = [("BATCH", Constant::U32(2)), ("HELD", Constant::U32(3))];
        let template = "enable f16;\n// a_#\nlet a_# = b_$;\nlet c_? = 1;\n";
        let source = fill(template, &constants);
        assert!(source.starts_with("enable f16;\nconst BATCH: u32 = 2u;\nconst HELD: u32 = 3u;\n"));
        let expected = "// a_#\nlet a_0 = b_0;\nlet a_1 = b_0;\nlet a_2 = b_0;\n\
                        let a_0 = b_1;\nlet a_1 = b_1;\nlet a_2 = b_1;\nlet c_0 = 1;\n";
        assert!(source.ends_with(expected), "{source}");
    }
}
