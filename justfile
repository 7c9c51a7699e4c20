# Lists the chores.
default:
    @just --list

# Translation and verification on the bundled app.
demo:
    cargo run --release -- demo

# What CI tests.
test:
    cargo test

# Formatting and lints, as CI checks them.
lint:
    cargo fmt --check
    cargo clippy --all-targets -- -D warnings

# Records the logs of the fixture apps anew: `just record`, `just record pid`.
record *apps:
    fixtures/apps/record.sh {{apps}}

# Rewrites golden/, three pages of docs/ and the demo's bundle: look at the diff afterwards.
bless:
    cargo test --test golden -- --ignored bless
    git status --short golden docs templates/demo
