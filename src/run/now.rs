//! The current time, in the format of records.

use jiff::tz::TimeZone;
use jiff::{Timestamp, ZonedDateTime};
use std::time::SystemTime;

/// Local time with its offset.
pub fn now() -> String {
    time_of_record(&clock())
}

/// A time as it is written in records.
pub fn time_of_record(time: &ZonedDateTime) -> String {
    time.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
}

/// The clock of the system, in local time. A clock that is wrong by thousands of years gives the nearest time that
/// can be written.
pub fn clock() -> ZonedDateTime {
    nearest(SystemTime::now()).to_zoned_datetime(TimeZone::system())
}

fn nearest(time: SystemTime) -> Timestamp {
    let end = if time < SystemTime::UNIX_EPOCH { Timestamp::MIN } else { Timestamp::MAX };
    Timestamp::try_from(time).unwrap_or(end)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_clock_may_be_wrong_by_any_number_of_years() {
        let year = Duration::from_secs(365 * 24 * 3600);
        let epoch = SystemTime::UNIX_EPOCH;
        for (time, expected) in [
            (epoch, 1970),
            (epoch + 60 * year, 2029),
            (epoch + 20_000 * year, 9999),
            (epoch + 200_000_000 * year, 9999),
            (epoch - 60 * year, 1910),
            (epoch - 20_000 * year, -9999),
        ] {
            for zone in [
                TimeZone::UTC,
                TimeZone::fixed(jiff::tz::Offset::MAX),
                TimeZone::fixed(jiff::tz::Offset::MIN),
            ] {
                let time = nearest(time).to_zoned_datetime(zone);
                // Another zone may be in the year before or after.
                assert!((i32::from(time.year()) - expected).abs() <= 1, "{time}");
                assert!(time_of_record(&time).contains('T'));
            }
        }
    }
}
