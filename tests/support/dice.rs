//! Seeded choices, how many of them, and what was reached, for the figures of `assets/reliability.md`.

use std::fmt::Display;
use std::hash::{DefaultHasher, Hash, Hasher};

/// A stream of numbers that its seed decides (splitmix64).
#[derive(Clone)]
pub struct Dice(u64);

impl Dice {
    /// The stream of a test; says how to have it again.
    pub fn of(test: &str) -> Self {
        let seed = seed();
        println!("{test}: CATSEYE_SEED={seed}");
        Self::at(seed, test, 0)
    }

    /// The stream of one case of a test.
    pub fn at(seed: u64, test: &str, case: u64) -> Self {
        let mut hasher = DefaultHasher::new();
        (seed, test, case).hash(&mut hasher);
        Self(hasher.finish())
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`, which is not 0.
    pub fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % u64::try_from(end).unwrap()).unwrap()
    }

    pub fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }

    pub fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    pub fn byte(&mut self) -> u8 {
        self.next().to_le_bytes()[0]
    }
}

/// The seed of this run.
pub fn seed() -> u64 {
    std::env::var("CATSEYE_SEED").map_or(20_261_127, |seed| seed.parse().unwrap())
}

/// How many: on every submission, or what `CATSEYE_RELIABILITY` asks for: `full`, or `/8` for an eighth of that.
pub fn how_many(quick: usize, full: usize) -> usize {
    let Ok(wanted) = std::env::var("CATSEYE_RELIABILITY") else {
        return quick;
    };
    // Anything else fails the test.
    let part = wanted
        .strip_prefix('/')
        .map_or((wanted == "full").then_some(1), |part| part.parse().ok());
    full.div_ceil(part.unwrap()).max(quick)
}

/// A line of what was reached, which `tests/reliability/full.py` looks for.
pub fn figure(name: &str, told: impl Display) {
    println!("figure {name}: {told}; seed {}", seed());
}
