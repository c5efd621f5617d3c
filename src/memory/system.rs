//! What Linux says about memory, as text: the machine, the limits of the process, and its control groups.

use std::path::{Path, PathBuf};

/// Reads a file whole; `None` if it is not there.
pub(super) type Read<'a> = dyn Fn(&Path) -> Option<String> + 'a;

/// The memory that the machine and the control groups still have for this process, with swap; `None` if the
/// system does not say.
pub(super) fn left(read: &Read) -> Option<u64> {
    let file = |path: &str| read(Path::new(path));
    let meminfo = file("/proc/meminfo").unwrap_or_default();
    let swap = kibibytes(&meminfo, "SwapFree").unwrap_or(0);
    let machine = kibibytes(&meminfo, "MemAvailable").map(|free| free.saturating_add(swap));
    let groups = groups(&file("/proc/self/cgroup").unwrap_or_default());
    let groups = groups.iter().filter_map(|(kind, group)| kind.room(group, read, swap));
    machine.into_iter().chain(groups).min()
}

/// The addresses that the limits of the process leave; `None` without limits.
pub(super) fn addresses(read: &Read) -> Option<u64> {
    let file = |path: &str| read(Path::new(path));
    let limits = file("/proc/self/limits").unwrap_or_default();
    let status = file("/proc/self/status").unwrap_or_default();
    let limited =
        |limit, used| Some(soft_limit(&limits, limit)?.saturating_sub(kibibytes(&status, used).unwrap_or(0)));
    [limited("Max address space", "VmSize"), limited("Max data size", "VmData")].into_iter().flatten().min()
}

/// The number of a line such as `MemAvailable:    1234 kB`, in bytes.
fn kibibytes(text: &str, name: &str) -> Option<u64> {
    let found = |line: &str| line.strip_prefix(name)?.strip_prefix(':').map(str::to_owned);
    let line = text.lines().find_map(found)?;
    line.split_whitespace().next()?.parse::<u64>().ok()?.checked_mul(1024)
}

/// The soft limit of a line such as `Max address space    1024000000    unlimited    bytes`; `None` if there is
/// no limit.
fn soft_limit(text: &str, name: &str) -> Option<u64> {
    let rest = text.lines().find_map(|line| line.strip_prefix(name))?;
    rest.split_whitespace().next()?.parse().ok()
}

/// The number of a line such as `inactive_file 1234`; 0 if there is none.
fn counter(text: &str, name: &str) -> u64 {
    let found = |line: &str| line.strip_prefix(name)?.strip_prefix(' ')?.trim().parse().ok();
    text.lines().find_map(found).unwrap_or(0)
}

/// The two versions of control groups, by the names of their files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    First,
    Second,
}

/// The control groups of a process that limit memory, from `/proc/self/cgroup`.
fn groups(text: &str) -> Vec<(Kind, PathBuf)> {
    let group = |line: &str| {
        let mut parts = line.splitn(3, ':');
        let (number, controllers, path) = (parts.next()?, parts.next()?, parts.next()?);
        let path = PathBuf::from(path.trim_start_matches('/'));
        match controllers {
            "" if number == "0" => Some((Kind::Second, path)),
            _ if controllers.split(',').any(|name| name == "memory") => Some((Kind::First, path)),
            _ => None,
        }
    };
    text.lines().filter_map(group).collect()
}

impl Kind {
    /// The room of a group: the least of its own and those of all groups around it. In a container the path may
    /// be that of the host, and then only the outermost group is found, which is that of the container.
    fn room(self, group: &Path, read: &Read, swap: u64) -> Option<u64> {
        let mount = Path::new(match self {
            Self::First => "/sys/fs/cgroup/memory",
            Self::Second => "/sys/fs/cgroup",
        });
        group.ancestors().filter_map(|group| self.own_room(&mount.join(group), read, swap)).min()
    }

    /// The limit of a group without what its processes use; `None` if it has none. Pages of files count as free,
    /// since the system takes them back before it refuses memory, and so does the swap that the group may use.
    fn own_room(self, directory: &Path, read: &Read, swap: u64) -> Option<u64> {
        let file = |name: &str| read(&directory.join(name));
        let number = |name: &str| file(name)?.trim().parse::<u64>().ok();
        let stat = file("memory.stat").unwrap_or_default();
        let sum = |names: &[&str]| names.iter().map(|name| counter(&stat, name)).sum::<u64>();
        let (limit, used, free, swap) = match self {
            Self::First => {
                let free = sum(&["total_inactive_file", "total_active_file"]);
                (number("memory.limit_in_bytes")?, number("memory.usage_in_bytes")?, free, swap)
            }
            Self::Second => {
                let free = sum(&["inactive_file", "active_file", "slab_reclaimable"]);
                let used = number("memory.swap.current").unwrap_or(0);
                let most = file("memory.swap.max").map_or(Some(0), |text| text.trim().parse().ok());
                let swap = most.map_or(swap, |most: u64| most.saturating_sub(used).min(swap));
                (number("memory.max")?, number("memory.current")?, free, swap)
            }
        };
        Some(limit.saturating_sub(used.saturating_sub(free)).saturating_add(swap))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    const MEMINFO: &str = "MemTotal:       16000000 kB\nMemFree:          500000 kB\nMemAvailable:    8000000 kB\n\
                           SwapCached:            1 kB\nSwapFree:        1000000 kB\n";
    const LIMITS: &str = "Limit                     Soft Limit           Hard Limit           Units     \n\
                          Max data size             unlimited            unlimited            bytes     \n\
                          Max address space         1024000000           unlimited            bytes     \n";
    const STATUS: &str = "Name:\tmfgpu\nVmPeak:\t  400000 kB\nVmSize:\t  300000 kB\nVmData:\t  100000 kB\n";

    fn room_of(files: &[(&str, &str)]) -> Option<u64> {
        let files: HashMap<&Path, &str> =
            files.iter().map(|(path, text)| (Path::new(*path), *text)).collect();
        let read = |path: &Path| files.get(path).map(|text| (*text).to_owned());
        [left(&read), addresses(&read)].into_iter().flatten().min()
    }

    #[test]
    fn the_machine() {
        assert_eq!(room_of(&[]), None);
        assert_eq!(room_of(&[("/proc/meminfo", MEMINFO)]), Some(9_000_000 << 10));
        assert_eq!(room_of(&[("/proc/meminfo", "MemAvailable: much\n")]), None);
    }

    #[test]
    fn the_limits_of_the_process() {
        let files =
            [("/proc/meminfo", MEMINFO), ("/proc/self/limits", LIMITS), ("/proc/self/status", STATUS)];
        assert_eq!(room_of(&files), Some(1_024_000_000 - (300_000 << 10)));
        let data =
            LIMITS.replace("Max data size             unlimited ", "Max data size             200000000 ");
        let files = [files[0], ("/proc/self/limits", &data), files[2]];
        assert_eq!(room_of(&files), Some(200_000_000 - (100_000 << 10)));
        let over = data.replace("200000000", "100");
        assert_eq!(room_of(&[("/proc/self/limits", &over), files[2]]), Some(0));
    }

    /// The group around the own one is the narrower. A page of a file is free, also one that is in use.
    #[test]
    fn groups_of_the_second_version() {
        let own = "/sys/fs/cgroup/jobs/one/";
        let at = |name| format!("{own}{name}");
        let files = [
            ("/proc/self/cgroup".to_owned(), "0::/jobs/one\n"),
            (at("memory.max"), "max\n"),
            (at("memory.current"), "700\n"),
            ("/sys/fs/cgroup/jobs/memory.max".to_owned(), "1000\n"),
            ("/sys/fs/cgroup/jobs/memory.current".to_owned(), "900\n"),
            ("/sys/fs/cgroup/jobs/memory.stat".to_owned(), "anon 600\ninactive_file 200\nactive_file 50\n"),
        ];
        let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), *text)).collect();
        assert_eq!(room_of(&files), Some(1000 - (900 - 250)));
        let swap = [
            ("/proc/meminfo", "SwapFree: 1 kB\n"),
            ("/sys/fs/cgroup/jobs/memory.swap.max", "300\n"),
            ("/sys/fs/cgroup/jobs/memory.swap.current", "100\n"),
        ];
        let mut with_swap = files.clone();
        with_swap.extend(swap);
        assert_eq!(room_of(&with_swap), Some(350 + 200));
        with_swap[7].1 = "max\n";
        assert_eq!(room_of(&with_swap), Some(350 + 1024));
        with_swap.truncate(7);
        assert_eq!(room_of(&with_swap), Some(350), "a group without swap");
    }

    #[test]
    fn groups_of_the_first_version_in_a_container() {
        let files = [
            (
                "/proc/self/cgroup",
                "3:cpu,cpuacct:/docker/ab\n5:memory:/docker/ab\n1:name=systemd:/docker/ab\n",
            ),
            ("/sys/fs/cgroup/memory/memory.limit_in_bytes", "5000\n"),
            ("/sys/fs/cgroup/memory/memory.usage_in_bytes", "4000\n"),
            ("/sys/fs/cgroup/memory/memory.stat", "inactive_file 1\ntotal_inactive_file 500\n"),
        ];
        assert_eq!(room_of(&files), Some(1500));
    }
}
