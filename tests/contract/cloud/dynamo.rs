//! The suites against DynamoDB, each test with a table of its own.

use super::Made;
use super::ministack::{Ministack, unique};
use super::tables::make_table;
use crate::embedded::TestClock;
use crate::fixtures::{connection, key};
use std::sync::Arc;
use viva::cloud::aws::Aws;
use viva::cloud::dynamo::{DynamoBudgets, DynamoFeed, DynamoJournal, DynamoRegister, DynamoReports};
use viva::ports::budgets::{Budgets as _, Spent};
use viva::ports::clock::UnixMs;
use viva::ports::ids::{TenantId, UserId};
use viva::ports::register::{Register as _, RegisterError, Registered};

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

#[tokio::test]
async fn a_connection_that_could_not_be_registered_takes_no_place() {
    let (aws, table) = fresh("connections").await;
    let register = DynamoRegister::new(&aws, &table, clock());
    let registered = |speaker: String| Registered {
        tenant: TenantId::new("school"),
        user: UserId::new("ada"),
        speaker,
        expires: UnixMs(9_000_000),
        connected: UnixMs(2_000_000),
        sessions: Vec::new(),
    };
    // Larger than an item may be.
    for name in ["c1", "c2"] {
        let failed = register.enter(&connection(name), registered("x".repeat(500_000)), 1).await;
        assert!(matches!(failed, Err(RegisterError::Failed(_))), "{failed:?}");
    }
    register.enter(&connection("c3"), registered("{}".to_owned()), 1).await.unwrap();
}

async fn budgets() -> Made<DynamoBudgets> {
    let (aws, table) = fresh("budgets").await;
    Made::new(DynamoBudgets::new(&aws, &table, clock()), ())
}

mod budgets {
    budgets_contract!(super::budgets);
}

#[tokio::test]
async fn what_a_conversation_booked_is_known_as_long_as_it_is_looked_after() {
    let (aws, table) = fresh("budgets").await;
    let (clock, of) = (clock(), key("ada", "c1"));
    let budgets = DynamoBudgets::new(&aws, &table, clock.clone());
    let used = |tokens| Spent { recognizer_ms: 0, tokens };
    budgets.book(&of, 0, used(700)).await.unwrap();
    for rest in 1..5 {
        clock.advance_ms(20 * 86_400_000);
        let totals = budgets.book(&of, rest * 20, used(700)).await.unwrap();
        assert_eq!(totals.user.spent, Spent::default(), "nothing new after {rest} rests");
    }
    assert_eq!(budgets.book(&of, 80, used(710)).await.unwrap().user.spent, used(10));
}

async fn feed() -> Made<DynamoFeed> {
    let (aws, table) = fresh("inbox").await;
    Made::new(DynamoFeed::new(&aws, &table, clock()), ())
}

mod feed {
    feed_contract!(super::feed);
}
