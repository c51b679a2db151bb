//! `GET /api/me`: what a token says of the one who holds it.

use crate::auth::{CourseRole, Identity};
use serde::Serialize;
use std::collections::BTreeMap;

/// The answer's JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Me<'i> {
    pub tenant: &'i str,
    pub user: &'i str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<&'i str>,
    pub courses: &'i BTreeMap<String, CourseRole>,
    pub expires_unix_ms: u64,
}

pub fn me(identity: &Identity) -> Me<'_> {
    let Identity { tenant, user, role, courses, expires } = identity;
    Me { tenant: tenant.as_str(), user: user.as_str(), role: role.as_deref(), courses, expires_unix_ms: expires.0 }
}
