//! The environment of the process: what libraries of others find in it.
#![expect(unsafe_code, reason = "a process can change its environment only as long as it has one thread")]

/// The directory in which a desktop leaves its sockets.
#[cfg(all(unix, not(target_os = "macos")))]
const RUNTIME: &str = "XDG_RUNTIME_DIR";
/// An absolute path below which nothing can be.
#[cfg(all(unix, not(target_os = "macos")))]
const NOWHERE: &str = "/dev/null";

/// Prepares the environment. Behind Vulkan a layer looks for a desktop, and where `XDG_RUNTIME_DIR` is no
/// absolute path it prints an error of its own, twice for each list of devices. There is none in a container,
/// in a job of cron, and often behind ssh. With a directory that holds nothing the layer finds no desktop
/// either, and is quiet; it works as before, with all variables of its own. A path that is not absolute is
/// one that everybody is to ignore, so nothing is lost that the user set. To be called before the first other
/// thread.
pub(crate) fn prepare() {
    #[cfg(all(unix, not(target_os = "macos")))]
    if std::env::var_os(RUNTIME).is_none_or(|path| !std::path::Path::new(&path).is_absolute()) {
        // SAFETY: no other thread is there yet that reads the environment meanwhile.
        unsafe { std::env::set_var(RUNTIME, NOWHERE) };
    }
}
