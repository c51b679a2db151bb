//! The partition keys: `tenant#user#session` for what belongs to a session, `tenant#user` for what belongs to a user.
//!
//! Tenant and user come from a token, so they may hold anything; `#` and `%` in them are escaped and the parts stay apart.

use crate::ports::ids::{SessionId, SessionKey, TenantId, UserId};

/// The partition of a session.
pub fn partition(key: &SessionKey) -> String {
    format!("{}#{}", of_user(&key.tenant, &key.user), escaped(key.session.as_str()))
}

/// The session whose partition this is; `None`: it is no session's.
pub fn session_key(partition: &str) -> Option<SessionKey> {
    let mut parts = partition.split('#');
    let (tenant, user, session) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    let key = SessionKey::new(
        TenantId::new(unescaped(tenant)),
        UserId::new(unescaped(user)),
        SessionId::new(unescaped(session)),
    );
    Some(key)
}

/// A tenant as a part of a key.
pub(super) fn of_tenant(tenant: &TenantId) -> String {
    escaped(tenant.as_str())
}

/// The partition of a user.
pub(super) fn of_user(tenant: &TenantId, user: &UserId) -> String {
    format!("{}#{}", escaped(tenant.as_str()), escaped(user.as_str()))
}

fn escaped(part: &str) -> String {
    part.replace('%', "%25").replace('#', "%23")
}

fn unescaped(part: &str) -> String {
    part.replace("%23", "#").replace("%25", "%")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(tenant: &str, user: &str, session: &str) -> SessionKey {
        SessionKey::new(TenantId::new(tenant), UserId::new(user), SessionId::new(session))
    }

    #[test]
    fn a_partition_leads_back_to_its_session_alone() {
        let keys = [key("t", "u", "s"), key("t#u", "s", "s"), key("t", "u#s", "s"), key("t%23u", "%", "s-_9")];
        let partitions: Vec<_> = keys.iter().map(partition).collect();
        for (at, key) in keys.iter().enumerate() {
            assert_eq!(session_key(&partitions[at]).as_ref(), Some(key));
            assert_eq!(partitions.iter().filter(|other| **other == partitions[at]).count(), 1);
        }
        assert_eq!(session_key("t#u"), None);
        assert_eq!(session_key("t#u#s#more"), None);
    }
}
