//! Merges several ratings of one item by one user where the ratings are on disk. The users are cut into ranges whose
//! ratings fit memory. Of each range the changes are found, as in memory, and written down in the order of the ratings;
//! then the ratings are written once more with the changes made. Nothing is written again where nothing changes.

use super::find::{Repeats, find};
use super::{endless, twice, words};
use crate::Result;
use crate::files::Scratch;
use crate::input::gather::Gathered;
use crate::input::options::Duplicates;
use crate::ratings::{Chunk, Ratings, is_rating};
use crate::store::{OnDisk, Room, Spill};
use std::ops::Range;

/// Bytes of memory that a rating of a range takes while duplicates are looked for.
const BYTES: usize = 72;
/// The words of a rating in a range: its position, user, item, value and time.
const RECORD: usize = 7;
/// The words of a change: the position of its rating, what happens to it, and its new value and time.
const CHANGE: usize = 6;
/// Words that are gathered before they are written, or read at once.
const BUFFER: usize = CHANGE * RECORD * 1024;
/// Bytes of a word.
const WORD: u64 = size_of::<u32>() as u64;

/// A range of users.
struct Users {
    first: u32,
    count: usize,
    ratings: usize,
}

/// A list of words on disk.
struct List<'a> {
    file: &'a Scratch,
    /// The first word.
    at: u64,
    /// The words that were written, or are left to read.
    words: u64,
    buffer: Vec<u32>,
    /// The next word of the buffer, when it is read.
    next: usize,
}

impl<'a> List<'a> {
    fn new(file: &'a Scratch, at: u64) -> Self {
        Self { file, at, words: 0, buffer: Vec::new(), next: 0 }
    }

    fn push<const N: usize>(&mut self, words: [u32; N], most: usize) -> Result<()> {
        self.buffer.extend(words);
        if self.buffer.len() + N > most { self.flush() } else { Ok(()) }
    }

    fn flush(&mut self) -> Result<()> {
        self.file.write_at(bytemuck::cast_slice(&self.buffer), (self.at + self.words) * WORD)?;
        self.words += self.buffer.len() as u64;
        self.buffer.clear();
        Ok(())
    }

    /// The next change; `None` at the end.
    fn peek(&mut self) -> Result<Option<[u32; CHANGE]>> {
        if self.next == self.buffer.len() {
            let words = self.words.min(BUFFER as u64) as usize;
            self.buffer.resize(words, 0);
            self.file.read_at(bytemuck::cast_slice_mut(&mut self.buffer), self.at * WORD)?;
            (self.at, self.words, self.next) = (self.at + words as u64, self.words - words as u64, 0);
        }
        let change = self.buffer.get(self.next..self.next + CHANGE);
        Ok(change.and_then(|change| change.try_into().ok()))
    }
}

fn halves(number: u64) -> [u32; 2] {
    [number as u32, (number >> 32) as u32]
}

fn whole(low: u32, high: u32) -> u64 {
    u64::from(low) | u64::from(high) << 32
}

/// The ratings of a range of users, with their positions. Users are numbered from the first of the range.
#[derive(Default)]
struct Part {
    ratings: Ratings,
    times: Vec<i64>,
    places: Vec<u64>,
}

/// Merges duplicates as asked and counts them. The ratings come with times if `timed`.
pub(in crate::input) fn merge_on_disk(
    gathered: &mut Gathered,
    how: Duplicates,
    (body, timed): (OnDisk, bool),
    room: &Room,
) -> Result<OnDisk> {
    let size = body.size();
    let (ranges, sorted) = ranges(&body, room)?;
    let (file, changes) = (Scratch::create(&room.directory)?, Scratch::create(&room.directory)?);
    let dealt =
        if sorted || ranges.len() == 1 { None } else { Some(deal(&body, &ranges, timed, (&file, room))?) };
    let (mut lists, mut start, mut gone) = (Vec::new(), 0, 0);
    let mut second: Option<(u64, u64, (u32, u32))> = None;
    for (n, users) in ranges.iter().enumerate() {
        let part = match &dealt {
            Some(ends) => dealt_part(&file, ends[n]..ends[n + 1], users.first)?,
            None => part_of(&body, start..start + users.ratings, users.first, (timed, room))?,
        };
        start += users.ratings;
        let found = find((&part.ratings, &part.times), (users.count, size.items), how);
        let pair =
            |row: u32| (part.ratings.users[row as usize] + users.first, part.ratings.items[row as usize]);
        for change in found.iter().flat_map(|found| &found.changes) {
            let [first, later] = [change.first, change.second].map(|row| part.places[row as usize]);
            if how != Duplicates::Error && !is_rating(change.value) {
                return Err(endless(gathered, pair(change.first), change.value));
            }
            if second.is_none_or(|(other, ..)| later < other) {
                second = Some((later, first, pair(change.first)));
            }
        }
        let before = lists.last().map_or(0, |list: &List| list.at + list.words);
        lists.push(write_changes(&found, &part, List::new(&changes, before), &mut gone)?);
    }
    if how == Duplicates::Error {
        return match second {
            Some((second, first, pair)) => Err(twice(gathered, pair, (first as usize, second as usize))),
            None => Ok(body),
        };
    }
    gathered.report.duplicates = gone;
    if gone > 0 {
        gathered.report.merged = words(how, timed, gathered.bad_time.as_deref());
    }
    let ones = how == Duplicates::Count && gathered.report.feedback != crate::ratings::Feedback::Pairs;
    if gone == 0 && !ones {
        return Ok(body);
    }
    rewritten(&body, (&ranges, lists), (timed, ones), room)
}

/// Cuts the users into ranges, and says whether the ratings are sorted by user.
fn ranges(body: &OnDisk, room: &Room) -> Result<(Vec<Users>, bool)> {
    let most = (room.bytes / BYTES).max(1);
    let mut counts = vec![0_u32; body.size().users];
    let (mut sorted, mut last) = (true, 0);
    body.each(0..body.len(), room.bytes, &mut |_, chunk| {
        for &user in chunk.users {
            counts[user as usize] += 1;
            sorted &= user >= last;
            last = user;
        }
        Ok(())
    })?;
    let mut ranges = vec![Users { first: 0, count: 0, ratings: 0 }];
    for (user, &count) in (0..).zip(&counts) {
        let fits = |range: &&mut Users| range.ratings == 0 || range.ratings + count as usize <= most;
        if let Some(range) = ranges.last_mut().filter(fits) {
            range.count += 1;
            range.ratings += count as usize;
            continue;
        }
        ranges.push(Users { first: user, count: 1, ratings: count as usize });
    }
    Ok((ranges, sorted))
}

/// Writes the ratings of each range together. Returns where each begins, and the end of the last one, in words.
fn deal(body: &OnDisk, ranges: &[Users], timed: bool, (file, room): (&Scratch, &Room)) -> Result<Vec<u64>> {
    let mut ends = vec![0];
    for users in ranges {
        ends.push(ends[ends.len() - 1] + (users.ratings * RECORD) as u64);
    }
    let most = (room.bytes / 8 / ranges.len() / size_of::<u32>()).clamp(RECORD * 128, BUFFER);
    let mut lists: Vec<List> = ends[..ranges.len()].iter().map(|&at| List::new(file, at)).collect();
    body.each(0..body.len(), room.bytes, &mut |first, chunk| {
        for (n, (user, item, value)) in chunk.iter().enumerate() {
            let [low, high] = halves((first + n) as u64);
            let time = chunk.times.get(n).copied().filter(|_| timed).unwrap_or(0);
            let [early, late] = halves(time.cast_unsigned());
            lists[of_user(ranges, user)].push([low, high, user, item, value.to_bits(), early, late], most)?;
        }
        Ok(())
    })?;
    lists.iter_mut().try_for_each(List::flush)?;
    Ok(ends)
}

/// The range of a user.
fn of_user(ranges: &[Users], user: u32) -> usize {
    ranges.partition_point(|range| range.first <= user) - 1
}

/// The ratings of a range that were written together.
fn dealt_part(file: &Scratch, words: Range<u64>, first: u32) -> Result<Part> {
    let mut records = vec![0_u32; (words.end - words.start) as usize];
    file.read_at(bytemuck::cast_slice_mut(&mut records), words.start * WORD)?;
    let mut part = Part::default();
    for record in records.chunks_exact(RECORD) {
        part.ratings.push(record[2] - first, record[3], f32::from_bits(record[4]));
        part.places.push(whole(record[0], record[1]));
        part.times.push(whole(record[5], record[6]).cast_signed());
    }
    Ok(part)
}

/// The ratings of a range that lie together.
fn part_of(body: &OnDisk, places: Range<usize>, first: u32, (timed, room): (bool, &Room)) -> Result<Part> {
    let mut part = Part::default();
    body.each(places, room.bytes, &mut |start, chunk| {
        for (n, (user, item, value)) in chunk.iter().enumerate() {
            part.ratings.push(user - first, item, value);
            part.places.push((start + n) as u64);
        }
        if timed {
            part.times.extend_from_slice(chunk.times);
        }
        Ok(())
    })?;
    Ok(part)
}

/// Writes down what happens to the ratings of a range, in their order.
fn write_changes<'a>(found: &[Repeats], part: &Part, mut list: List<'a>, gone: &mut u64) -> Result<List<'a>> {
    let mut changes: Vec<(u64, [u32; CHANGE])> = Vec::new();
    let mut add = |row: u32, stays: bool, value: f32, time: i64| {
        let place = part.places[row as usize];
        let ([low, high], [early, late]) = (halves(place), halves(time.cast_unsigned()));
        changes.push((place, [low, high, u32::from(stays), value.to_bits(), early, late]));
    };
    for Repeats { changes, gone: removed } in found {
        for change in changes {
            let time = part.times.get(change.last as usize).copied().unwrap_or(0);
            add(change.first, true, change.value, time);
        }
        *gone += removed.len() as u64;
        removed.iter().for_each(|&row| add(row, false, 0.0, 0));
    }
    changes.sort_unstable_by_key(|(place, _)| *place);
    changes.into_iter().try_for_each(|(_, change)| list.push(change, BUFFER))?;
    list.flush()?;
    Ok(List { buffer: Vec::new(), ..list })
}

/// The ratings with all changes made; with `ones`, every other value is 1.
fn rewritten(
    body: &OnDisk,
    (ranges, mut lists): (&[Users], Vec<List>),
    (timed, ones): (bool, bool),
    room: &Room,
) -> Result<OnDisk> {
    let mut new = Spill::create(&room.directory, timed)?;
    let (mut kept, mut times) = (Ratings::default(), Vec::new());
    body.each(0..body.len(), room.bytes, &mut |first, chunk| {
        kept.clear();
        times.clear();
        for (n, (user, item, value)) in chunk.iter().enumerate() {
            let mut rating = (if ones { 1.0 } else { value }, chunk.times.get(n).copied().unwrap_or(0));
            let list = &mut lists[of_user(ranges, user)];
            let change = list.peek()?.filter(|change| whole(change[0], change[1]) == (first + n) as u64);
            if let Some([_, _, stays, value, early, late]) = change {
                list.next += CHANGE;
                if stays == 0 {
                    continue;
                }
                rating = (f32::from_bits(value), whole(early, late).cast_signed());
            }
            kept.push(user, item, rating.0);
            times.push(rating.1);
        }
        new.add(Chunk { times: if timed { &times } else { &[] }, ..kept.chunk() })
    })?;
    new.finish(body.size())
}
