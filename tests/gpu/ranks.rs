//! Runs of several ranks end with the files of a run of one, to the byte.

use crate::program::{command, run, words};
use crate::support::case::Case;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

pub(crate) fn cases() -> Vec<Case> {
    let mut cases = vec![Case::new("folds_and_a_model_to_begin_from", folds_and_warm)];
    #[cfg(feature = "gpu")]
    cases.push(Case::on_a_gpu("rows_are_packed_on_the_device", packed));
    if cfg!(unix) {
        let of_mpi = |name: &str, test: fn()| Case::new(name, test).needs("mpirun of Open MPI", has_open_mpi);
        cases.push(of_mpi("a_process_that_is_killed_ends_all", killed_process));
        cases.push(of_mpi("a_signal_ends_all_processes_in_order", signalled));
        cases.push(of_mpi("errors_of_processes_are_told_once", told_once));
        cases.push(
            of_mpi("a_library_of_another_mpi_is_refused", refused).needs("MFGPU_TEST_MPICH", has_mpich),
        );
        let root = of_mpi("three_hosts", three_hosts).needs("root, to make hosts", may_make_hosts);
        cases.push(root);
    }
    for algorithm in ["sgd", "als", "bayes", "ials"] {
        cases.push(Case::new(format!("as_one_on_the_cpu_{algorithm}"), move || {
            as_one("cpu", algorithm, &[1, 2, 3, 4]);
        }));
        if cfg!(unix) {
            cases.push(
                Case::new(format!("as_processes_of_open_mpi_{algorithm}"), move || {
                    processes(&OPEN_MPI, algorithm);
                })
                .needs("mpirun of Open MPI", has_open_mpi),
            );
            cases.push(
                Case::new(format!("as_processes_of_mpich_{algorithm}"), move || {
                    processes(&mpich(), algorithm);
                })
                .needs("MFGPU_TEST_MPICH", has_mpich),
            );
            cases.push(Case::new(format!("killed_and_resumed_by_others_{algorithm}"), move || {
                killed(algorithm);
            }));
        }
        #[cfg(feature = "gpu")]
        cases.push(Case::on_a_gpu(format!("of_few_rows_on_the_gpu_{algorithm}"), move || few(algorithm)));
        #[cfg(feature = "gpu")]
        cases.push(Case::on_a_gpu(format!("as_one_on_the_gpu_{algorithm}"), move || {
            as_one("gpu", algorithm, &[1, 3]);
        }));
    }
    cases
}

fn generate(here: &Path) {
    run(here, &words("generate --users 300 --items 200 --ratings 9000 --seed 7 -o ratings.csv"), 0);
}

/// The files that do not depend on the number of ranks, with their contents.
pub(crate) fn results(here: &Path, out: &str) -> Vec<(String, Vec<u8>)> {
    let names = ["model.safetensors", "lists.safetensors", "top.csv", "test.csv", "held_out.csv"];
    let file = |name: &str| fs::read(here.join(out).join(name)).ok().map(|bytes| (name.to_owned(), bytes));
    let found: Vec<_> = names.into_iter().filter_map(file).collect();
    assert!(found.len() >= 2, "a model and lists");
    found
}

/// A whole run, with a race and a refit where the algorithm has them.
fn as_one(device: &str, algorithm: &str, counts: &[usize]) {
    let own = tempfile::tempdir().expect("a directory");
    let here = own.path();
    generate(here);
    let epochs = if algorithm == "ials" || device == "gpu" { 4 } else { 9 };
    let line = format!(
        "train ratings.csv --algorithm {algorithm} -k 8 --list-factors 8 --epochs {epochs} --burn-in 2"
    );
    let line = format!("{line} --test 0.1 --device {device} --top 5 --quiet");
    for ranks in counts {
        run(here, &words(&format!("{line} --ranks {ranks} --out of-{ranks}")), 0);
        assert!(results(here, "of-1") == results(here, &format!("of-{ranks}")), "{ranks} ranks");
    }
    let most = counts[counts.len() - 1];
    let record = mfgpu::run::Record::load(&here.join(format!("of-{most}/run.json"))).expect("a record");
    let ranks = record.report.ranks.expect("what they gathered");
    assert!(ranks.count == most && ranks.traffic.bytes_received > ranks.traffic.bytes_given);
}

fn folds_and_warm() {
    let own = tempfile::tempdir().expect("a directory");
    let here = own.path();
    generate(here);
    for (name, line) in [
        ("folds", "train ratings.csv -k 8 --list-factors 8 --epochs 3 --folds 3 --seed 3"),
        ("from", "train ratings.csv --epochs 3 --init-from folds-1 --valid last:2"),
    ] {
        for ranks in [1, 3] {
            run(here, &words(&format!("{line} --quiet --ranks {ranks} --out {name}-{ranks}")), 0);
        }
        let [one, three] = [1, 3].map(|ranks| format!("{name}-{ranks}"));
        assert!(results(here, &one) == results(here, &three), "{name}");
        let folds = |out: &str| {
            let record = mfgpu::run::Record::load(&here.join(out).join("run.json")).expect("a record");
            record.report.folds.map(|folds| folds.rmse)
        };
        assert_eq!(folds(&one), folds(&three));
    }
}

/// A run that is killed again and again goes on with another number of ranks each time.
fn killed(algorithm: &str) {
    let own = tempfile::tempdir().expect("a directory");
    let here = own.path();
    generate(here);
    let line =
        format!("train ratings.csv --algorithm {algorithm} -k 8 --list-factors 8 --epochs 12 --burn-in 2");
    let line = format!("{line} --checkpoint-every 5ms --top 5 --quiet");
    run(here, &words(&format!("{line} --out whole")), 0);
    let (mut next, mut kills, mut ranks) = (format!("{line} --out other"), 0, 3);
    for (number, name) in ["KILL", "TERM"].into_iter().cycle().enumerate() {
        let started = command(here)
            .args(words(&format!("{next} --ranks {ranks}")))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let mut child = started.expect("a process");
        if number < 6 {
            sleep(Duration::from_millis(60 + 40 * number as u64));
            let _ = Command::new("kill").args([format!("-{name}"), child.id().to_string()]).status();
        }
        let status = child.wait().expect("an end");
        if status.success() {
            break;
        }
        assert!(number < 6, "it ends when it is left alone: {status}");
        kills += 1;
        if here.join("other/config.toml").exists() {
            next = "resume other --checkpoint-every 5ms --quiet".into();
        }
        ranks = ranks % 4 + 1;
    }
    println!("{algorithm}: {kills} kills");
    assert!(results(here, "whole") == results(here, "other"));
}

/// The launcher of an MPI, `mpirun` unless it is named, and the library to name where it is not found by itself.
struct Mpi {
    launcher: Option<PathBuf>,
    flags: &'static [&'static str],
    library: Option<PathBuf>,
}

/// Ranks may share cores here.
const OPEN_MPI: Mpi = Mpi { launcher: None, flags: &["--oversubscribe", "--bind-to", "none"], library: None };

/// Where a wheel of MPICH is installed, if `MFGPU_TEST_MPICH` names the place.
fn mpich() -> Mpi {
    let place = PathBuf::from(std::env::var_os("MFGPU_TEST_MPICH").expect("it is not ignored"));
    Mpi {
        launcher: Some(place.join("bin/mpirun")),
        flags: &[],
        library: Some(place.join("lib/libmpi_abi.so.1")),
    }
}

fn has_mpich() -> bool {
    std::env::var_os("MFGPU_TEST_MPICH").is_some_and(|place| !place.is_empty())
}

fn has_open_mpi() -> bool {
    let version = Command::new("mpirun").arg("--version").output();
    version.is_ok_and(|said| String::from_utf8_lossy(&said.stdout).contains("Open MPI"))
}

/// Whether this user may make network namespaces, and has the tools.
fn may_make_hosts() -> bool {
    let tried = Command::new("ip").args(["netns", "add", "mfgpu-try"]).output();
    let made = tried.is_ok_and(|made| made.status.success());
    made && Command::new("ip").args(["netns", "del", "mfgpu-try"]).status().is_ok_and(|done| done.success())
}

impl Mpi {
    /// So many processes of a command line of mfgpu.
    fn command(&self, here: &Path, count: usize, line: &str) -> Command {
        let mut launcher = Command::new(self.launcher.as_deref().unwrap_or("mpirun".as_ref()));
        launcher.current_dir(here).args(self.flags).args(["-n", &count.to_string()]);
        // A container is root's.
        launcher.envs(["OMPI_ALLOW_RUN_AS_ROOT", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM"].map(|name| (name, "1")));
        launcher.arg("env").args(self.library.iter().map(|path| format!("MFGPU_MPI={}", path.display())));
        launcher.arg(command(here).get_program()).args(words(line));
        launcher.stdin(Stdio::null());
        launcher
    }

    fn run(&self, here: &Path, count: usize, line: &str) -> Output {
        self.command(here, count, line).output().expect("a launcher")
    }

    fn start(&self, here: &Path, count: usize, line: &str) -> Child {
        let mut command = self.command(here, count, line);
        command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("a launcher")
    }
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Processes end with the files of one.
fn processes(mpi: &Mpi, algorithm: &str) {
    let own = tempfile::tempdir().expect("a directory");
    let here = own.path();
    generate(here);
    let line =
        format!("train ratings.csv --algorithm {algorithm} -k 8 --list-factors 8 --epochs 2 --burn-in 1");
    let line = format!("{line} --test 0.1 --top 5 --quiet");
    run(here, &words(&format!("{line} --out alone")), 0);
    // A launcher of one process is no other.
    let counts: &[usize] = if algorithm == "sgd" { &[1, 2, 4] } else { &[2, 4] };
    for count in counts.iter().copied() {
        let ran = mpi.run(here, count, &format!("{line} --out of-{count}"));
        assert!(ran.status.success(), "{count} processes: {}", text(&ran));
        assert!(results(here, "alone") == results(here, &format!("of-{count}")), "{count} processes");
    }
}

/// A command line of a run of so many epochs, without its directory.
fn lasting(here: &Path, epochs: usize) -> String {
    generate(here);
    let line = "train ratings.csv --objective ratings --regularization 0.05 -k 16 --valid 0 --top 5 --quiet";
    format!("{line} --epochs {epochs} --checkpoint-every 20ms --out")
}

/// The processes whose command line has a text.
fn processes_with(what: &str) -> Vec<u32> {
    let found = Command::new("pgrep").args(["-f", what]).output().expect("pgrep");
    String::from_utf8_lossy(&found.stdout).lines().filter_map(|line| line.parse().ok()).collect()
}

fn wait_for(path: &Path) {
    let begun = Instant::now();
    while !path.exists() {
        assert!(begun.elapsed() < Duration::from_secs(60), "{} does not come", path.display());
        sleep(Duration::from_millis(20));
    }
}

/// The job ends within seconds, and goes on with another number of processes, or of threads.
fn killed_process() {
    let own = tempfile::tempdir().expect("a directory");
    let here = own.path();
    let line = lasting(here, 300);
    run(here, &words(&format!("{line} whole")), 0);
    let name = format!("killed-{}", std::process::id());
    let mut job = OPEN_MPI.start(here, 3, &format!("{line} {name}"));
    wait_for(&here.join(&name).join("checkpoints"));
    // The launcher has the text in its own command line, too.
    let victims: Vec<u32> = processes_with(&format!("mfgpu train.*{name}"))
        .into_iter()
        .filter(|&process| process != job.id())
        .collect();
    let victim = victims.last().expect("a process");
    let sent = Command::new("kill").args(["-KILL", &victim.to_string()]).status();
    assert!(sent.expect("kill").success());
    let begun = Instant::now();
    let ended = job.wait().expect("an end");
    assert!(
        !ended.success() && begun.elapsed() < Duration::from_secs(20),
        "{ended} after {:?}",
        begun.elapsed()
    );
    let ran = OPEN_MPI.run(here, 2, &format!("resume {name} --quiet"));
    assert!(ran.status.success(), "{}", text(&ran));
    assert!(results(here, "whole") == results(here, &name));
}

/// SIGTERM of the launcher reaches rank 0, which saves; the others end as it does.
fn signalled() {
    let own = tempfile::tempdir().expect("a directory");
    let here = own.path();
    let mut job = OPEN_MPI.start(here, 2, &format!("{} part", lasting(here, 20_000)));
    wait_for(&here.join("part/checkpoints"));
    let sent = Command::new("kill").args(["-TERM", &job.id().to_string()]).status();
    assert!(sent.expect("kill").success());
    assert!(!job.wait().expect("an end").success());
    let log = fs::read_to_string(here.join("part/log.txt")).expect("a log");
    assert!(log.contains("stopped: asked to end"), "{log}");
}

/// Rank 0 speaks for all, and all end with it, whatever is wrong.
fn told_once() {
    let own = tempfile::tempdir().expect("a directory");
    let here = own.path();
    generate(here);
    fs::write(here.join("wrong.csv"), "1,2,3\n1,two\n").expect("written");
    for (line, what) in [
        ("train missing.csv", "error: missing.csv: No such file"),
        ("train wrong.csv", "error: wrong.csv:2: "),
        ("train -", "error: standard input can be read by one process"),
        ("train ratings.csv --ranks 2", "error: --ranks is 2; the launcher started 2 processes"),
        ("train ratings.csv --epochs 0", "error: --epochs is 0"),
        ("train ratings.csv --none-such", "error: unexpected argument"),
        ("resume none", "error: none"),
    ] {
        let ran = OPEN_MPI.run(here, 2, line);
        let said = text(&ran);
        assert!(!ran.status.success() && said.matches("error: ").count() == 1, "{line}: {said}");
        assert!(said.contains(what), "{line}: {said}");
    }
    let ran = OPEN_MPI.run(here, 3, "train ratings.csv --dry-run");
    assert!(ran.status.success() && text(&ran).matches("data: ").count() == 1, "{}", text(&ran));
    // Two processes that work for themselves.
    let mut alone = OPEN_MPI.command(here, 2, "describe ratings.csv");
    let said = alone.env("MFGPU_MPI", "none").output().expect("a launcher");
    assert_eq!(String::from_utf8_lossy(&said.stdout).matches("density").count(), 2, "{}", text(&said));
    let ran = OPEN_MPI.run(here, 3, "describe ratings.csv");
    assert!(ran.status.success(), "{}", text(&ran));
    let said = String::from_utf8_lossy(&ran.stdout).into_owned();
    assert_eq!(said.matches("density").count(), 1, "{said}");
}

/// Two processes that would each train alone are an error.
fn refused() {
    let own = tempfile::tempdir().expect("a directory");
    let here = own.path();
    generate(here);
    let Mpi { launcher, .. } = mpich();
    let mixed = Mpi { launcher, flags: &[], library: Some("libmpi.so.40".into()) };
    let ran = mixed.run(here, 2, "train ratings.csv --out out");
    let said = text(&ran);
    assert!(!ran.status.success() && said.contains("they are not of one MPI"), "{said}");
    assert!(!here.join("out").exists());
    let missing = Mpi { library: Some("/nowhere/libmpi.so".into()), ..mpich() };
    let said = text(&missing.run(here, 2, "train ratings.csv --out out"));
    assert!(said.contains("no library of its MPI can be loaded") && said.contains("MFGPU_MPI"), "{said}");
}

/// Hosts of their own network and name: the model is that of one process, and ratings that differ are refused.
fn three_hosts() {
    let hosts = |arguments: &[&str]| {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/hosts.sh");
        Command::new("sh").arg(script).args(arguments).env("HOSTS_NAME", "mft").output().expect("a script")
    };
    let own = tempfile::tempdir().expect("a directory");
    let here = own.path();
    generate(here);
    hosts(&["down"]);
    let up = hosts(&["up", "3"]);
    assert!(up.status.success(), "{}", text(&up));
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/support/hosts.sh");
    let agent = format!("#!/bin/sh\nHOSTS_NAME=mft exec sh {} run \"$@\"\n", script.display());
    fs::write(here.join("agent.sh"), agent).expect("written");
    let line = "train ratings.csv -k 8 --objective ratings --algorithm als --epochs 4 --test 0.1 --top 5";
    run(here, &words(&format!("{line} --quiet --out alone")), 0);
    let program = command(here).get_program().to_string_lossy().into_owned();
    let on_hosts = |program: &str, out: &str| {
        let job = format!(
            "cd {0} && chmod +x agent.sh && OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 mpirun \
             --mca plm_rsh_agent {0}/agent.sh --mca btl tcp,self --mca btl_tcp_if_include eth0 \
             --mca oob_tcp_if_include eth0 --host 10.97.0.1:1,10.97.0.2:1,10.97.0.3:1 --map-by node \
             --bind-to none -n 3 {program} {line} --out {out}",
            here.display()
        );
        hosts(&["run", "mft1", &job])
    };
    let ran = on_hosts(&program, "hosts");
    // The second host has another file under the same name.
    let other = format!(
        "#!/bin/sh\nexec unshare -m sh -c 'test $(hostname) != mft2 || mount --bind other.csv ratings.csv; \
         exec \"$0\" \"$@\"' {program} \"$@\"\n"
    );
    fs::write(here.join("other.sh"), other).expect("written");
    let ratings = fs::read_to_string(here.join("ratings.csv")).expect("text");
    fs::write(here.join("other.csv"), ratings.replacen(",5", ",4", 1)).expect("written");
    let unlike = on_hosts("sh other.sh", "unlike");
    hosts(&["down"]);
    assert!(ran.status.success(), "{}", text(&ran));
    assert!(text(&ran).contains("ranks: 3 processes on 3 machines"), "{}", text(&ran));
    assert!(results(here, "alone") == results(here, "hosts"));
    let said = text(&unlike);
    assert!(!unlike.status.success() && said.contains("rank 1 on mft2 has ratings of checksum"), "{said}");
}

/// Some ranks have no rows at all.
#[cfg(feature = "gpu")]
fn few(algorithm: &str) {
    let own = tempfile::tempdir().expect("a directory");
    let here = own.path();
    run(here, &words("generate --users 9 --items 6 --ratings 40 --seed 7 -o ratings.csv"), 0);
    let line =
        format!("train ratings.csv --algorithm {algorithm} -k 3 --list-factors 3 --epochs 3 --valid 0");
    for ranks in [1, 8] {
        run(
            here,
            &words(&format!("{line} --device gpu --top 2 --quiet --ranks {ranks} --out of-{ranks}")),
            0,
        );
    }
    assert!(results(here, "of-1") == results(here, "of-8"));
}

/// Some rows come back as all of them do, and go to their places.
#[cfg(feature = "gpu")]
fn packed() -> mfgpu::Result<()> {
    use mfgpu::gpu::GpuOptions;
    use mfgpu::ratings::{Ratings, Scale, Side};
    use mfgpu::train::engine::{Engine, gpu::GpuEngine};
    use mfgpu::train::{Problem, State};
    use std::sync::Arc;

    let gpu = crate::support::device::shared(&GpuOptions::default())?;
    let mut ratings = Ratings::default();
    (0..2000).for_each(|n| ratings.push(n % 401, n * 7 % 93, (n % 5) as f32));
    let scale = Scale::of(&ratings);
    let problem = Arc::new(Problem::new(&ratings, &Ratings::default(), (401, 93), scale, (2, 1)));
    for k in [1, 5, 16, 70] {
        let mut state = State::start(&problem.staged.position, k, (-1.0, 1.0), 1);
        for side in &mut state {
            side.rows.iter_mut().zip(1_u16..).for_each(|(row, n)| row.bias = f32::from(n));
        }
        let mut engine = GpuEngine::new(gpu.clone(), Arc::clone(&problem), &state)?;
        for rows in
            [vec![0], vec![400], vec![], (0..401).collect(), (65..400).filter(|n| n % 3 > 0).collect()]
        {
            let taken = engine.take_rows(Side::User, &rows)?;
            assert_eq!(
                (taken.rows.len(), taken.factors.rows(), taken.factors.columns()),
                (rows.len(), rows.len(), k)
            );
            for (place, &row) in rows.iter().enumerate() {
                assert_eq!(taken.factors.row(place), state.users.factors.row(row as usize));
                assert_eq!(taken.rows[place], state.users.rows[row as usize]);
            }
            // The rows in the places of others.
            let mut moved = taken.clone();
            moved.rows.iter_mut().for_each(|row| row.bias = -row.bias);
            moved.factors.as_mut_slice().iter_mut().for_each(|number| *number *= 2.0);
            engine.put_rows(Side::User, &rows, &moved)?;
            let all = engine.read_rows(Side::User, 0..401)?;
            for row in 0..401 {
                let sign = if rows.contains(&(row as u32)) { -1.0 } else { 1.0 };
                assert!((all.rows[row].bias - sign * state.users.rows[row].bias).abs() < 1e-9, "{row}");
            }
            engine.restore(&state)?;
        }
    }
    Ok(())
}
