//! A file of test or validation ratings whose pairs are among the ratings to train on, too. Errors on such
//! pairs say how well a model remembers, not how well it predicts.

use super::event::{Observe, RunEvent};
use super::overlap::{Overlap, Shared, With};
use crate::ratings::Dataset;
use crate::{Error, Result};
use rayon::prelude::*;
use std::collections::HashSet;
use std::path::Path;

/// Finds the ratings of `data` whose pair is in `file`, and does with them what was chosen. `None` if there
/// are none.
///
/// # Errors
/// [`Error::Input`] if that was chosen, or if nothing is left to train on.
pub(super) fn settle(
    data: &mut Dataset,
    (file, setting, path): (&Dataset, &'static str, &Path),
    choice: Overlap,
    observe: &mut Observe,
) -> Result<Option<Shared>> {
    let (of, path) = (file.ratings.len() as u64, path.display());
    let Found { marks, ratings, first } = find(data, file)?;
    let Some((user, item)) = first else { return Ok(None) };
    match choice {
        Overlap::Error => {
            let text = String::from_utf8_lossy;
            let (user, item) = (text(data.users.id(user)), text(data.items.id(item)));
            return Err(Error::Input(format!(
                "{path}: {ratings} of its {of} ratings are of pairs that are trained on, the first of user `{user}` and \
                 item `{item}`; expected none; `test_overlap = drop` leaves these pairs out of training"
            )));
        }
        Overlap::Drop => {
            if marks.iter().all(|mark| *mark) {
                return Err(Error::Input(format!(
                    "{path}: every rating to train on is of a pair in it, so `test_overlap = drop` leaves nothing to \
                     train on; name other ratings"
                )));
            }
            drop(data.take(&marks)?);
        }
        Overlap::Keep => {}
    }
    let dropped = choice == Overlap::Drop;
    let shared = Shared { setting: setting.into(), of, ratings, with: With::Training, dropped };
    let _ = observe(&RunEvent::Shared { setting, shared: &shared });
    Ok(Some(shared))
}

/// Reports the validation ratings of a file whose pair is in the test: so the test has a part in deciding
/// when to stop.
pub(super) fn with_test(file: &Dataset, test: &Dataset, observe: &mut Observe) -> Result<Option<Shared>> {
    let Found { ratings, .. } = find(test, file)?;
    let of = file.ratings.len() as u64;
    let shared = Shared { setting: "valid".into(), of, ratings, with: With::Test, dropped: false };
    if ratings == 0 {
        return Ok(None);
    }
    let _ = observe(&RunEvent::Shared { setting: "valid", shared: &shared });
    Ok(Some(shared))
}

/// The ratings that two sets share.
struct Found {
    /// Marks those of the set to train on.
    marks: Vec<bool>,
    /// How many they are in the other set.
    ratings: u64,
    /// The first pair, in the numbers of the set to train on.
    first: Option<(u32, u32)>,
}

fn find(data: &Dataset, file: &Dataset) -> Result<Found> {
    let (measured, _) = file.among(&data.users, &data.items);
    let pair = |user: u32, item: u32| u64::from(user) << 32 | u64::from(item);
    let wanted: HashSet<u64> = measured.iter().map(|(user, item, _)| pair(user, item)).collect();
    let ratings = data.triples();
    let (mut marks, mut both, mut first) = (Vec::new(), HashSet::new(), None);
    if wanted.is_empty() {
        marks.resize(ratings.len(), false);
    } else {
        ratings.each(&mut |start, chunk| {
            let pairs = chunk.users.par_iter().zip(chunk.items);
            marks.par_extend(pairs.map(|(&user, &item)| wanted.contains(&pair(user, item))));
            let shared = chunk.iter().zip(&marks[start..]).filter(|(_, mark)| **mark);
            for ((user, item, _), _) in shared {
                first.get_or_insert((user, item));
                both.insert(pair(user, item));
            }
            Ok(())
        })?;
    }
    let count = measured.iter().filter(|(user, item, _)| both.contains(&pair(*user, *item))).count() as u64;
    Ok(Found { marks, ratings: count, first })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::ops::ControlFlow;

    fn set(rows: &[(&str, &str)]) -> Dataset {
        let mut data = Dataset::default();
        for (user, item) in rows {
            let (user, item) = (data.users.number(user.as_bytes()), data.items.number(item.as_bytes()));
            data.ratings.push(user, item, 3.0);
            data.times.push(i64::from(user));
        }
        data
    }

    #[test]
    fn pairs_are_found_by_their_ids() {
        let all = || set(&[("a", "x"), ("b", "x"), ("b", "y"), ("c", "y")]);
        let file = set(&[("c", "x"), ("b", "y"), ("new", "x"), ("a", "x"), ("a", "x")]);
        let settled = |choice, mut data: Dataset, file: &Dataset| {
            let mut events = 0;
            let shared = settle(&mut data, (file, "test", Path::new("t.csv")), choice, &mut |_| {
                events += 1;
                ControlFlow::Continue(())
            });
            (shared, data, events)
        };
        let expected =
            Shared { setting: "test".into(), of: 5, ratings: 3, with: With::Training, dropped: false };
        let (shared, data, events) = settled(Overlap::Keep, all(), &file);
        assert_eq!((shared.unwrap(), data.ratings.len(), events), (Some(expected.clone()), 4, 1));
        let (shared, data, events) = settled(Overlap::Drop, all(), &file);
        assert_eq!((shared.unwrap(), events), (Some(Shared { dropped: true, ..expected }), 1));
        assert_eq!(
            (data.ratings.users, data.ratings.items, data.times),
            (vec![1, 2], vec![0, 1], vec![1, 2])
        );
        let (error, _, events) = settled(Overlap::Error, all(), &file);
        let text = error.unwrap_err().to_string();
        assert!(
            text.contains("t.csv: 3 of its 5 ratings") && text.contains("user `a` and item `x`"),
            "{text}"
        );
        assert_eq!(events, 0);
        let mut events = 0;
        let mut observe = |_: &RunEvent| {
            events += 1;
            ControlFlow::Continue(())
        };
        let found = with_test(&file, &all(), &mut observe).unwrap().unwrap();
        assert_eq!((found.ratings, found.of, found.with), (3, 5, With::Test));
        assert_eq!(with_test(&set(&[("a", "y")]), &all(), &mut observe).unwrap(), None);
        assert_eq!(events, 1);
        let strangers = set(&[("a", "y"), ("c", "x")]);
        for choice in Overlap::ALL {
            let (shared, data, events) = settled(choice, all(), &strangers);
            assert_eq!((shared.unwrap(), data.ratings.len(), events), (None, 4, 0));
        }
        assert_eq!(settled(Overlap::Drop, all(), &all()).0.unwrap_err().exit_code(), 3);
    }
}
