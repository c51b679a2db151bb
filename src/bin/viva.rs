//! The `viva` command.

fn main() {}
