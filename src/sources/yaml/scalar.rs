//! What ruamel.yaml constructs from a scalar, and what makes two keys equal in Python (reference 7, 10, 11;
//! research/parsers.md section 4, C1-C5 and C8-C10).

use granit_parser::ScalarStyle;
use jiff::civil::{Date, DateTime};

use super::compose::Tag;
use super::resolve::{Implicit, Version, resolve};
use super::timestamp;
use crate::domain::node::{Scalar, ScalarKind, SyntaxErrorKind, Value};
use crate::domain::python::number::{MAX_INT_DIGITS, float_str, int_str};
use crate::domain::python::{PyStr, repr};

/// The namespace of `!!`.
pub(super) const CORE: &str = "tag:yaml.org,2002:";

/// A hashable Python value up to equality: `1`, `1.0` and `True` are one key.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Key {
    Null,
    /// An integer, in decimal, or a float that equals one.
    Number(String),
    /// Any other float, by its bits.
    Float(u64),
    /// ruamel.yaml's one object for `.nan`.
    NotANumber,
    Text(PyStr),
    Bytes(Vec<u8>),
    Date(Date),
    Naive(DateTime),
    /// A time with a zone, in UTC.
    Aware(DateTime),
    Tuple(Vec<Key>),
    Map(Vec<(Key, Key)>),
    /// An object that equals only itself: the node's number.
    Itself(usize),
}

/// A scalar as written, masks undone.
pub(super) struct Written<'a> {
    pub id: usize,
    pub text: &'a PyStr,
    pub style: ScalarStyle,
    pub tag: Option<&'a Tag>,
    pub anchored: bool,
}

/// A scalar's type: its explicit tag, or what its text resolves to.
pub(super) enum Type<'a> {
    Implicit(Implicit),
    Explicit(&'a Tag),
}

/// Why a scalar cannot be constructed.
pub(super) type Refusal = (SyntaxErrorKind, &'static str);

type Constructed = Result<(Value, Key), Refusal>;

impl<'a> Written<'a> {
    /// The type. With the tag `!` even quoted text resolves as if it were plain.
    pub fn kind(&self, version: Version) -> Type<'a> {
        match self.tag {
            Some(tag) if tag.uri != "!" => Type::Explicit(tag),
            None if self.style != ScalarStyle::Plain => Type::Implicit(Implicit::Str),
            _ => Type::Implicit(
                self.text
                    .as_str()
                    .map_or(Implicit::Str, |text| resolve(text, version)),
            ),
        }
    }

    /// Constructs the value.
    pub fn construct(&self, version: Version) -> Constructed {
        if self.tag.is_some_and(|tag| tag.uri == "!") && !self.resolves_like_plain_text() {
            return Err((SyntaxErrorKind::NotModelled, "an unusual value with the tag `!`"));
        }
        let tag = match self.kind(version) {
            Type::Implicit(Implicit::Str) => return Ok(self.text()),
            Type::Implicit(Implicit::Bool) => "bool",
            Type::Implicit(Implicit::Int) => "int",
            Type::Implicit(Implicit::Float) => "float",
            Type::Implicit(Implicit::Null) => "null",
            Type::Implicit(Implicit::Timestamp) => "timestamp",
            Type::Implicit(Implicit::Merge) => return Ok(self.tagged("tag:yaml.org,2002:merge")),
            Type::Implicit(Implicit::Value) => return Ok(self.tagged("tag:yaml.org,2002:value")),
            Type::Explicit(tag) => match tag.uri.strip_prefix(CORE) {
                Some("str") if !tag.has_handle => return Ok(self.text()),
                Some("seq" | "map" | "set" | "omap" | "pairs") => {
                    return Err((SyntaxErrorKind::Syntax, "a scalar tagged as a collection"));
                }
                Some(name @ ("bool" | "int" | "float" | "null" | "timestamp" | "binary")) => name,
                _ => return Ok(self.tagged(&tag.uri)),
            },
        };
        if tag == "null" {
            return Ok((Value::Scalar(Scalar::none()), Key::Null));
        }
        let Some(text) = self.text.as_str() else {
            return Err((
                SyntaxErrorKind::NotModelled,
                "a lone surrogate in a tagged scalar",
            ));
        };
        match tag {
            "bool" => self.boolean(text),
            "int" => integer(text, version),
            "float" => self.float(text, version),
            "timestamp" => time(text),
            _ => binary(text),
        }
    }

    /// With the tag `!`, text that could not be plain can still match: before a final newline, or an indicator alone.
    fn resolves_like_plain_text(&self) -> bool {
        self.text
            .as_str()
            .is_some_and(|text| !text.ends_with('\n') && !matches!(text, "!" | "&" | "*"))
    }

    fn text(&self) -> (Value, Key) {
        (Value::Text(self.text.clone()), Key::Text(self.text.clone()))
    }

    /// ruamel.yaml's `TaggedScalar`: prints as its text, but is no `str`.
    fn tagged(&self, tag: &str) -> (Value, Key) {
        let style = match self.style {
            ScalarStyle::Plain => "None",
            ScalarStyle::SingleQuoted => "\"'\"",
            ScalarStyle::DoubleQuoted => "'\"'",
            ScalarStyle::Literal => "'|'",
            ScalarStyle::Folded => "'>'",
        };
        let mut shown = PyStr::from("TaggedScalar(value=");
        shown.push_py(&repr::repr_text(self.text));
        shown.push_str(&format!(", style={style}, tag=Tag("));
        shown.push_py(&repr::repr_text(&tag.into()));
        shown.push_str("))");
        let value = Value::Scalar(Scalar {
            kind: ScalarKind::Tagged,
            str: self.text.clone(),
            repr: shown,
            truthy: true,
        });
        (value, Key::Itself(self.id))
    }

    /// An anchored boolean is ruamel.yaml's `ScalarBoolean`, an `int`.
    fn boolean(&self, text: &str) -> Constructed {
        let truth = match text.to_lowercase().as_str() {
            "yes" | "y" | "true" | "on" => true,
            "no" | "n" | "false" | "off" => false,
            _ => return Err((SyntaxErrorKind::Syntax, "not a boolean")),
        };
        let shown = match (self.anchored, truth) {
            (true, true) => "1",
            (true, false) => "0",
            (false, true) => "True",
            (false, false) => "False",
        };
        let key = Key::Number(u8::from(truth).to_string());
        Ok((Value::Scalar(Scalar::new(ScalarKind::Boolean, shown, truth)), key))
    }

    fn float(&self, text: &str, version: Version) -> Constructed {
        let digits = text.replace('_', "").to_lowercase();
        let unsigned = digits.strip_prefix(['+', '-']).unwrap_or(&digits);
        let sign = if digits.starts_with('-') { -1.0 } else { 1.0 };
        let not_a_number = || Value::Scalar(Scalar::new(ScalarKind::Float, "nan", true));
        if unsigned == ".nan" {
            return Ok((not_a_number(), Key::NotANumber));
        }
        let magnitude = if matches!(unsigned, ".inf" | "inf" | "infinity") {
            f64::INFINITY
        } else if unsigned == "nan" {
            return Ok((not_a_number(), Key::Itself(self.id)));
        } else if version == Version::V1_1 && unsigned.contains(':') {
            sixties_float(unsigned)?
        } else if is_plain_float(unsigned) {
            unsigned
                .parse()
                .map_err(|_| (SyntaxErrorKind::NotModelled, "a float"))?
        } else if digits
            .bytes()
            .all(|byte| byte.is_ascii_alphabetic() || byte == b'.')
        {
            return Err((SyntaxErrorKind::Syntax, "not a float"));
        } else {
            return Err((
                SyntaxErrorKind::NotModelled,
                "a tagged float in an unusual notation",
            ));
        };
        let value: f64 = sign * magnitude;
        let key = if value.is_finite() && value.fract() == 0.0 {
            Key::Number(format!("{:.0}", if value == 0.0 { 0.0 } else { value }))
        } else {
            Key::Float(value.to_bits())
        };
        let scalar = Scalar::new(ScalarKind::Float, float_str(value), value != 0.0);
        Ok((Value::Scalar(scalar), key))
    }
}

/// `12`, `1.`, `.5`, `1.5e-3`.
fn is_plain_float(text: &str) -> bool {
    let (mantissa, exponent) = text.split_once('e').unwrap_or((text, "0"));
    let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    !exponent.is_empty()
        && all_digits(exponent)
        && all_digits(whole)
        && all_digits(fraction)
        && whole.len() + fraction.len() > 0
}

/// `1:30.5` of YAML 1.1.
fn sixties_float(text: &str) -> Result<f64, Refusal> {
    let groups: Vec<&str> = text.split(':').collect();
    if groups.len() > 8 || !groups.iter().all(|group| is_plain_float(group)) {
        return Err((SyntaxErrorKind::NotModelled, "a long sexagesimal number"));
    }
    let mut base = 1.0;
    let mut value = 0.0;
    for group in groups.iter().rev() {
        value += group.parse::<f64>().unwrap_or_default() * base;
        base *= 60.0;
    }
    Ok(value)
}

fn integer(text: &str, version: Version) -> Constructed {
    let unusual = (
        SyntaxErrorKind::NotModelled,
        "a tagged integer in an unusual notation",
    );
    let invalid = (SyntaxErrorKind::Syntax, "not an integer");
    let digits = text.replace('_', "");
    let unsigned = digits.strip_prefix(['+', '-']).unwrap_or(&digits);
    let (radix, unsigned) = match unsigned.as_bytes() {
        [b'0', b'b', ..] => (2, &unsigned[2..]),
        [b'0', b'x', ..] => (16, &unsigned[2..]),
        [b'0', b'o', ..] => (8, &unsigned[2..]),
        [b'0', _, ..] if version == Version::V1_1 => (8, unsigned),
        _ => (10, unsigned),
    };
    let mut shown = if unsigned.is_empty() {
        return Err(invalid);
    } else if unsigned.chars().all(|c| c.is_digit(radix)) {
        if radix == 10 && unsigned.len() > MAX_INT_DIGITS {
            return Err((SyntaxErrorKind::Syntax, "an integer of more than 4300 digits"));
        }
        int_str(unsigned, radix).ok_or((SyntaxErrorKind::NotModelled, "a very large integer"))?
    } else if version == Version::V1_1 && radix == 10 && unsigned.contains(':') {
        sixties_integer(unsigned).ok_or(unusual)?
    } else if radix == 10 && unsigned.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return Err(invalid);
    } else {
        return Err(unusual);
    };
    if digits.starts_with('-') && shown != "0" {
        shown.insert(0, '-');
    }
    let scalar = Scalar::new(ScalarKind::Integer, shown.as_str(), shown != "0");
    Ok((Value::Scalar(scalar), Key::Number(shown)))
}

/// `1:30` of YAML 1.1.
fn sixties_integer(text: &str) -> Option<String> {
    let mut value: i128 = 0;
    for group in text.split(':') {
        let is_number = !group.is_empty() && group.bytes().all(|byte| byte.is_ascii_digit());
        let group: i128 = is_number.then(|| group.parse().ok())??;
        value = value.checked_mul(60)?.checked_add(group)?;
    }
    Some(value.to_string())
}

fn time(text: &str) -> Constructed {
    // Python's `$` also matches before a final newline.
    let text = text.strip_suffix('\n').unwrap_or(text);
    let parts = timestamp::split(text).ok_or((SyntaxErrorKind::Syntax, "not a timestamp"))?;
    let (scalar, key) = timestamp::read(&parts).map_err(|message| (SyntaxErrorKind::Syntax, message))?;
    Ok((Value::Scalar(scalar), key))
}

fn binary(text: &str) -> Constructed {
    if !text.is_ascii() {
        return Err((SyntaxErrorKind::Syntax, "base64 data must be ASCII"));
    }
    let bytes = decode_base64(text.as_bytes()).ok_or((SyntaxErrorKind::Syntax, "not base64 data"))?;
    let scalar = Scalar::new(ScalarKind::Binary, repr::repr_bytes(&bytes), !bytes.is_empty());
    Ok((Value::Scalar(scalar), Key::Bytes(bytes)))
}

/// `binascii.a2b_base64`: characters outside the alphabet are skipped, complete padding ends the data.
fn decode_base64(text: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let mut left = 0_u32;
    let mut in_group = 0;
    let mut pads = 0;
    for &byte in text {
        if byte == b'=' {
            pads += 1;
            if in_group >= 2 && in_group + pads >= 4 {
                return Some(bytes);
            }
            continue;
        }
        let six = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => continue,
        };
        pads = 0;
        left = (left << 6 | u32::from(six)) & 0xFFFF;
        if in_group > 0 {
            let [.., low] = (left >> (6 - 2 * in_group)).to_be_bytes();
            bytes.push(low);
        }
        in_group = (in_group + 1) % 4;
    }
    (in_group == 0).then_some(bytes)
}
