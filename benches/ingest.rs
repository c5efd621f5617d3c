//! Speed and memory of reading ratings. Without arguments it writes and reads a small file, as a check;
//! `cargo bench --bench ingest -- write FILE ROWS` writes one, `... -- read FILE` reads it and prints
//! `seconds=.. rows=.. ids=.. peak=..` (peak in bytes), to compare with other readers on the same file.

use mfgpu::input::{ReadOptions, read_ratings};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["write", path, rows] => write(Path::new(path), rows.parse()?),
        ["read", path] => read(Path::new(path)),
        _ => {
            let folder = tempfile::tempdir()?;
            let path = folder.path().join("ratings.csv");
            write(&path, 200_000)?;
            read(&path)
        }
    }
}

/// String ids: a user rates 50 items on average, in no order.
fn write(path: &Path, rows: u64) -> Result<(), Box<dyn std::error::Error>> {
    let mut file = BufWriter::new(std::fs::File::create(path)?);
    writeln!(file, "user_id,item_id,rating")?;
    let users = (rows / 50).max(1);
    for row in 0..rows {
        let bits = row.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let bits = (bits ^ (bits >> 31)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let (user, item) = ((bits >> 33) % users, (bits >> 7) % 20_000);
        writeln!(file, "u_{user:08},item-{item},{}", 0.5 + 0.5 * ((bits & 127) % 10) as f32)?;
    }
    Ok(file.flush()?)
}

fn read(path: &Path) -> Result<(), Box<dyn std::error::Error>> {
    let start = Instant::now();
    let (dataset, report) =
        read_ratings(&[PathBuf::from(path)], &ReadOptions::default(), &mut |_, _| Ok(()))?;
    let seconds = start.elapsed().as_secs_f64();
    let ids = dataset.users.parts().0.len() + dataset.items.parts().0.len();
    println!("seconds={seconds:.3} rows={} ids={ids} peak={}", report.rows, peak().unwrap_or(0));
    Ok(())
}

/// Peak memory of this process in bytes, if the system reports it.
fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    Some(line.split_whitespace().nth(1)?.parse::<u64>().ok()? * 1024)
}
