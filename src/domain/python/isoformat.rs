//! `datetime.fromisoformat(text).isoformat()` as CPython 3.11 does it (reference 3.7).
//!
//! Follows the C parser, oddities included: it works on UTF-8 bytes, and reads a NUL behind the end.

use std::fmt::Write as _;

use super::PyStr;

/// The normalised date and time, or `None` where Python raises `ValueError` (then null is published).
pub fn normalise(text: &PyStr) -> Option<String> {
    text.code_points().nth(6)?; // No date has fewer than seven characters.
    let replaced = with_plain_separator(text);
    let bytes = replaced.as_ref().unwrap_or(text).as_str()?.as_bytes();
    let separator = separator_position(bytes)?;
    let date = Date::parse(bytes, separator)?;
    let (time, offset) = match bytes.get(separator) {
        Some(&lead) => parse_time(&bytes[separator..], utf8_len(lead))?,
        None => (Time::default(), None),
    };
    write(date, time, offset)
}

/// A surrogate is allowed as the separator and nowhere else: Python puts a `T` where the first one may stand.
fn with_plain_separator(text: &PyStr) -> Option<PyStr> {
    let possible = [7, 8, 10];
    let place = possible.into_iter().find(|&place| {
        let code_point = text.code_points().nth(place);
        code_point.is_some_and(|c| (0xD800..0xE000).contains(&c))
    })?;
    let plain = |(index, code_point)| {
        if index == place {
            u32::from(b'T')
        } else {
            code_point
        }
    };
    Some(text.code_points().enumerate().map(plain).collect())
}

/// Length of a character by its first byte.
fn utf8_len(lead: u8) -> usize {
    match lead {
        0..0x80 => 1,
        0x80..0xE0 => 2,
        0xE0..0xF0 => 3,
        0xF0.. => 4,
    }
}

fn at(bytes: &[u8], index: usize) -> u8 {
    bytes.get(index).copied().unwrap_or(0)
}

/// `length` digits at `*place`, which moves behind them.
fn digits(bytes: &[u8], place: &mut usize, length: usize) -> Option<u32> {
    let mut value = 0;
    for &byte in bytes.get(*place..*place + length)? {
        value = value * 10 + u32::from(byte.is_ascii_digit().then(|| byte - b'0')?);
    }
    *place += length;
    Some(value)
}

/// Where the date ends, guessed before it is parsed.
fn separator_position(bytes: &[u8]) -> Option<usize> {
    let length = bytes.len();
    if length == 7 {
        return Some(7);
    }
    if bytes[4] == b'-' {
        if bytes[5] != b'W' {
            return Some(10);
        }
        if length > 8 && bytes[8] == b'-' {
            // YYYY-Www-D, unless the dash separates YYYY-Www from a time with an hour.
            return match length {
                9 => None,
                _ if at(bytes, 10).is_ascii_digit() => Some(8),
                _ => Some(10),
            };
        }
        return Some(8);
    }
    if bytes[4] == b'W' {
        let end = (7..length)
            .find(|&i| !bytes[i].is_ascii_digit())
            .unwrap_or(length);
        return match end {
            ..9 => Some(end),
            _ if end % 2 == 0 => Some(7),
            _ => Some(8),
        };
    }
    Some(8)
}

#[derive(Clone, Copy)]
struct Date {
    year: u32,
    month: u32,
    day: u32,
}

impl Date {
    fn parse(bytes: &[u8], end: usize) -> Option<Self> {
        let mut place = 0;
        let year = digits(bytes, &mut place, 4)?;
        let dashed = at(bytes, place) == b'-';
        let dash = |place: &mut usize| {
            let found = dashed && at(bytes, *place) == b'-';
            *place += usize::from(found);
            found == dashed
        };
        dash(&mut place).then_some(())?;
        if at(bytes, place) == b'W' {
            place += 1;
            let week = digits(bytes, &mut place, 2)?;
            let mut day = 1;
            if place < end {
                dash(&mut place).then_some(())?;
                day = digits(bytes, &mut place, 1)?;
            }
            return Self::from_week(year, week, day);
        }
        let month = digits(bytes, &mut place, 2)?;
        dash(&mut place).then_some(())?;
        let day = digits(bytes, &mut place, 2)?;
        Self { year, month, day }.checked()
    }

    fn checked(self) -> Option<Self> {
        let valid = (1..=9999).contains(&self.year)
            && (1..=12).contains(&self.month)
            && (1..=days_in_month(self.year, self.month)).contains(&self.day);
        valid.then_some(self)
    }

    /// `date.fromisocalendar`.
    fn from_week(year: u32, week: u32, day: u32) -> Option<Self> {
        if !(1..=9999).contains(&year) || !(1..=7).contains(&day) {
            return None;
        }
        // Days since a Monday; 0001-01-01 is one.
        let first = days_before_year(year) % 7;
        let long_year = first == 3 || (first == 2 && is_leap(year));
        if !(1..=if long_year { 53 } else { 52 }).contains(&week) {
            return None;
        }
        let monday_of_week_one =
            i64::from(days_before_year(year)) - i64::from(first) + if first > 3 { 7 } else { 0 };
        let days = monday_of_week_one + i64::from((week - 1) * 7 + day - 1);
        Self::from_days(u32::try_from(days).ok()?)
    }

    /// The date so many days after 0001-01-01.
    fn from_days(days: u32) -> Option<Self> {
        let mut year = days / 366 + 1;
        while days_before_year(year + 1) <= days {
            year += 1;
        }
        let mut rest = days - days_before_year(year);
        let mut month = 1;
        while rest >= days_in_month(year, month) {
            rest -= days_in_month(year, month);
            month += 1;
        }
        let day = rest + 1;
        Self { year, month, day }.checked()
    }
}

fn is_leap(year: u32) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

fn days_before_year(year: u32) -> u32 {
    let past = year - 1;
    past * 365 + past / 4 - past / 100 + past / 400
}

fn days_in_month(year: u32, month: u32) -> u32 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// A time of day, or the size of an offset from UTC.
#[derive(Clone, Copy, Default)]
struct Time {
    hour: u32,
    minute: u32,
    second: u32,
    microsecond: u32,
}

struct Offset {
    negative: bool,
    size: Time,
}

/// The time behind a separator of `start` bytes, with its offset.
fn parse_time(bytes: &[u8], start: usize) -> Option<(Time, Option<Offset>)> {
    let end = bytes.len();
    let zone = (start..end)
        .find(|&i| matches!(bytes[i], b'+' | b'-' | b'Z'))
        .unwrap_or(end);
    let (time, leftover) = parse_clock(bytes, start, zone)?;
    if zone == end {
        return (!leftover).then_some((time, None));
    }
    let mut offset = Offset {
        negative: bytes[zone] == b'-',
        size: Time::default(),
    };
    if bytes[zone] == b'Z' {
        return (at(bytes, zone + 1) == 0).then_some((time, Some(offset)));
    }
    let (size, leftover) = parse_clock(bytes, zone + 1, end)?;
    offset.size = size;
    (!leftover).then_some((time, Some(offset)))
}

/// `HH[:MM[:SS[.ffffff]]]` or the same without colons, between two places; with it, whether the next byte, which the
/// parser steps over, is anything but the end.
fn parse_clock(bytes: &[u8], start: usize, end: usize) -> Option<(Time, bool)> {
    let mut place = start;
    let mut values = [0; 3];
    let mut colons = true;
    for index in 0..3 {
        values[index] = digits(bytes, &mut place, 2)?;
        let next = at(bytes, place);
        place += 1;
        if index == 0 {
            colons = next == b':';
        }
        if place >= end {
            return Some((clock(values, 0), next != 0));
        }
        match next {
            b':' if colons => {}
            b'.' | b',' => break,
            _ if colons => return None,
            _ => place -= 1,
        }
    }
    let length = (end - place).min(6);
    let fraction = digits(bytes, &mut place, length)?;
    let microsecond = (length..6).fold(fraction, |value, _| value * 10);
    while at(bytes, place).is_ascii_digit() {
        place += 1;
    }
    Some((clock(values, microsecond), at(bytes, place) != 0))
}

fn clock([hour, minute, second]: [u32; 3], microsecond: u32) -> Time {
    Time {
        hour,
        minute,
        second,
        microsecond,
    }
}

/// `datetime(...).isoformat()`, with the constructor's checks.
fn write(date: Date, time: Time, offset: Option<Offset>) -> Option<String> {
    if time.hour > 23 || time.minute > 59 || time.second > 59 {
        return None;
    }
    let Date { year, month, day } = date;
    let mut text = format!("{year:04}-{month:02}-{day:02}T");
    let Time {
        hour, minute, second, ..
    } = time;
    let _ = write!(text, "{hour:02}:{minute:02}:{second:02}");
    write_microsecond(time.microsecond, &mut text);
    if let Some(offset) = offset {
        write_offset(&offset, &mut text)?;
    }
    Some(text)
}

/// `+HH:MM[:SS[.ffffff]]` of an offset below 24 hours. One without whole seconds is UTC, whatever its fraction.
fn write_offset(offset: &Offset, text: &mut String) -> Option<()> {
    let Time {
        hour,
        minute,
        second,
        microsecond,
    } = offset.size;
    let seconds = hour * 3600 + minute * 60 + second;
    if seconds >= 24 * 3600 {
        return None;
    }
    if seconds == 0 {
        text.push_str("+00:00");
        return Some(());
    }
    let sign = if offset.negative { '-' } else { '+' };
    let _ = write!(text, "{sign}{:02}:{:02}", seconds / 3600, seconds / 60 % 60);
    if seconds % 60 != 0 || microsecond != 0 {
        let _ = write!(text, ":{:02}", seconds % 60);
    }
    write_microsecond(microsecond, text);
    Some(())
}

fn write_microsecond(microsecond: u32, text: &mut String) {
    if microsecond != 0 {
        let _ = write!(text, ".{microsecond:06}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn allows_a_surrogate_as_separator_alone() {
        let around = |before: &str, after: &str| -> PyStr {
            let code_points = |text: &str| text.chars().map(|c| c as u32).collect::<Vec<_>>();
            [code_points(before), vec![0xD800], code_points(after)]
                .concat()
                .into_iter()
                .collect()
        };
        let noon = Some("2026-03-10T12:00:00".to_owned());
        assert_eq!(normalise(&around("2026-03-10", "12:00")), noon);
        assert_eq!(normalise(&around("20260310", "12")), noon);
        assert_eq!(normalise(&around("2026-03-10T12:00", "")), None);
    }

    #[test]
    fn counts_weeks_as_iso_does() {
        let cases = [
            ("2020-W53-7", Some("2021-01-03T00:00:00")),
            ("2021-W53-1", None),
            ("2026-W01-1", Some("2025-12-29T00:00:00")),
            ("0001-W01-1", Some("0001-01-01T00:00:00")),
            ("9999-W52-7", None),
            ("2026-W10-0", None),
        ];
        for (text, normal) in cases {
            assert_eq!(normalise(&text.into()).as_deref(), normal, "{text}");
        }
    }
}
