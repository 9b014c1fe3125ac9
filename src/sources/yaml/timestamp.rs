//! Dates and times as ruamel.yaml constructs them from text, and how Python prints them (reference 6, 10, 11).

use std::fmt::Write as _;

use jiff::civil::{Date, DateTime, Time};
use jiff::{SignedDuration, Span as Period};

use super::scalar::Key;
use crate::domain::node::{Scalar, ScalarKind};

/// The pieces of a timestamp's text.
#[derive(Debug, PartialEq)]
pub(super) struct Parts<'a> {
    date: [&'a str; 3],
    pub time: Option<TimeParts<'a>>,
}

/// The time of day and its zone.
#[derive(Debug, PartialEq)]
pub(super) struct TimeParts<'a> {
    /// Written with `T` or `t` before it: Python then prints `T`.
    with_t: bool,
    clock: [&'a str; 3],
    fraction: &'a str,
    zone: Option<Zone<'a>>,
}

/// A zone as written; Python keeps its text as the zone's name.
#[derive(Debug, PartialEq)]
struct Zone<'a> {
    text: &'a str,
    hours: &'a str,
    minutes: &'a str,
}

/// Splits text by ruamel.yaml's `timestamp_regexp`: `yyyy-m?m-d?d`, then perhaps a time.
pub(super) fn split(text: &str) -> Option<Parts<'_>> {
    let (year, rest) = digits(text, 4..=4)?;
    let (month, rest) = digits(rest.strip_prefix('-')?, 1..=2)?;
    let (day, rest) = digits(rest.strip_prefix('-')?, 1..=2)?;
    let time = if rest.is_empty() {
        None
    } else {
        Some(split_time(rest)?)
    };
    Some(Parts {
        date: [year, month, day],
        time,
    })
}

fn split_time(text: &str) -> Option<TimeParts<'_>> {
    let after_t = text.strip_prefix(['T', 't']);
    let rest = after_t.or_else(|| text.starts_with([' ', '\t']).then(|| skip_blanks(text)))?;
    let (hour, rest) = digits(rest, 1..=2)?;
    let (minute, rest) = digits(rest.strip_prefix(':')?, 2..=2)?;
    let (second, rest) = digits(rest.strip_prefix(':')?, 2..=2)?;
    let (fraction, rest) = match rest.strip_prefix('.') {
        Some(rest) => rest.split_at(rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len()),
        None => ("", rest),
    };
    let zone = if rest.is_empty() {
        None
    } else {
        Some(split_zone(skip_blanks(rest))?)
    };
    Some(TimeParts {
        with_t: after_t.is_some(),
        clock: [hour, minute, second],
        fraction,
        zone,
    })
}

fn split_zone(text: &str) -> Option<Zone<'_>> {
    let (hours, minutes) = if text == "Z" {
        ("", "")
    } else {
        let (hours, rest) = digits(text.strip_prefix(['+', '-'])?, 1..=2)?;
        match rest.strip_prefix(':') {
            Some(rest) => match digits(rest, 2..=2)? {
                (minutes, "") => (hours, minutes),
                _ => return None,
            },
            None if rest.is_empty() => (hours, ""),
            None => return None,
        }
    };
    Some(Zone { text, hours, minutes })
}

/// As many digits as there are, if that is one of `count`.
fn digits(text: &str, count: std::ops::RangeInclusive<usize>) -> Option<(&str, &str)> {
    let length = text.bytes().take_while(u8::is_ascii_digit).count();
    count.contains(&length).then(|| text.split_at(length))
}

fn skip_blanks(text: &str) -> &str {
    text.trim_start_matches([' ', '\t'])
}

/// Reads a timestamp; the error says which part is out of range.
pub(super) fn read(parts: &Parts<'_>) -> Result<(Scalar, Key), &'static str> {
    let [year, month, day] = parts.date.map(number);
    if year == 0 {
        return Err("year 0 is out of range");
    }
    let date = Date::new(year, narrow(month), narrow(day)).map_err(|_| {
        if (1..=12).contains(&month) {
            "day is out of range for month"
        } else {
            "month must be in 1..12"
        }
    })?;
    let Some(time) = &parts.time else {
        let scalar = scalar(date.to_string(), format!("datetime.date({year}, {month}, {day})"));
        return Ok((scalar, Key::Date(date)));
    };
    let moment = moment(date, time)?;
    let offset = time.zone.as_ref().map(offset_seconds).transpose()?;
    let key = match offset {
        None => Key::Naive(moment),
        Some(seconds) => Key::Aware(
            moment
                .checked_sub(SignedDuration::from_secs(seconds))
                .map_err(|_| "date value out of range")?,
        ),
    };
    Ok((
        scalar(
            iso_text(moment, time.with_t, offset),
            repr_text(moment, time, offset),
        ),
        key,
    ))
}

/// The local date and time; a fraction of more than six digits is rounded by its seventh.
fn moment(date: Date, time: &TimeParts<'_>) -> Result<DateTime, &'static str> {
    let [hour, minute, second] = time.clock.map(number);
    if hour > 23 {
        return Err("hour must be in 0..23");
    }
    if minute > 59 {
        return Err("minute must be in 0..59");
    }
    if second > 59 {
        return Err("second must be in 0..59");
    }
    let kept = &time.fraction[..time.fraction.len().min(6)];
    let mut micros: i32 = format!("{kept:0<6}").parse().unwrap_or_default();
    if time.fraction.as_bytes().get(6).is_some_and(|&digit| digit > b'4') {
        micros += 1;
    }
    let clock = Time::new(
        narrow(hour),
        narrow(minute),
        narrow(second),
        micros % 1_000_000 * 1000,
    )
    .map_err(|_| "time out of range")?;
    date.to_datetime(clock)
        .checked_add(Period::new().seconds(i64::from(micros / 1_000_000)))
        .map_err(|_| "date value out of range")
}

fn offset_seconds(zone: &Zone<'_>) -> Result<i64, &'static str> {
    let seconds = i64::from(number(zone.hours)) * 3600 + i64::from(number(zone.minutes)) * 60;
    if seconds >= 24 * 3600 {
        return Err("offset must be strictly between -24 and 24 hours");
    }
    Ok(if zone.text.starts_with('-') {
        -seconds
    } else {
        seconds
    })
}

/// `isoformat` with the separator as written.
fn iso_text(moment: DateTime, with_t: bool, offset: Option<i64>) -> String {
    let separator = if with_t { 'T' } else { ' ' };
    let mut text = format!("{}{separator}{}", moment.date(), moment.strftime("%H:%M:%S"));
    let micros = moment.subsec_nanosecond() / 1000;
    if micros != 0 {
        let _ = write!(text, ".{micros:06}");
    }
    if let Some(seconds) = offset {
        let sign = if seconds < 0 { '-' } else { '+' };
        let minutes = seconds.abs() / 60;
        let _ = write!(text, "{sign}{:02}:{:02}", minutes / 60, minutes % 60);
    }
    text
}

/// `repr`: ruamel.yaml's own class unless the text has neither `T` nor a numeric offset.
fn repr_text(moment: DateTime, time: &TimeParts<'_>, offset: Option<i64>) -> String {
    let own_class = time.with_t || time.zone.as_ref().is_some_and(|zone| zone.text != "Z");
    let class = if own_class {
        "TimeStamp"
    } else {
        "datetime.datetime"
    };
    let mut fields = vec![
        i32::from(moment.year()),
        i32::from(moment.month()),
        i32::from(moment.day()),
        i32::from(moment.hour()),
        i32::from(moment.minute()),
    ];
    let second = i32::from(moment.second());
    let micros = moment.subsec_nanosecond() / 1000;
    if second != 0 || micros != 0 {
        fields.push(second);
    }
    if micros != 0 {
        fields.push(micros);
    }
    let fields: Vec<String> = fields.iter().map(ToString::to_string).collect();
    let mut text = format!("{class}({}", fields.join(", "));
    if let (Some(seconds), Some(zone)) = (offset, &time.zone) {
        let delta = match seconds {
            0 => "0".to_owned(),
            1.. => format!("seconds={seconds}"),
            _ => format!("days=-1, seconds={}", 24 * 3600 + seconds),
        };
        let name = zone.text;
        let _ = write!(
            text,
            ", tzinfo=datetime.timezone(datetime.timedelta({delta}), '{name}')"
        );
    }
    text + ")"
}

fn scalar(str: String, repr: String) -> Scalar {
    Scalar {
        kind: ScalarKind::Timestamp,
        str: str.into(),
        repr: repr.into(),
        truthy: true,
    }
}

/// At most four digits; none means zero.
fn number(digits: &str) -> i16 {
    digits.parse().unwrap_or_default()
}

/// At most two digits fit.
fn narrow(number: i16) -> i8 {
    i8::try_from(number).unwrap_or(i8::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_text(text: &str) -> Result<(String, String), &'static str> {
        let (scalar, _) = read(&split(text).unwrap())?;
        Ok((scalar.str.to_display(), scalar.repr.to_display()))
    }

    #[test]
    fn prints_as_python_does() {
        for (text, str, repr) in [
            ("2001-12-14", "2001-12-14", "datetime.date(2001, 12, 14)"),
            (
                "2001-12-14 1:00:00",
                "2001-12-14 01:00:00",
                "datetime.datetime(2001, 12, 14, 1, 0)",
            ),
            (
                "2001-12-14T1:00:00-05:30",
                "2001-12-14T01:00:00-05:30",
                "TimeStamp(2001, 12, 14, 1, 0, tzinfo=datetime.timezone(datetime.timedelta(days=-1, \
                 seconds=66600), '-05:30'))",
            ),
            (
                "2001-12-14 1:00:00Z",
                "2001-12-14 01:00:00+00:00",
                "datetime.datetime(2001, 12, 14, 1, 0, tzinfo=datetime.timezone(datetime.timedelta(0), 'Z'))",
            ),
            (
                "2001-12-14t1:00:00.9999999Z",
                "2001-12-14T01:00:01+00:00",
                "TimeStamp(2001, 12, 14, 1, 0, 1, tzinfo=datetime.timezone(datetime.timedelta(0), 'Z'))",
            ),
            (
                "2001-12-14 1:00:00.5 +5",
                "2001-12-14 01:00:00.500000+05:00",
                "TimeStamp(2001, 12, 14, 1, 0, 0, 500000, \
                 tzinfo=datetime.timezone(datetime.timedelta(seconds=18000), '+5'))",
            ),
        ] {
            assert_eq!(read_text(text), Ok((str.to_owned(), repr.to_owned())), "{text}");
        }
    }

    #[test]
    fn rejects_what_python_cannot_hold() {
        for text in [
            "2001-13-45",
            "2026-02-30",
            "0000-01-01",
            "2026-01-01T25:00:00",
            "2026-01-01T00:00:00+99:00",
            "9999-12-31 23:59:59.9999999",
            "2001-12-14 1:00:00 +23:60",
        ] {
            assert!(read_text(text).is_err(), "{text}");
        }
    }
}
