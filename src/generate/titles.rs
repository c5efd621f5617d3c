//! Made-up film titles to go with the ratings, no two alike.

use super::GenerateOptions;
use crate::error::Result;
use crate::files::Sink;
use crate::math::philox::{Purpose, bits, key};

const ADJECTIVES: [&str; 40] = [
    "Amber",
    "Bitter",
    "Borrowed",
    "Broken",
    "Burning",
    "Crimson",
    "Crooked",
    "Distant",
    "Drowned",
    "Electric",
    "Empty",
    "Endless",
    "Fallen",
    "Forgotten",
    "Frozen",
    "Gilded",
    "Glass",
    "Golden",
    "Hidden",
    "Hollow",
    "Iron",
    "Last",
    "Lonely",
    "Lost",
    "Midnight",
    "Northern",
    "Paper",
    "Patient",
    "Quiet",
    "Restless",
    "Salt",
    "Second",
    "Secret",
    "Silent",
    "Silver",
    "Stolen",
    "Velvet",
    "Wandering",
    "Wild",
    "Winter",
];
const NOUNS: [&str; 48] = [
    "Accord",
    "Anchor",
    "Architect",
    "Atlas",
    "Bridge",
    "Carnival",
    "Cartographer",
    "Cathedral",
    "Circus",
    "Clockmaker",
    "Compass",
    "Covenant",
    "Detective",
    "Empire",
    "Engine",
    "Express",
    "Ferry",
    "Garden",
    "Harbor",
    "Harvest",
    "Heiress",
    "Horizon",
    "Hour",
    "Island",
    "Kingdom",
    "Lantern",
    "Letter",
    "Lighthouse",
    "Mirror",
    "Mountain",
    "Opera",
    "Orchard",
    "Passenger",
    "Promise",
    "River",
    "Road",
    "Season",
    "Shore",
    "Signal",
    "Sister",
    "Station",
    "Stranger",
    "Summer",
    "Symphony",
    "Theater",
    "Tower",
    "Valley",
    "Witness",
];
const PLACES: [&str; 24] = [
    "Alexandria",
    "Bergen",
    "Cadiz",
    "Dover",
    "Edinburgh",
    "Florence",
    "Geneva",
    "Havana",
    "Istanbul",
    "Jaipur",
    "Kyoto",
    "Lisbon",
    "Marseille",
    "Naples",
    "Odessa",
    "Palermo",
    "Quebec",
    "Riga",
    "Samarkand",
    "Trieste",
    "Utrecht",
    "Valparaiso",
    "Warsaw",
    "Zanzibar",
];
const FIRST_YEAR: u64 = 1931;
const YEARS: u64 = 93;
/// `The A N`, `A N`, `The N of P`, `The A N of P`: how many of each there are.
const PLAIN: u64 = ADJECTIVES.len() as u64 * NOUNS.len() as u64;
const OF_PLACE: u64 = NOUNS.len() as u64 * PLACES.len() as u64;
const PATTERNS: u64 = 2 * PLAIN + OF_PLACE + PLAIN * PLACES.len() as u64;
const TITLES: u64 = PATTERNS * YEARS;

/// Writes a csv file with the header `item,title` and a line an item of [`generate`](super::generate)'s
/// ratings, such as `17,The Glass Harbor (1994)`, and ends the sink. Options other than the items, the seed
/// and the form of ids are ignored.
///
/// # Errors
/// [`Error::Usage`](crate::Error::Usage) for options that make no sense,
/// [`Error::Write`](crate::Error::Write).
pub fn write_titles(options: &GenerateOptions, mut sink: Sink) -> Result<()> {
    options.check()?;
    let key = key(options.seed, Purpose::Planted);
    // Stepping by a number without a common divisor visits every title before one comes again.
    let first = bits(key, u64::MAX) % TITLES;
    let around = bits(key, u64::MAX - 1) % TITLES;
    let step = (around..around + TITLES).find(|&step| divisor(step, TITLES) == 1).unwrap_or(1);
    sink.put(b"item,title\n")?;
    let mut line = Vec::new();
    for item in 0..options.items {
        line.clear();
        options.push_id(&mut line, 'i', item);
        line.push(b',');
        let number = u64::from(item);
        let index = (u128::from(first) + u128::from(number) * u128::from(step)) % u128::from(TITLES);
        line.extend(title(index as u64, number / TITLES).bytes());
        line.push(b'\n');
        sink.put(&line)?;
    }
    sink.commit()
}

/// The `index`-th title; its sequels have numbers.
fn title(index: u64, sequel: u64) -> String {
    let (year, index) = (FIRST_YEAR + index % YEARS, index / YEARS);
    let word = |list: &[&'static str], at: u64| list[at as usize % list.len()];
    let (adjectives, nouns) = (ADJECTIVES.len() as u64, NOUNS.len() as u64);
    let pair = |at: u64| format!("{} {}", word(&ADJECTIVES, at), word(&NOUNS, at / adjectives));
    let name = if index < PLAIN {
        format!("The {}", pair(index))
    } else if index < 2 * PLAIN {
        pair(index - PLAIN)
    } else if index < 2 * PLAIN + OF_PLACE {
        let at = index - 2 * PLAIN;
        format!("The {} of {}", word(&NOUNS, at), word(&PLACES, at / nouns))
    } else {
        let at = index - 2 * PLAIN - OF_PLACE;
        format!("The {} of {}", pair(at % PLAIN), word(&PLACES, at / PLAIN))
    };
    if sequel == 0 { format!("{name} ({year})") } else { format!("{name} {} ({year})", sequel + 1) }
}

fn divisor(left: u64, right: u64) -> u64 {
    if right == 0 { left } else { divisor(right, left % right) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_title_comes_twice() {
        // Years aside, since they are independent of the name.
        let names: std::collections::HashSet<String> =
            (0..PATTERNS).map(|name| title(name * YEARS, 0)).collect();
        assert_eq!(names.len() as u64, PATTERNS);
        assert_ne!(title(7, 0), title(7, 1));
        assert_ne!(title(7, 0), title(8, 0));
    }
}
