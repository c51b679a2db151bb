//! The register in the table of connections: one item for each connection, and one mark of it in its user's partition, so that a user's
//! connections can be counted.
//!
//! Marks of connections whose end was never told expire with them.

use super::item::{Item, item, number, number_of, text, text_of, values};
use super::keys::{of_user, partition, session_key};
use super::request::{Consistency, Given, Order, Range, Update};
use super::table::{Table, TableError};
use crate::cloud::aws::Aws;
use crate::config::limits::{CONNECTION_LIFE_MS_MAX, CONNECTION_SLACK_MS};
use crate::ports::clock::{Clock, UnixMs};
use crate::ports::ids::{ConnectionId, SessionKey, TenantId, UserId};
use crate::ports::register::{Register, RegisterError, Registered};
use async_trait::async_trait;
use aws_sdk_dynamodb::types::AttributeValue;
use std::sync::Arc;

#[derive(Debug)]
pub struct DynamoRegister {
    table: Table,
}

impl DynamoRegister {
    pub fn new(aws: &Aws, table: &str, clock: Arc<dyn Clock>) -> Self {
        Self { table: Table::new(aws, table, clock) }
    }

    async fn marks_of(&self, user_pk: &str) -> Result<Vec<Item>, TableError> {
        let range = Range {
            pk: user_pk,
            from: MARK.to_owned(),
            through: format!("{MARK}~"),
            order: Order::Ascending,
            consistency: Consistency::Strong,
            limit: None,
            wanted: Some("#sk, #ttl"),
        };
        self.table.all(&range).await
    }

    /// Changes what is known of a connection that is there; `None`: it is not.
    async fn change(&self, connection: &ConnectionId, change: &str, values: Item) -> Result<Option<Item>, TableError> {
        let (pk, condition) = (connection_pk(connection), Some("attribute_exists(#pk)"));
        match self.table.update(Update { pk: &pk, sk: CONNECTION, change, condition, values }, Given::After).await {
            Ok(item) => Ok(Some(item)),
            Err(TableError::Refused(_)) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

#[async_trait]
impl Register for DynamoRegister {
    async fn enter(
        &self,
        connection: &ConnectionId,
        registered: Registered,
        of_user_max: u64,
    ) -> Result<(), RegisterError> {
        let user_pk = user_pk(&registered.tenant, &registered.user);
        let ttl = self.table.ttl(CONNECTION_LIFE_MS_MAX + CONNECTION_SLACK_MS);
        let mark =
            item([("pk", Some(text(&user_pk))), ("sk", Some(text(mark_sk(connection)))), ("ttl", Some(ttl.clone()))]);
        // The mark first: of two that enter at once, both are counted by both, so that never too many get in.
        self.table.put(mark, None, None).await?;
        let entered = async {
            if self.marks_of(&user_pk).await?.len() as u64 > of_user_max {
                return Err(RegisterError::TooMany);
            }
            Ok(self.table.put(connection_item(connection, &registered, ttl), None, None).await?)
        };
        let entered = entered.await;
        if entered.is_err() {
            // Who did not get in takes no place.
            self.table.remove(&user_pk, &mark_sk(connection)).await?;
        }
        entered
    }

    async fn get(&self, connection: &ConnectionId) -> Result<Option<Registered>, RegisterError> {
        let item = self.table.get(&connection_pk(connection), CONNECTION).await?;
        Ok(item.map(|item| registered_of(&item)).transpose()?)
    }

    async fn of_user(&self, tenant: &TenantId, user: &UserId) -> Result<Vec<ConnectionId>, RegisterError> {
        let marks = self.marks_of(&user_pk(tenant, user)).await?;
        let names = marks.iter().map(|mark| Ok(text_of(mark, "sk")?.trim_start_matches(MARK).to_owned()));
        let names = names.collect::<Result<Vec<_>, TableError>>()?;
        Ok(names.into_iter().map(ConnectionId::new).collect())
    }

    async fn refresh(&self, connection: &ConnectionId, speaker: String, expires: UnixMs) -> Result<(), RegisterError> {
        let values = values([("speaker", text(speaker)), ("expires", number(expires.0))]);
        self.change(connection, "SET #speaker = :speaker, #expires = :expires", values).await?;
        Ok(())
    }

    async fn bind(
        &self,
        connection: &ConnectionId,
        key: &SessionKey,
        sessions_max: usize,
    ) -> Result<(), RegisterError> {
        let pk = connection_pk(connection);
        let values = values([
            ("one", AttributeValue::Ss(vec![partition(key)])),
            ("pk", text(partition(key))),
            ("max", number(sessions_max as u64)),
        ]);
        let update = Update {
            pk: &pk,
            sk: CONNECTION,
            change: "ADD #sessions :one",
            condition: Some(
                "attribute_exists(#pk) AND (attribute_not_exists(#sessions) OR contains(#sessions, :pk) OR size(#sessions) < :max)",
            ),
            values,
        };
        match self.table.update(update, Given::After).await {
            Ok(_) | Err(TableError::Refused(None)) => Ok(()),
            Err(TableError::Refused(Some(_))) => Err(RegisterError::TooMany),
            Err(error) => Err(error.into()),
        }
    }

    async fn unbind(&self, connection: &ConnectionId, key: &SessionKey) -> Result<(), RegisterError> {
        let values = values([("one", AttributeValue::Ss(vec![partition(key)]))]);
        self.change(connection, "DELETE #sessions :one", values).await?;
        Ok(())
    }

    async fn leave(&self, connection: &ConnectionId) -> Result<Option<Registered>, RegisterError> {
        let Some(item) = self.table.remove(&connection_pk(connection), CONNECTION).await? else { return Ok(None) };
        let registered = registered_of(&item)?;
        self.table.remove(&user_pk(&registered.tenant, &registered.user), &mark_sk(connection)).await?;
        Ok(Some(registered))
    }
}

fn connection_item(connection: &ConnectionId, registered: &Registered, ttl: AttributeValue) -> Item {
    let Registered { tenant, user, speaker, expires, connected, sessions } = registered;
    let sessions: Vec<String> = sessions.iter().map(partition).collect();
    item([
        ("pk", Some(text(connection_pk(connection)))),
        ("sk", Some(text(CONNECTION))),
        ("tenant", Some(text(tenant.as_str()))),
        ("user", Some(text(user.as_str()))),
        ("speaker", Some(text(speaker))),
        ("expires", Some(number(expires.0))),
        ("connected", Some(number(connected.0))),
        // A set has at least one member.
        ("sessions", (!sessions.is_empty()).then_some(AttributeValue::Ss(sessions))),
        ("ttl", Some(ttl)),
    ])
}

fn registered_of(item: &Item) -> Result<Registered, TableError> {
    let unreadable = || TableError::Failed("a connection's sessions cannot be read".to_owned());
    let mut sessions = match item.get("sessions") {
        None => Vec::new(),
        Some(set) => {
            let partitions = set.as_ss().map_err(|_| unreadable())?;
            partitions.iter().map(|pk| session_key(pk).ok_or_else(unreadable)).collect::<Result<Vec<_>, _>>()?
        }
    };
    sessions.sort();
    Ok(Registered {
        tenant: TenantId::new(text_of(item, "tenant")?),
        user: UserId::new(text_of(item, "user")?),
        speaker: text_of(item, "speaker")?.to_owned(),
        expires: UnixMs(number_of(item, "expires")?),
        connected: UnixMs(number_of(item, "connected")?),
        sessions,
    })
}

fn connection_pk(connection: &ConnectionId) -> String {
    format!("connection#{connection}")
}

fn user_pk(tenant: &TenantId, user: &UserId) -> String {
    format!("user#{}", of_user(tenant, user))
}

fn mark_sk(connection: &ConnectionId) -> String {
    format!("{MARK}{connection}")
}

const CONNECTION: &str = "connection";
const MARK: &str = "connection#";

impl From<TableError> for RegisterError {
    fn from(error: TableError) -> Self {
        Self::Failed(error.to_string())
    }
}
