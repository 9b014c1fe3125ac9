//! Python's numbers as text: `str(float)`, `int(text)`, `str.isdigit` (reference 15, 34).

/// `str(float)` = `repr(float)`: `1.0`, `1e+16`, `1e-05`, `inf`, `nan`, `-0.0`.
pub fn float_str(value: f64) -> String {
    value.to_string()
}
