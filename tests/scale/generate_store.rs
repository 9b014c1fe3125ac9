//! Makes a project with a store of any size: `cargo run --release --example generate_store -- DIR ISSUES [--wal]
//! [--bad-every N]`.
#![expect(
    clippy::unwrap_used,
    reason = "a tool for tests: it may stop at the first trouble"
)]

mod recipe;

use std::env;
use std::path::Path;

use recipe::Recipe;

const USAGE: &str = "generate_store DIR ISSUES [--wal] [--bad-every N]";

fn main() {
    let mut words = env::args().skip(1);
    let (Some(folder), Some(issues)) = (words.next(), words.next().and_then(|word| word.parse().ok())) else {
        eprintln!("{USAGE}");
        return;
    };
    let mut recipe = Recipe {
        issues,
        bad_every: 0,
        wal: false,
    };
    while let Some(word) = words.next() {
        match word.as_str() {
            "--wal" => recipe.wal = true,
            "--bad-every" => {
                let number = words.next().and_then(|word| word.parse().ok());
                recipe.bad_every = number.unwrap_or_default();
            }
            _ => {
                eprintln!("{USAGE}");
                return;
            }
        }
    }
    let made = recipe::make(Path::new(&folder), recipe);
    println!(
        "{}\n{}\n{}",
        made.project.display(),
        made.user_home.display(),
        made.store.display()
    );
}
