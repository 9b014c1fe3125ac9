//! A writer in a process of its own, for the store's tests: runs each line of its input as SQL and says `done`.
#![expect(
    clippy::expect_used,
    reason = "a failed step ends the writer, and the test that waits for it"
)]

fn main() {
    let store = std::env::args_os().nth(1).expect("the store");
    let store = rusqlite::Connection::open(store).expect("a store to write");
    for sql in std::io::stdin().lines() {
        let mut statement = sql.expect("a line of SQL");
        statement.push(';');
        store.execute_batch(&statement).expect("SQL that runs");
        println!("\ndone");
    }
}
