//! Identifiers that cross ports, and the role that makes fresh ones.

use serde::{Deserialize, Serialize};
use std::fmt;

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(String);

        impl $name {
            /// Takes a value that has already been checked at the edge (or was made by us).
            pub fn new(value: impl Into<String>) -> Self {
                Self(value.into())
            }

            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(&self.0)
            }
        }
    };
}

pub(super) use text_id;

text_id!(
    /// The organisation that a user belongs to; from the verified token alone.
    TenantId
);
text_id!(
    /// The `sub` of the verified token.
    UserId
);
text_id!(
    /// Made by the client, unique for its user: `[A-Za-z0-9_-]{1,64}`.
    SessionId
);
text_id!(
    /// One WebSocket connection.
    ConnectionId
);
text_id!(
    /// One run of a worker; fresh at every start, so that a retried commit is told from another worker's.
    WorkerId
);

text_id!(
    /// A course of the platform. A user's own files belong to the course that is named like the user.
    CourseId
);
text_id!(
    /// A document; made by us, unique in its tenant, `[A-Za-z0-9_-]{1,64}`.
    DocumentId
);
text_id!(
    /// One upload of a file; made by us, unique in its tenant, `[A-Za-z0-9_-]{1,64}`.
    UploadId
);

text_id!(
    /// A quiz; made by us, unique in its tenant, `[A-Za-z0-9_-]{1,64}`.
    QuizId
);
text_id!(
    /// One person's way through a quiz; made by us, unique in its tenant, `[A-Za-z0-9_-]{1,64}`.
    AttemptId
);

/// What names a session everywhere: tenant and user come first, so that no message can name another's session.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct SessionKey {
    pub tenant: TenantId,
    pub user: UserId,
    pub session: SessionId,
}

impl SessionKey {
    pub fn new(tenant: TenantId, user: UserId, session: SessionId) -> Self {
        Self { tenant, user, session }
    }
}

impl fmt::Display for SessionKey {
    /// `tenant#user#session`, the key of the session row.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}#{}#{}", self.tenant, self.user, self.session)
    }
}

/// Makes fresh identifiers; virtual in tests.
pub trait Ids: Send + Sync {
    fn connection(&self) -> ConnectionId;
    fn worker(&self) -> WorkerId;

    fn document(&self) -> DocumentId;

    fn upload(&self) -> UploadId;

    fn quiz(&self) -> QuizId;

    fn attempt(&self) -> AttemptId;

    /// Any number: where shuffling begins.
    fn seed(&self) -> u64;
}
