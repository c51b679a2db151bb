//! The suites against DynamoDB, each test with a table of its own.

use super::Made;
use super::ministack::{Ministack, unique};
use super::tables::make_table;
use crate::embedded::TestClock;
use std::sync::Arc;
use viva::cloud::aws::Aws;
use viva::cloud::dynamo::{DynamoBudgets, DynamoFeed, DynamoJournal, DynamoRegister, DynamoReports};

/// The emulator and a fresh table.
pub(super) async fn fresh(name: &str) -> (Aws, String) {
    let (aws, table) = (Ministack::shared().aws(), unique(name));
    make_table(&aws, &table).await;
    (aws, table)
}

pub(super) fn clock() -> Arc<TestClock> {
    TestClock::at(2_000_000)
}

async fn journal() -> Made<DynamoJournal> {
    let (aws, table) = fresh("sessions").await;
    Made::new(DynamoJournal::new(&aws, &table, clock()), ())
}

async fn reports() -> Made<DynamoReports> {
    let (aws, table) = fresh("sessions").await;
    Made::new(DynamoReports::new(&aws, &table, clock()), ())
}

mod reports {
    contract!(
        reports,
        super::reports,
        [a_summary_and_its_report_are_replaced_and_come_back, what_was_deleted_stays_gone_where_it_is_fresh]
    );
}

mod journal {
    journal_contract!(super::journal);
}

async fn register() -> Made<DynamoRegister> {
    let (aws, table) = fresh("connections").await;
    Made::new(DynamoRegister::new(&aws, &table, clock()), ())
}

mod register {
    register_contract!(super::register);
}

async fn budgets() -> Made<DynamoBudgets> {
    let (aws, table) = fresh("budgets").await;
    Made::new(DynamoBudgets::new(&aws, &table, clock()), ())
}

mod budgets {
    budgets_contract!(super::budgets);
}

async fn feed() -> Made<DynamoFeed> {
    let (aws, table) = fresh("inbox").await;
    Made::new(DynamoFeed::new(&aws, &table, clock()), ())
}

mod feed {
    feed_contract!(super::feed);
}
