//! The completed matrix from outside: it has the values of `predict`, uses bounded memory, and leaves no
//! partial file when the disk is full. The last test needs to mount a small disk; where that is not allowed,
//! it shows as ignored.

use crate::models::Small;
use crate::program::{command, run, words};
use crate::support::case::Case;
use std::fs;
use std::path::Path;
use std::process::Command;

pub(crate) fn cases() -> Vec<Case> {
    vec![
        Case::new("arrays_and_tables_hold_what_predict_says", arrays_and_tables_hold_what_predict_says),
        Case::new("memory", memory).needs("Linux", || cfg!(target_os = "linux")),
        Case::new("a_full_disk_leaves_nothing", a_full_disk_leaves_nothing)
            .needs("right to mount", || mounting().is_some()),
    ]
}

/// A model of this many users and items, with ids `u0`, `i0` and so on, and a rating in every seventh cell of
/// the first users.
fn save(users: usize, items: usize, path: &Path) {
    let rated = |user, item| (user < 50 && (user + item) % 7 == 0).then_some(4.5);
    let small = Small { users, items, factors: 16, scale: 0.7, rated, ..Small::default() };
    small.model().save(path).unwrap();
}

fn arrays_and_tables_hold_what_predict_says() {
    let here = tempfile::tempdir().unwrap();
    let path = here.path();
    save(40, 30, &path.join("m.safetensors"));
    let pairs = (0..1200).map(|n| format!("u{},i{}\n", n / 30, n % 30)).collect::<Vec<_>>().concat();
    fs::write(path.join("pairs.csv"), format!("user,item\n{pairs}")).unwrap();
    let (predicted, _) = run(path, &words("predict m.safetensors pairs.csv"), 0);
    let predicted: Vec<f32> =
        predicted.lines().skip(1).map(|line| line.rsplit(',').next().unwrap().parse().unwrap()).collect();
    let given = |n: usize| (n / 30 + n % 30).is_multiple_of(7);
    let expected: Vec<f32> =
        predicted.iter().enumerate().map(|(n, value)| if given(n) { 4.5 } else { *value }).collect();

    let (_, said) = run(path, &words("complete m.safetensors --to all.npy"), 0);
    assert!(said.starts_with("writing 40 rows, about 4.8 KiB") && said.contains(" free"), "{said}");
    let array = fs::read(path.join("all.npy")).unwrap();
    let array = npyz::NpyFile::new(&array[..]).unwrap();
    assert_eq!(array.shape(), [40, 30]);
    assert_eq!(array.into_vec::<f32>().unwrap(), expected);

    run(path, &words("complete m.safetensors --to half.npy.zst --dtype f16 --users u3 u39"), 0);
    let half = zstd::decode_all(&fs::read(path.join("half.npy.zst")).unwrap()[..]).unwrap();
    let half =
        half[half.len() - 2 * 2 * 30..].chunks(2).map(|two| half::f16::from_le_bytes([two[0], two[1]]));
    let some = expected[90..120].iter().chain(&expected[1170..]);
    assert!(half.zip(some).all(|(half, value)| half == half::f16::from_f32(*value)));

    let cells = |line: &str| line.split(',').map(str::to_owned).collect::<Vec<String>>();
    let (long, said) = run(path, &words("complete m.safetensors --items i7 i2"), 0);
    assert!(said.starts_with("writing 80 rows, about"), "{said}");
    for (line, n) in long.lines().skip(1).zip(0..) {
        let at = n / 2 * 30 + [7, 2][n % 2];
        let [user, item] = [format!("u{}", n / 2), format!("i{}", [7, 2][n % 2])];
        assert_eq!(cells(line), [user, item, expected[at].to_string(), u8::from(given(at)).to_string()]);
    }
    run(path, &words("complete m.safetensors --blanks-only --to blanks.csv --compress zstd"), 0);
    let blanks = zstd::decode_all(&fs::read(path.join("blanks.csv")).unwrap()[..]).unwrap();
    let blanks = String::from_utf8(blanks).unwrap();
    let values: Vec<String> = blanks.lines().skip(1).map(|line| cells(line)[2].clone()).collect();
    let unknown = (0..1200).filter(|n| !given(*n)).map(|n| expected[n].to_string());
    assert_eq!(values, unknown.collect::<Vec<String>>());
    run(path, &words("complete m.safetensors --layout wide --to wide.csv --blanks-only"), 0);
    let wide = fs::read_to_string(path.join("wide.csv")).unwrap();
    let shown = |n: usize| if given(n) { String::new() } else { expected[n].to_string() };
    for (line, user) in wide.lines().skip(1).zip(0..) {
        assert_eq!(cells(line)[1..], (30 * user..30 * user + 30).map(shown).collect::<Vec<String>>());
    }
}

/// 200 million predictions, which would take 800 MB.
fn memory() {
    let here = tempfile::tempdir().unwrap();
    save(20_000, 10_000, &here.path().join("m.safetensors"));
    #[cfg(unix)]
    std::os::unix::fs::symlink("/dev/null", here.path().join("all.npy")).unwrap();
    let mut process =
        command(here.path()).args(words("complete m.safetensors --to all.npy")).spawn().unwrap();
    let mut peak = 0;
    while process.try_wait().unwrap().is_none() {
        let status = fs::read_to_string(format!("/proc/{}/status", process.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let found = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<u64>().ok());
        peak = peak.max(found.unwrap_or(0));
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    assert!(process.wait().unwrap().success());
    assert!((5_000..300_000).contains(&peak), "{peak} kB");
}

/// The options of `unshare` that give a private mount namespace, if that is permitted.
fn mounting() -> Option<&'static str> {
    let may = |how: &&str| {
        let line = format!("unshare {how} sh -c 'mount -t tmpfs tmpfs /mnt'");
        Command::new("sh").args(["-c", &line]).output().is_ok_and(|output| output.status.success())
    };
    ["-m", "-rm"].into_iter().find(may)
}

fn a_full_disk_leaves_nothing() {
    let here = tempfile::tempdir().unwrap();
    save(3000, 1000, &here.path().join("m.safetensors"));
    fs::create_dir(here.path().join("disk")).unwrap();
    let how = mounting().expect("as it was a moment ago");
    let program = env!("CARGO_BIN_EXE_mfgpu");
    for name in [
        "all.npy",
        "all.csv",
        "all.jsonl",
        "all.npy.zst",
        if cfg!(feature = "parquet") { "all.parquet" } else { "x.csv" },
    ] {
        // The existing file is kept; `--force` starts although the disk is known to be too small.
        let script = format!(
            "mount -t tmpfs -o size=3m tmpfs disk && echo old > disk/{name} && {program} complete m.safetensors --force --to disk/{name}; \
             echo code $?; ls -A disk; cat disk/{name}"
        );
        let mut command = Command::new("unshare");
        command.arg(how).args(["sh", "-c", &script]).current_dir(here.path());
        let output = command.output().unwrap();
        let (found, said) =
            (String::from_utf8(output.stdout).unwrap(), String::from_utf8_lossy(&output.stderr));
        assert_eq!(found, format!("code 4\n{name}\nold\n"), "{said}");
        assert!(said.contains("cannot write: No space left on device"), "{said}");
    }
    // Without `--force` nothing is started.
    let script = format!(
        "mount -t tmpfs -o size=3m tmpfs disk && {program} complete m.safetensors --to disk/all.npy; echo code $?; ls -A disk"
    );
    let output = Command::new("unshare")
        .arg(how)
        .args(["sh", "-c", &script])
        .current_dir(here.path())
        .output()
        .unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "code 4\n");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(said.contains("needs about 11.4 MiB") && said.contains("--force"), "{said}");
}
