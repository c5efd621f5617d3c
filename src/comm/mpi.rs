//! Ranks that are processes, started by a launcher of MPI. The library of MPI is loaded at run time, so one program
//! runs with any of them, and without. There are three binary interfaces: the standard one of MPI 5, that of Open
//! MPI, and that of MPICH and its relatives (the MPICH ABI initiative).
//!
//! SAFETY. Each function is looked up under its name in the standard, and called with the arguments that the
//! standard gives it; handles have the size of a pointer in two of the interfaces, and in the third they are
//! integers, which are passed in the lower half of the same register. Buffers are slices that outlive the call, and
//! counts are those of the slices. Only the thread that has initialised MPI calls it, which is checked. The library
//! is never unloaded.
#![expect(unsafe_code, reason = "a foreign library is unsafe to call; see SAFETY above")]

use super::launcher::{Kind, Launcher};
use super::rounds::rounds;
use super::{Comm, Counters, Share};
use crate::{Error, Result};
use libloading::os::unix::{Library, RTLD_GLOBAL, RTLD_NOW};
use std::error::Error as _;
use std::ffi::{c_char, c_int, c_void};
use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::thread::{self, ThreadId};

/// A handle of MPI: an address, or an integer.
type Handle = usize;

type Init = unsafe extern "C" fn(*mut c_int, *mut c_void, c_int, *mut c_int) -> c_int;
type Version = unsafe extern "C" fn(*mut c_char, *mut c_int) -> c_int;
type AbiVersion = unsafe extern "C" fn(*mut c_int, *mut c_int) -> c_int;
type Number = unsafe extern "C" fn(Handle, *mut c_int) -> c_int;
type Barrier = unsafe extern "C" fn(Handle) -> c_int;
type Broadcast = unsafe extern "C" fn(*mut c_void, c_int, Handle, c_int, Handle) -> c_int;
type Gather = unsafe extern "C" fn(
    *const c_void,
    c_int,
    Handle,
    *mut c_void,
    *const c_int,
    *const c_int,
    Handle,
    Handle,
) -> c_int;
type Abort = unsafe extern "C" fn(Handle, c_int) -> c_int;
type Finalize = unsafe extern "C" fn() -> c_int;

/// Room for the name of a library; the interface with the longest has this much.
const NAME: usize = 8192;

/// The most bytes of a call, whose counts are 32-bit integers.
const MOST: usize = 1 << 30;

/// The names of the libraries of each launcher; the standard interface first, where there is one.
const OPEN_MPI: [&str; 2] = ["libmpi.so.40", "libmpi_abi.so.1"];
const MPICH: [&str; 3] = ["libmpi_abi.so.1", "libmpi.so.12", "libmpich.so.12"];

/// What differs between the binary interfaces.
#[derive(Debug, Clone, Copy)]
struct Interface {
    name: &'static str,
    world: Handle,
    byte: Handle,
    /// The level of threads at which one thread calls MPI.
    funneled: c_int,
}

const STANDARD: Interface = Interface { name: "standard", world: 0x101, byte: 0x247, funneled: 1024 };
const OF_MPICH: Interface = Interface { name: "MPICH", world: 0x4400_0000, byte: 0x4c00_010d, funneled: 1 };

/// All processes that a launcher started.
pub struct World {
    interface: Interface,
    share: Share,
    library: String,
    thread: ThreadId,
    counters: Counters,
    is_torn: AtomicBool,
    barrier: Barrier,
    broadcast: Broadcast,
    gather: Gather,
    abort: Abort,
    finalize: Finalize,
}

impl fmt::Debug for World {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("World")
            .field("share", &self.share)
            .field("library", &self.library)
            .finish_non_exhaustive()
    }
}

/// A library that is loaded for good.
struct Loaded {
    library: Library,
    name: String,
}

impl Loaded {
    /// The library that is named, or the first that is found of those that suit a launcher.
    fn find(launcher: Launcher, named: Option<&Path>) -> Result<Self> {
        let names: Vec<String> = match (named, launcher.kind) {
            (Some(path), _) => vec![path.display().to_string()],
            (None, Kind::OpenMpi) => OPEN_MPI.map(str::to_owned).to_vec(),
            (None, Kind::Hydra) => MPICH.map(str::to_owned).to_vec(),
            (None, Kind::Slurm) => [&OPEN_MPI[..], &MPICH].concat().into_iter().map(str::to_owned).collect(),
        };
        let mut why = Vec::new();
        for name in names {
            // SAFETY: see above. The library's own initialisation is that of MPI, which expects to be loaded.
            match unsafe { Library::open(Some(&name), RTLD_NOW | RTLD_GLOBAL) } {
                Ok(library) => return Ok(Self { library, name }),
                Err(error) => why.push(error.source().map_or_else(|| error.to_string(), ToString::to_string)),
            }
        }
        Err(Error::Usage(format!(
            "{} started {} processes, but no library of its MPI can be loaded ({}); name one with \
             MFGPU_MPI=/path/libmpi.so, or put its folder into LD_LIBRARY_PATH",
            launcher.name(),
            launcher.size,
            why.join("; ")
        )))
    }

    /// A function or a variable of the library.
    fn symbol<T: Copy>(&self, name: &str) -> Option<T> {
        // SAFETY: the type is that of the standard, or that of an address.
        unsafe { self.library.get::<T>(name).ok().map(|symbol| *symbol) }
    }

    fn function<T: Copy>(&self, name: &str) -> Result<T> {
        self.symbol(name)
            .ok_or_else(|| Error::Usage(format!("{} has no {name}; is it a library of MPI?", self.name)))
    }

    /// The address of a variable.
    fn address(&self, name: &str) -> Option<Handle> {
        // SAFETY: the address is only passed on.
        unsafe { self.library.get::<*mut c_void>(name).ok().map(|symbol| symbol.into_raw() as Handle) }
    }

    fn interface(&self) -> Interface {
        let open_mpi = self.address("ompi_mpi_comm_world").zip(self.address("ompi_mpi_byte"));
        if let Some((world, byte)) = open_mpi {
            return Interface { name: "Open MPI", world, byte, funneled: 1 };
        }
        // A library may have functions of the standard interface beside its own.
        let is_standard = self.name.contains("mpi_abi")
            && self.symbol::<AbiVersion>("MPI_Abi_get_version").is_some_and(|version| {
                let (mut major, mut minor) = (-1, -1);
                // SAFETY: two integers to write to.
                unsafe { version(&raw mut major, &raw mut minor) };
                major >= 1
            });
        if is_standard { STANDARD } else { OF_MPICH }
    }
}

impl World {
    /// Joins the processes that the launcher started. `named` is the library to load in place of the usual ones.
    ///
    /// # Errors
    /// [`Error::Usage`] if no library can be loaded, or if it is not that of the launcher.
    pub fn join(launcher: Launcher, named: Option<&Path>) -> Result<Arc<Self>> {
        let loaded = Loaded::find(launcher, named)?;
        let interface = loaded.interface();
        let init: Init = loaded.function("MPI_Init_thread")?;
        let (rank_of, size_of): (Number, Number) =
            (loaded.function("MPI_Comm_rank")?, loaded.function("MPI_Comm_size")?);
        let version: Version = loaded.function("MPI_Get_library_version")?;
        let (mut given, mut rank, mut size) = (0, 0, 0);
        let (mut name, mut length) = ([0_u8; NAME], 0);
        // SAFETY: see above. Null pointers stand for the arguments of the program, which the standard allows.
        unsafe {
            init(std::ptr::null_mut(), std::ptr::null_mut(), interface.funneled, &raw mut given);
            rank_of(interface.world, &raw mut rank);
            size_of(interface.world, &raw mut size);
            version(name.as_mut_ptr().cast(), &raw mut length);
        }
        let name = String::from_utf8_lossy(&name[..(length as usize).min(NAME)]).into_owned();
        let name = name.lines().next().unwrap_or_default().trim_end_matches(['\0', ',', ' ']).to_owned();
        let this = Self {
            interface,
            share: Share { rank: rank as usize, size: size as usize },
            library: name,
            thread: thread::current().id(),
            counters: Counters::default(),
            is_torn: AtomicBool::new(false),
            barrier: loaded.function("MPI_Barrier")?,
            broadcast: loaded.function("MPI_Bcast")?,
            gather: loaded.function("MPI_Allgatherv")?,
            abort: loaded.function("MPI_Abort")?,
            finalize: loaded.function("MPI_Finalize")?,
        };
        std::mem::forget(loaded.library);
        if this.share.size != launcher.size || this.share.rank != launcher.rank {
            let (found, Launcher { rank, size, .. }) = (this.share, launcher);
            let what = format!(
                "{} started {size} processes, and in this one, number {rank}, the library {} sees {} and number {}: \
                 they are not of one MPI. Name the launcher's library with MFGPU_MPI=/path/libmpi.so, or start with \
                 the launcher of the library; with srun, choose --mpi",
                launcher.name(),
                this.library,
                found.size,
                found.rank
            );
            this.leave();
            return Err(Error::Usage(what));
        }
        Ok(Arc::new(this))
    }

    /// The library and its binary interface, for people.
    pub fn description(&self) -> String {
        format!("{} ({} ABI)", self.library, self.interface.name)
    }

    /// Only one thread may call MPI.
    fn check(&self) -> Result<()> {
        if thread::current().id() == self.thread {
            Ok(())
        } else {
            Err(Error::Bug("MPI called by another thread than the one that began it".into()))
        }
    }
}

/// A count for MPI, which is that of a part of at most [`MOST`] bytes.
fn number(count: usize) -> c_int {
    c_int::try_from(count).unwrap_or(c_int::MAX)
}

/// The result of a call. By default MPI ends all processes itself at an error.
fn well(code: c_int, call: &str) -> Result<()> {
    if code == 0 { Ok(()) } else { Err(Error::Device(format!("{call} failed with code {code}"))) }
}

impl Comm for World {
    fn share(&self) -> Share {
        self.share
    }

    fn exchange(&self, own: &[u8], counts: &[usize], all: &mut [u8]) -> Result<()> {
        self.check()?;
        let rounds = rounds(counts, MOST);
        let mut room = Vec::new();
        let is_one = rounds.len() == 1;
        for round in rounds {
            let lengths: Vec<c_int> = round.iter().map(|part| number(part.len())).collect();
            let starts: Vec<c_int> = lengths
                .iter()
                .scan(0, |end, length| {
                    *end += length;
                    Some(*end - length)
                })
                .collect();
            let part = &own[round[self.share.rank].clone()];
            let total: usize = round.iter().map(ExactSizeIterator::len).sum();
            let into = if is_one {
                &mut *all
            } else {
                room.resize(total, 0);
                &mut room[..]
            };
            if into.len() < total {
                return Err(Error::Bug("a gathering without room".into()));
            }
            let Interface { world, byte, .. } = self.interface;
            // SAFETY: see above; `into` has room for all parts.
            let code = unsafe {
                (self.gather)(
                    part.as_ptr().cast(),
                    number(part.len()),
                    byte,
                    into.as_mut_ptr().cast(),
                    lengths.as_ptr(),
                    starts.as_ptr(),
                    byte,
                    world,
                )
            };
            well(code, "MPI_Allgatherv")?;
            if !is_one {
                let (mut from, mut first) = (0, 0);
                for (part, count) in round.iter().zip(counts) {
                    all[first + part.start..first + part.end].copy_from_slice(&room[from..from + part.len()]);
                    (from, first) = (from + part.len(), first + count);
                }
            }
        }
        Ok(())
    }

    fn spread(&self, bytes: &mut [u8]) -> Result<()> {
        self.check()?;
        let Interface { world, byte, .. } = self.interface;
        for part in bytes.chunks_mut(MOST) {
            let count = number(part.len());
            // SAFETY: see above.
            let code = unsafe { (self.broadcast)(part.as_mut_ptr().cast(), count, byte, 0, world) };
            well(code, "MPI_Bcast")?;
        }
        Ok(())
    }

    fn meet(&self) -> Result<()> {
        self.check()?;
        // SAFETY: see above.
        well(unsafe { (self.barrier)(self.interface.world) }, "MPI_Barrier")
    }

    fn fail(&self) {
        // SAFETY: see above. It does not return.
        unsafe { (self.abort)(self.interface.world, 1) };
    }

    fn tear(&self) {
        self.is_torn.store(true, Relaxed);
    }

    fn leave(&self) {
        if self.is_torn.load(Relaxed) {
            self.fail();
        }
        // SAFETY: see above; nothing of MPI is called after it.
        unsafe { (self.finalize)() };
    }

    fn counters(&self) -> &Counters {
        &self.counters
    }
}
