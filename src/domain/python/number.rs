//! Python's numbers as text: `str(float)`, `int(text)`, `str.isdigit` (reference 15, 34).

use super::unicode14::{DECIMAL_ZEROS, DIGIT_NOT_DECIMAL, contains};

/// How many digits `int(text)` accepts (`sys.int_info.default_max_str_digits`).
pub const MAX_INT_DIGITS: usize = 4300;

/// The words of the `ValueError` that `int(text)` raises beyond [`MAX_INT_DIGITS`].
pub fn too_many_digits(digits: usize) -> String {
    format!(
        "Exceeds the limit ({MAX_INT_DIGITS} digits) for integer string conversion: value has {digits} digits; \
         use sys.set_int_max_str_digits() to increase the limit"
    )
}

/// `str(int)` of digits in a base up to 16; `None` for other characters, and where Python refuses to print so many.
pub fn int_str(digits: &str, radix: u32) -> Option<String> {
    const LIMB: u64 = 1_000_000_000;
    let digits = digits.trim_start_matches('0');
    if radix == 10 && digits.bytes().all(|byte| byte.is_ascii_digit()) {
        let text = if digits.is_empty() { "0" } else { digits };
        return (text.len() <= MAX_INT_DIGITS).then(|| text.to_owned());
    }
    // Of nine decimal digits each, the lowest first; the bound keeps the work small.
    let mut limbs: Vec<u64> = vec![0];
    for digit in digits.chars() {
        let mut carry = u64::from(digit.to_digit(radix)?);
        for limb in &mut limbs {
            let value = *limb * u64::from(radix) + carry;
            *limb = value % LIMB;
            carry = value / LIMB;
        }
        if carry > 0 {
            limbs.push(carry);
        }
        if limbs.len() > MAX_INT_DIGITS / 9 + 1 {
            return None;
        }
    }
    let (first, rest) = limbs.split_last()?;
    let text = rest
        .iter()
        .rev()
        .fold(first.to_string(), |text, limb| text + &format!("{limb:09}"));
    (text.len() <= MAX_INT_DIGITS).then_some(text)
}

/// `str(float)` = `repr(float)`: `1.0`, `1e+16`, `1e-05`, `inf`, `nan`, `-0.0`.
pub fn float_str(value: f64) -> String {
    if value.is_nan() {
        return "nan".to_owned();
    }
    let sign = if value.is_sign_negative() { "-" } else { "" };
    if value.is_infinite() {
        return format!("{sign}inf");
    }
    let scientific = shortest(value.abs());
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or_default();
    let digits = mantissa.replace('.', "");
    let (whole, fraction) = digits.split_at(1);
    match exponent {
        -4..0 => format!(
            "{sign}0.{:0>width$}",
            digits,
            width = digits.len() + leading_zeros(exponent)
        ),
        0..16 => {
            let point = usize::try_from(exponent).unwrap_or_default() + 1;
            let padded = format!("{digits:0<point$}");
            let (whole, fraction) = padded.split_at(point);
            format!(
                "{sign}{whole}.{}",
                if fraction.is_empty() { "0" } else { fraction }
            )
        }
        _ => {
            let point = if fraction.is_empty() { "" } else { "." };
            let exponent_sign = if exponent < 0 { '-' } else { '+' };
            format!(
                "{sign}{whole}{point}{fraction}e{exponent_sign}{:02}",
                exponent.unsigned_abs()
            )
        }
    }
}

/// The fewest digits that read back as the same float, in scientific notation. Where two such texts are equally near,
/// Rust's shortest form takes the upper and Python the even one, as Rust does for a given number of digits.
fn shortest(value: f64) -> String {
    let shortest = format!("{value:e}");
    let mantissa = shortest.split('e').next().unwrap_or_default();
    let decimals = mantissa.len().saturating_sub("1.".len());
    let nearest = format!("{value:.decimals$e}");
    if nearest.parse() == Ok(value) {
        nearest
    } else {
        shortest
    }
}

/// The zeros between the point and the first digit of a number below one.
fn leading_zeros(exponent: i32) -> usize {
    usize::try_from(-1 - exponent).unwrap_or_default()
}

/// `str.isdigit` for one code point.
pub fn is_digit(code_point: u32) -> bool {
    decimal_value(code_point).is_some() || contains(&DIGIT_NOT_DECIMAL, code_point)
}

/// What the code point is worth in `int(text)`: any decimal digit of Unicode 14 (`Nd`), whatever the script.
pub fn decimal_value(code_point: u32) -> Option<u8> {
    let next = DECIMAL_ZEROS.partition_point(|&zero| zero <= code_point);
    let zero = DECIMAL_ZEROS.get(next.checked_sub(1)?)?;
    u8::try_from(code_point - zero).ok().filter(|&value| value < 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lays_floats_out_as_python_does() {
        let cases = [
            (0.0, "0.0"),
            (-0.0, "-0.0"),
            (1.0, "1.0"),
            (1000.0, "1000.0"),
            (123.456, "123.456"),
            (1e15, "1000000000000000.0"),
            (9_999_999_999_999_998.0, "9999999999999998.0"),
            (1e16, "1e+16"),
            (1.5e16, "1.5e+16"),
            (0.0001, "0.0001"),
            (-0.000_123, "-0.000123"),
            (0.5, "0.5"),
            (1e-5, "1e-05"),
            (1.25e-7, "1.25e-07"),
            (1_050_144_821_719_759.3, "1050144821719759.2"), // is ...759.25: the even digit wins
            (5e-324, "5e-324"),
            (f64::MAX, "1.7976931348623157e+308"),
            (f64::NAN, "nan"),
            (f64::NEG_INFINITY, "-inf"),
        ];
        for (value, text) in cases {
            assert_eq!(float_str(value), text);
        }
    }

    #[test]
    fn prints_numbers_of_other_bases_in_decimal() {
        assert_eq!(int_str("0", 16).unwrap(), "0");
        assert_eq!(
            int_str("0000ffffffffffffffffffffffff", 16).unwrap(),
            "79228162514264337593543950335"
        );
        assert_eq!(int_str("11", 2).unwrap(), "3");
        // 16**3570 has 4299 digits, 16**3571 has 4300, 16**3572 has 4302.
        let power = |exponent| int_str(&format!("1{}", "0".repeat(exponent)), 16);
        assert_eq!(power(3571).unwrap().len(), MAX_INT_DIGITS);
        assert_eq!(power(3572), None);
    }

    #[test]
    fn knows_digits_of_all_scripts() {
        assert_eq!(decimal_value('3' as u32), Some(3));
        assert_eq!(decimal_value('٣' as u32), Some(3));
        assert_eq!(decimal_value('０' as u32), Some(0));
        assert_eq!(decimal_value(0x1D7FF), Some(9));
        assert_eq!(decimal_value('/' as u32), None);
        assert_eq!(decimal_value(':' as u32), None);
    }

    #[test]
    fn counts_128_digits_that_are_not_decimal() {
        let odd = (0..0x0011_0000)
            .filter(|&c| is_digit(c) && decimal_value(c).is_none())
            .collect::<Vec<_>>();
        assert_eq!(odd.len(), 128);
        assert!(odd.contains(&('²' as u32)));
        assert!(!is_digit('Ⅷ' as u32));
    }
}
