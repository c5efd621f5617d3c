//! Ranks that are threads of one process.

use super::{Comm, Common, Counters, Share};
use crate::{Error, Result};
use std::fmt;
use std::sync::{Arc, Condvar, Mutex, PoisonError, RwLock};

/// The text of the error of a rank that waits for one that has failed.
const ENDED: &str = "another rank has ended";

/// Where the threads meet.
struct Room {
    meeting: Mutex<Meeting>,
    changed: Condvar,
    /// What rank 0 has made for all.
    common: Mutex<Option<Common>>,
    /// What each rank shows to the others, between two meetings.
    tables: Vec<RwLock<Vec<u8>>>,
}

#[derive(Debug, Default)]
struct Meeting {
    /// How many have come.
    here: usize,
    /// How many meetings there were.
    number: u64,
    has_failed: bool,
}

/// One of the threads.
pub struct Member {
    room: Arc<Room>,
    rank: usize,
    counters: Counters,
}

impl fmt::Debug for Member {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Member").field("share", &self.share()).finish_non_exhaustive()
    }
}

/// Ranks for so many threads.
pub fn threads(size: usize) -> Vec<Arc<Member>> {
    let tables = (0..size).map(|_| RwLock::default()).collect();
    let room = Arc::new(Room {
        meeting: Mutex::default(),
        changed: Condvar::new(),
        common: Mutex::default(),
        tables,
    });
    let member = |rank| Arc::new(Member { room: Arc::clone(&room), rank, counters: Counters::default() });
    (0..size).map(member).collect()
}

impl Comm for Member {
    fn share(&self) -> Share {
        Share { rank: self.rank, size: self.room.tables.len() }
    }

    fn exchange(&self, own: &[u8], counts: &[usize], all: &mut [u8]) -> Result<()> {
        self.show(self.rank, own);
        self.meet()?;
        let mut rest = all;
        for (table, &count) in self.room.tables.iter().zip(counts) {
            let (part, behind) = rest.split_at_mut(count);
            let table = table.read().unwrap_or_else(PoisonError::into_inner);
            if table.len() != count {
                return Err(Error::Bug("ranks that gather different things".into()));
            }
            part.copy_from_slice(&table);
            rest = behind;
        }
        self.meet()
    }

    fn spread(&self, bytes: &mut [u8]) -> Result<()> {
        if self.rank == 0 {
            self.show(0, bytes);
        }
        self.meet()?;
        if self.rank > 0 {
            let table = self.room.tables[0].read().unwrap_or_else(PoisonError::into_inner);
            if table.len() != bytes.len() {
                return Err(Error::Bug("ranks that speak of different things".into()));
            }
            bytes.copy_from_slice(&table);
        }
        self.meet()
    }

    fn meet(&self) -> Result<()> {
        let ended = || Error::Bug(ENDED.into());
        let mut meeting = self.room.meeting.lock().unwrap_or_else(PoisonError::into_inner);
        if meeting.has_failed {
            return Err(ended());
        }
        meeting.here += 1;
        let number = meeting.number;
        if meeting.here == self.room.tables.len() {
            (meeting.here, meeting.number) = (0, number + 1);
            self.room.changed.notify_all();
            return Ok(());
        }
        let waits = |meeting: &mut Meeting| meeting.number == number && !meeting.has_failed;
        let meeting = self.room.changed.wait_while(meeting, waits).unwrap_or_else(PoisonError::into_inner);
        if meeting.number == number { Err(ended()) } else { Ok(()) }
    }

    fn once(&self, make: &mut dyn FnMut() -> Common) -> Result<Common> {
        let common = || self.room.common.lock().unwrap_or_else(PoisonError::into_inner);
        if self.rank == 0 {
            let made = make();
            *common() = Some(made);
        }
        self.meet()?;
        let made = common().clone().ok_or_else(|| Error::Bug("nothing in common".into()))?;
        self.meet()?;
        if self.rank == 0 {
            *common() = None;
        }
        Ok(made)
    }

    fn fail(&self) {
        self.room.meeting.lock().unwrap_or_else(PoisonError::into_inner).has_failed = true;
        self.room.changed.notify_all();
    }

    fn counters(&self) -> &Counters {
        &self.counters
    }
}

impl Member {
    fn show(&self, rank: usize, bytes: &[u8]) {
        let mut table = self.room.tables[rank].write().unwrap_or_else(PoisonError::into_inner);
        table.clear();
        table.extend_from_slice(bytes);
    }
}

/// Tells the others that a rank has failed, also by a panic, unless it is released before.
#[derive(Debug)]
pub struct Guard<'a>(Option<&'a dyn Comm>);

impl<'a> Guard<'a> {
    /// Watches over a rank.
    pub fn new(comm: &'a dyn Comm) -> Self {
        Self(Some(comm))
    }

    /// Ends the watch. The others go on if all is `well`.
    pub fn release_if(mut self, well: bool) {
        if well {
            self.0 = None;
        }
    }
}

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        if let Some(comm) = self.0 {
            comm.fail();
        }
    }
}

/// Whether an error says no more than that another rank has failed.
pub fn is_echo(error: &Error) -> bool {
    matches!(error, Error::Bug(what) if what == ENDED)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::comm::{as_rank_0, bytes_of_rank_0, gather, gather_numbers};

    /// Runs as one rank of several, each on a thread.
    fn together<T: Send>(size: usize, run: impl Fn(&dyn Comm) -> T + Sync) -> Vec<T> {
        let members = threads(size);
        std::thread::scope(|scope| {
            let run = &run;
            let all: Vec<_> = members.iter().map(|member| scope.spawn(move || run(&**member))).collect();
            all.into_iter().map(|thread| thread.join().unwrap()).collect()
        })
    }

    #[test]
    fn all_have_what_each_had() {
        for size in [1, 2, 5] {
            let all = together(size, |comm| {
                let rank = comm.share().rank;
                let own = vec![rank as u8; rank + 1];
                let counts: Vec<usize> = (1..=size).collect();
                for _ in 0..50 {
                    let all = gather(comm, &own, &counts).unwrap();
                    assert!(
                        (0..size).all(|rank| all.iter().filter(|&&n| n as usize == rank).count() == rank + 1)
                    );
                }
                let numbers = gather_numbers(comm, &vec![rank as f64 / 2.0; size - rank]).unwrap();
                let said = as_rank_0(comm, || {
                    assert_eq!(rank, 0);
                    true
                });
                let own = if rank == 0 { b"hello".to_vec() } else { Vec::new() };
                (numbers, said.unwrap(), bytes_of_rank_0(comm, own).unwrap(), comm.counters().traffic())
            });
            for (rank, (numbers, said, bytes, traffic)) in all.iter().enumerate() {
                assert_eq!(numbers.len(), size * (size + 1) / 2);
                assert!(numbers.is_sorted() && *said && bytes == b"hello");
                let [given, of] = [50 * (rank + 1) + 8 + 8 * (size - rank), 50 * size * (size + 1) / 2];
                let of = of + 8 * size + 8 * size * (size + 1) / 2;
                assert_eq!(traffic.bytes_given, given as u64);
                assert_eq!(traffic.bytes_received, (of - given) as u64);
                assert_eq!(traffic.gatherings, 52);
            }
        }
    }

    /// Nobody waits for a rank that has failed, whether it was waiting already or comes later.
    #[test]
    fn a_failure_ends_all() {
        let ended = together(4, |comm| {
            let _guard = (comm.share().rank == 2).then(|| Guard::new(comm));
            if comm.share().rank == 2 {
                std::thread::sleep(std::time::Duration::from_millis(20));
                return true;
            }
            comm.meet().is_err() && comm.spread(&mut [0]).is_err()
        });
        assert_eq!(ended, [true; 4]);
    }
}
