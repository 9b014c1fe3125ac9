//! The `catseye` binary.

fn main() {}
