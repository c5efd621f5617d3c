//! What is doubtful about ratings that were read: values that stand apart from all others, values that 32 bits do
//! not tell apart, ids that all begin with a blank.

use super::gather::Gathered;
use super::options::ReadOptions;
use super::value::field::show;
use crate::error::{Error, Result};
use crate::human::thousands;
use crate::ratings::{Counter, Dataset, Feedback, Level, Scale, Triples};

/// The part of the range of all ratings that rounding may take.
const ROUNDED: f64 = 1e-3;
/// Values at an end of the scale that are looked at, of which the farthest may be beyond a gap.
const ENDS: usize = 16;
/// A gap of so many deviations of the values before it sets those beyond apart.
const FAR: f64 = 20.0;
/// Fewer ratings do not show what is usual.
const FEWEST: usize = 20;
/// Values that programs write where there is no rating.
const USUAL: [f32; 7] = [-1.0, 0.0, 9.0, 99.0, -9.0, -99.0, 999.0];

/// Adds to the report what is doubtful.
///
/// # Errors
/// If ratings that differ are equal as numbers of 32 bits.
pub(super) fn look(gathered: &mut Gathered, options: &ReadOptions) -> Result<()> {
    let Dataset { users, items, feedback, .. } = &gathered.dataset;
    let ratings = gathered.dataset.triples();
    let mut doubts = Vec::new();
    for (side, ids) in [("user", users), ("item", items)] {
        let all = |suits: fn(&[u8]) -> bool| {
            ids.len() > 1 && (0..ids.len() as u32).all(|number| suits(ids.id(number)))
        };
        for (does, suits) in
            [("begin", (|id| id.starts_with(b" ")) as fn(&[u8]) -> bool), ("end", |id| id.ends_with(b" "))]
        {
            if all(suits) {
                doubts.push(format!(
                    "all {side} ids {does} with a blank, such as `{}`; it is part of them wherever they are named",
                    show(ids.id(0))
                ));
            }
        }
    }
    if *feedback == Feedback::Ratings {
        let scale = Scale::over(ratings)?;
        let (low, high) = (scale.low, scale.high);
        if gathered.rounded > ROUNDED * (f64::from(high) - f64::from(low)) {
            return Err(Error::Input(format!(
                "found ratings about {high} that differ by less than numbers of 32 bits tell apart (up to {} is lost); \
                 subtract a number near their mean from all of them first",
                gathered.rounded
            )));
        }
        if ratings.len() >= FEWEST {
            doubts.extend(outliers(&gathered.dataset, scale)?);
            if options.missing.is_empty() {
                doubts.extend(stands_for_none(&gathered.dataset)?);
            }
        }
        if users.len() == ratings.len() && ratings.len() >= FEWEST && options.user_column.is_none() {
            doubts.push(format!(
                "each of the {} users has one rating; is the column of users one of row numbers? `input.user_column` names \
                 another",
                thousands(users.len() as u64)
            ));
        }
    }
    gathered.report.doubts.extend(doubts);
    Ok(())
}

/// The few ratings beyond a gap of many deviations.
fn outliers(data: &Dataset, Scale { mean, deviation, .. }: Scale) -> Result<Option<String>> {
    let ratings = data.triples();
    let all = ratings.len() as f64;
    let square = deviation * deviation + mean * mean;
    let ends = [farthest(ratings, 1.0)?, farthest(ratings, -1.0)?];
    Ok([1.0, -1.0].into_iter().zip(ends).find_map(|(sign, end)| {
        (1..end.len()).find_map(|count| {
            // Without these, the others have this mean and this deviation.
            let apart = &end[..count];
            let left = all - count as f64;
            let gone: f64 = apart.iter().map(|&(value, _)| f64::from(value) * sign).sum();
            let squares: f64 = apart.iter().map(|&(value, _)| f64::from(value).powi(2)).sum();
            let own = (mean * all - gone) / left;
            let deviation = ((square * all - squares) / left - own * own).max(0.0).sqrt();
            let gap = f64::from(apart[count - 1].0) - f64::from(end[count].0);
            // The next rating itself must be usual.
            let usual = (f64::from(end[count].0) * sign - own).abs() <= FAR * deviation;
            if !(gap > FAR * deviation && usual && deviation > 0.0) {
                return None;
            }
            let (value, (user, item)) = apart[0];
            let (user, item) = (data.users.id(user), data.items.id(item));
            let others = if count > 1 { format!(" and {} more", count - 1) } else { String::new() };
            Some(format!(
                "the rating {} of item `{}` by user `{}`{others} is {:.0} deviations away from all others (mean {own:.4}, \
                 deviation {deviation:.4}); `input.missing = {}` leaves it out",
                f64::from(value) * sign,
                show(item),
                show(user),
                (f64::from(value) * sign - own).abs() / deviation,
                f64::from(value) * sign
            ))
        })
    }))
}

/// The largest values times a sign, falling, with their users and items.
fn farthest(ratings: &dyn Triples, sign: f32) -> Result<Vec<(f32, (u32, u32))>> {
    let mut end: Vec<(f32, (u32, u32))> = Vec::with_capacity(ENDS + 1);
    ratings.each(&mut |_, chunk| {
        for (row, value) in chunk.values.iter().enumerate() {
            let value = value * sign;
            if end.len() < ENDS || value > end[end.len() - 1].0 {
                let at = end.partition_point(|&(other, _)| other >= value);
                end.insert(at, (value, (chunk.users[row], chunk.items[row])));
                end.truncate(ENDS);
            }
        }
        Ok(())
    })?;
    Ok(end)
}

/// A level at an end of a scale of few that stands apart from the others, by its distance or its number.
fn stands_for_none(data: &Dataset) -> Result<Option<String>> {
    let mut found = Counter::default();
    data.triples().each(&mut |_, chunk| {
        found.add(chunk.values);
        Ok(())
    })?;
    Ok(found
        .levels()
        .filter(|levels| levels.len() > 3)
        .and_then(|levels| apart(&levels, data.triples().len())))
}

fn apart(levels: &[Level], ratings: usize) -> Option<String> {
    let steps: Vec<f64> =
        levels.windows(2).map(|pair| f64::from(pair[1].value) - f64::from(pair[0].value)).collect();
    let last = steps.len() - 1;
    let widest = |steps: &[f64]| steps.iter().copied().fold(0.0, f64::max);
    let ends = [
        (&levels[0], &levels[1], steps[0], widest(&steps[1..])),
        (&levels[last + 1], &levels[last], steps[last], widest(&steps[..last])),
    ];
    ends.into_iter().find_map(|(end, next, step, others)| {
        let usual = USUAL.contains(&end.value);
        let part = 100.0 * end.ratings as f64 / ratings as f64;
        let far = step >= 1.5 * others && (usual || step > 5.0 * others);
        let many = usual && end.value <= 0.0 && part >= 20.0 && end.ratings >= 3 * next.ratings;
        (far && part >= 0.5 || many).then(|| {
            format!(
                "the rating {} stands apart from the others ({part:.1} % of all); if it stands for no rating, \
                 `input.missing = {}` leaves it out",
                end.value, end.value
            )
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dataset(values: &[f32]) -> Dataset {
        Dataset::from_triples(values.iter().enumerate().map(|(n, &value)| (n as u32 % 7, n as u32, value)))
            .unwrap()
    }

    fn none(values: &[f32]) -> Option<String> {
        stands_for_none(&dataset(values)).unwrap()
    }

    fn apart(values: &[f32]) -> Option<String> {
        let data = dataset(values);
        outliers(&data, Scale::of(&data.ratings)).unwrap()
    }

    fn spread(levels: &[f32], count: usize) -> Vec<f32> {
        (0..count).map(|n| levels[n * 7 % levels.len()]).collect()
    }

    #[test]
    fn ratings_far_from_all_others() {
        let usual = spread(&[1.0, 2.0, 3.0, 4.0, 5.0], 200);
        assert_eq!(apart(&usual), None);
        for far in [&[1e6][..], &[-500.0], &[1e6, 1e6, 2e6]] {
            let found = apart(&[&usual[..], far].concat()).unwrap();
            assert!(found.contains("deviations away"), "{found}");
        }
        // The long tail of plays has no such gap.
        let tail: Vec<f32> = (1..=300).map(|rank| (100_000.0 / rank as f32).floor()).collect();
        assert_eq!(apart(&tail), None);
        assert_eq!(apart(&[3.0; 30]), None);
    }

    #[test]
    fn levels_that_stand_for_none() {
        let mut scale = spread(&[1.0, 2.0, 3.0, 4.0, 5.0], 200);
        assert_eq!(none(&scale), None);
        scale.extend([99.0; 5]);
        assert!(none(&scale).unwrap().contains("rating 99 stands"));
        let minus = [spread(&[2.0, 4.0, 6.0, 8.0, 10.0], 200), vec![-1.0; 40]].concat();
        assert!(none(&minus).unwrap().contains("rating -1 stands"));
        let zeros = [spread(&[2.0, 4.0, 6.0, 8.0, 10.0], 100), vec![0.0; 150]].concat();
        assert!(none(&zeros).unwrap().contains("rating 0 stands"));
        let halves = spread(&[0.0, 0.5, 1.0, 1.5, 2.0, 2.5, 3.0], 210);
        assert_eq!(none(&halves), None);
    }
}
