//! Sessions, inboxes, connections, budgets and fresh reports in DynamoDB.
//!
//! Four tables, each with the keys `pk` (text) and `sk` (text) and the expiry `ttl` (seconds since the Unix epoch). The table of sessions
//! has one index more, `due` (`duePk`, `dueAt`; keys only), which holds open sessions alone. DynamoDB removes what has expired when it
//! finds the time, so every read here looks at `ttl` itself. Tables are made by the template, not here.

mod announced;
mod budgets;
mod due;
mod entry;
mod feed;
mod item;
mod journal;
mod keys;
mod log;
mod look;
mod pace;
mod reader;
mod register;
mod reports;
mod request;
mod row;
mod snapshot;
mod table;

pub use announced::DynamoAnnounced;
pub use budgets::DynamoBudgets;
pub use feed::DynamoFeed;
pub use journal::DynamoJournal;
pub use keys::{partition, session_key};
pub use register::DynamoRegister;
pub use reports::DynamoReports;
