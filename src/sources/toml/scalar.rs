//! Numbers, booleans, dates and times of TOML as the Python objects that tomllib makes of them: their `str()`,
//! `repr()` and truth (reference 15; research/parsers.md T5, T7-T9).

use toml::de::{DeFloat, DeInteger};
use toml::value::{Date, Datetime, Offset, Time};

use crate::domain::node::{Scalar, ScalarKind, SyntaxErrorKind};
use crate::domain::python::number;

/// Why a scalar is refused.
pub(super) type Refusal = (SyntaxErrorKind, &'static str);

const TOO_MANY_DIGITS: Refusal = (
    SyntaxErrorKind::Syntax,
    "a number has more than 4300 digits, Python's limit",
);
/// Python reads a long hexadecimal number but raises `ValueError` as soon as it is printed.
const UNPRINTABLE: Refusal = (
    SyntaxErrorKind::NotModelled,
    "a hexadecimal, octal or binary number has more than 4300 decimal digits, which Python cannot print",
);
const NO_SECONDS: Refusal = (SyntaxErrorKind::Syntax, "a time has no seconds");
const NOT_A_DATE: Refusal = (SyntaxErrorKind::Syntax, "a date or time that does not exist");
const NOT_A_NUMBER: Refusal = (SyntaxErrorKind::Syntax, "a number that is not well formed");

/// `written` is the number as it stands in the file.
pub(super) fn integer(value: &DeInteger<'_>, written: &str) -> Result<Scalar, Refusal> {
    check_number(written)?;
    let too_long = if value.radix() == 10 {
        TOO_MANY_DIGITS
    } else {
        UNPRINTABLE
    };
    let signed = value.as_str();
    let digits = signed.strip_prefix(['+', '-']).unwrap_or(signed);
    let mut text = number::int_str(digits, value.radix()).ok_or(too_long)?;
    let truthy = text != "0";
    if truthy && signed.starts_with('-') {
        text.insert(0, '-');
    }
    Ok(Scalar::new(ScalarKind::Integer, text, truthy))
}

/// Whether the text is a number to the end: the crate leaves that to whoever converts it.
fn check_number(written: &str) -> Result<(), Refusal> {
    let digits = |text: &str, radix| {
        text.split('_')
            .all(|group| !group.is_empty() && group.chars().all(|c| c.is_digit(radix)))
    };
    let unsigned = |text: &str| digits(text.strip_prefix(['+', '-']).unwrap_or(text), 10);
    let well_formed = if let Some(text) = written.strip_prefix("0x") {
        digits(text, 16)
    } else if let Some(text) = written.strip_prefix("0o") {
        digits(text, 8)
    } else if let Some(text) = written.strip_prefix("0b") {
        digits(text, 2)
    } else {
        let number = written.strip_prefix(['+', '-']).unwrap_or(written);
        let (mantissa, exponent) = number.split_once(['e', 'E']).unwrap_or((number, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, "0"));
        let leading_zero = whole.len() > 1 && whole.starts_with('0');
        matches!(number, "inf" | "nan")
            || digits(whole, 10) && !leading_zero && digits(fraction, 10) && unsigned(exponent)
    };
    if well_formed { Ok(()) } else { Err(NOT_A_NUMBER) }
}

pub(super) fn float(value: &DeFloat<'_>, written: &str) -> Result<Scalar, Refusal> {
    check_number(written)?;
    let value: f64 = value.as_str().parse().map_err(|_| NOT_A_NUMBER)?;
    Ok(Scalar::new(
        ScalarKind::Float,
        number::float_str(value),
        value != 0.0,
    ))
}

pub(super) fn timestamp(value: &Datetime) -> Result<Scalar, Refusal> {
    let (str, repr) = match (value.date, value.time) {
        (Some(date), None) => (date_str(date)?, format!("datetime.date({})", date_fields(date))),
        (None, Some(time)) => (time_str(time)?, format!("datetime.time({})", time_fields(time))),
        (Some(date), Some(time)) => {
            let (offset, tzinfo) = value.offset.map(zone).unwrap_or_default();
            (
                format!("{} {}{offset}", date_str(date)?, time_str(time)?),
                format!(
                    "datetime.datetime({}, {}{tzinfo})",
                    date_fields(date),
                    time_fields(time)
                ),
            )
        }
        (None, None) => return Err(NOT_A_DATE),
    };
    Ok(Scalar {
        kind: ScalarKind::Timestamp,
        str: str.into(),
        repr: repr.into(),
        truthy: true,
    })
}

/// `str(datetime.date)`. The crate has checked month and day; Python's years start at 1.
fn date_str(date: Date) -> Result<String, Refusal> {
    if date.year == 0 {
        return Err(NOT_A_DATE);
    }
    Ok(format!("{:04}-{:02}-{:02}", date.year, date.month, date.day))
}

fn date_fields(date: Date) -> String {
    format!("{}, {}, {}", date.year, date.month, date.day)
}

/// `str(datetime.time)`. TOML 1.0 wants seconds, Python has no leap second.
fn time_str(time: Time) -> Result<String, Refusal> {
    let second = time.second.ok_or(NO_SECONDS)?;
    if second > 59 {
        return Err(NOT_A_DATE);
    }
    let text = format!("{:02}:{:02}:{second:02}", time.hour, time.minute);
    Ok(match microseconds(time) {
        0 => text,
        micros => format!("{text}.{micros:06}"),
    })
}

/// The arguments that Python's `repr` shows: trailing zero seconds and microseconds are left out.
fn time_fields(time: Time) -> String {
    let fields = format!("{}, {}", time.hour, time.minute);
    match (time.second.unwrap_or(0), microseconds(time)) {
        (0, 0) => fields,
        (second, 0) => format!("{fields}, {second}"),
        (second, micros) => format!("{fields}, {second}, {micros}"),
    }
}

/// tomllib truncates the fraction to six digits.
fn microseconds(time: Time) -> u32 {
    time.nanosecond.unwrap_or(0) / 1000
}

/// How `str()` and `repr()` of a datetime end for the offset.
fn zone(offset: Offset) -> (String, String) {
    const UTC: &str = ", tzinfo=datetime.timezone.utc";
    let minutes = match offset {
        Offset::Z => 0,
        Offset::Custom { minutes } => i32::from(minutes),
    };
    let sign = if minutes < 0 { '-' } else { '+' };
    let str = format!("{sign}{:02}:{:02}", minutes.abs() / 60, minutes.abs() % 60);
    if minutes == 0 {
        return (str, UTC.to_owned());
    }
    // `timedelta` keeps its seconds positive.
    let days = if minutes < 0 { "days=-1, " } else { "" };
    let seconds = minutes.rem_euclid(24 * 60) * 60;
    let delta = format!("datetime.timedelta({days}seconds={seconds})");
    (str, format!(", tzinfo=datetime.timezone({delta})"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_only_whole_numbers_of_toml() {
        for text in [
            "0",
            "-0",
            "+1_000",
            "0xdead_BEEF",
            "0b01",
            "1.0",
            "-1_0.0_1e+1_0",
            "6e-05",
            "nan",
            "-inf",
        ] {
            assert_eq!(check_number(text), Ok(()), "{text}");
        }
        for text in [
            "", "01", "0_1", "1_", "_1", "1_000x", "0x", "0x_1", "-0x1", "0b2", "1.", ".5", "1e", "infinity",
        ] {
            assert_eq!(check_number(text), Err(NOT_A_NUMBER), "{text:?}");
        }
    }

    #[test]
    fn prints_dates_and_times_as_python_does() {
        for (text, str, repr) in [
            (
                "1979-05-27T07:32:00Z",
                "1979-05-27 07:32:00+00:00",
                "datetime.datetime(1979, 5, 27, 7, 32, tzinfo=datetime.timezone.utc)",
            ),
            (
                "1979-05-27 00:32:05.9999999-07:30",
                "1979-05-27 00:32:05.999999-07:30",
                "datetime.datetime(1979, 5, 27, 0, 32, 5, 999999, \
                 tzinfo=datetime.timezone(datetime.timedelta(days=-1, seconds=59400)))",
            ),
            (
                "0001-01-01T00:00:00.5",
                "0001-01-01 00:00:00.500000",
                "datetime.datetime(1, 1, 1, 0, 0, 0, 500000)",
            ),
            ("1979-05-27", "1979-05-27", "datetime.date(1979, 5, 27)"),
            ("00:00:00", "00:00:00", "datetime.time(0, 0)"),
            ("07:32:01", "07:32:01", "datetime.time(7, 32, 1)"),
        ] {
            let scalar = timestamp(&text.parse().unwrap()).unwrap();
            assert_eq!((scalar.str, scalar.repr), (str.into(), repr.into()), "{text}");
            assert!(scalar.truthy, "{text}");
        }
    }
}
