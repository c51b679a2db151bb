//! How moments, lengths and places in a recording are written for people. Moments are UTC.

use crate::ports::clock::UnixMs;

/// `2026-11-23 06:08`.
pub(crate) fn date_and_time(moment: UnixMs) -> String {
    let (year, month, day) = moment.civil_date();
    let minutes = moment.0 / 60_000;
    format!("{year:04}-{month:02}-{day:02} {:02}:{:02}", minutes / 60 % 24, minutes % 60)
}

/// `12 min 5 s`.
pub(crate) fn length(ms: u64) -> String {
    let seconds = ms.saturating_add(500) / 1_000;
    match (seconds / 60, seconds % 60) {
        (0, seconds) => format!("{seconds} s"),
        (minutes, seconds) => format!("{minutes} min {seconds} s"),
    }
}

/// `1:05.3`, a place in the recording.
pub(crate) fn place(media_ms: u64) -> String {
    let tenths = media_ms / 100;
    format!("{}:{:02}.{}", tenths / 600, tenths / 10 % 60, tenths % 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_those_of_the_calendar() {
        for (seconds, expected) in [
            (0, "1970-01-01 00:00"),
            (951_782_399, "2000-02-28 23:59"),
            (951_782_400, "2000-02-29 00:00"),
            (1_795_414_080, "2026-11-23 06:08"),
            (4_107_542_399, "2100-02-28 23:59"),
            (4_107_542_400, "2100-03-01 00:00"),
        ] {
            assert_eq!(date_and_time(UnixMs(seconds * 1_000)), expected);
        }
    }

    #[test]
    fn lengths_and_places_read_as_on_a_clock() {
        assert_eq!((length(59_400), length(725_000)), ("59 s".into(), "12 min 5 s".into()));
        assert_eq!((place(0), place(65_349)), ("0:00.0".into(), "1:05.3".into()));
    }
}
