//! `json.loads` as CPython 3.11 does it (reference 23).
