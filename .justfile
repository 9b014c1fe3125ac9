# The commands that people need: `just NAME`.

# What there is.
default:
    @just --list

# The inspector on a bundled scene.
demo scene="spelling":
    cargo run --quiet -- demo --scene {{scene}}

# Format, lints, tests, docs: what a pull request has to pass.
check:
    cargo fmt --check
    cargo clippy --locked --all-targets -- -D warnings
    cargo test --locked
    RUSTDOCFLAGS="-D warnings" cargo doc --locked --no-deps --quiet

# One suite: `just test diagnosis`.
test suite:
    cargo test --test {{suite}}

# Take over the changed snapshots of a suite, once they were read.
snapshots suite="frames":
    INSTA_UPDATE=always cargo test --test {{suite}}

# All of it, with the real spec-kitty.
gate:
    .ci/run

# The documentation of the code.
doc:
    cargo doc --no-deps --open

# Third-party notices from today's lock file.
notices:
    python3 assets/notices.py > assets/THIRD-PARTY.md
