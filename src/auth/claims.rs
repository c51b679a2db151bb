//! What a token says, and the identity made of it.
//!
//! Only what the issuer sets is read: `app_metadata` and `user_role`, never `user_metadata`, which a user may write.

use crate::auth::keys::AuthError;
use crate::config::limits::TOKEN_COURSES_MAX;
use crate::ports::clock::UnixMs;
use crate::ports::ids::{SessionId, SessionKey, TenantId, UserId};
use serde::{Deserialize, Serialize, Serializer};
use std::collections::BTreeMap;

/// A verified speaker.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Identity {
    pub tenant: TenantId,
    pub user: UserId,
    pub role: Option<String>,
    pub courses: BTreeMap<String, CourseRole>,
    pub expires: UnixMs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CourseRole {
    Student,
    Teacher,
}

impl Identity {
    /// The key of one of this user's own sessions.
    pub fn session_key(&self, session: &str) -> SessionKey {
        SessionKey::new(self.tenant.clone(), self.user.clone(), SessionId::new(session))
    }

    pub fn expired(&self, now: UnixMs) -> bool {
        self.expires <= now
    }

    pub fn is_member(&self, course: &str) -> bool {
        self.courses.contains_key(course)
    }

    pub fn teaches(&self, course: &str) -> bool {
        self.courses.get(course) == Some(&CourseRole::Teacher)
    }

    /// The courses that this user teaches.
    pub fn taught(&self) -> Vec<String> {
        let taught = self.courses.iter().filter(|(_, role)| **role == CourseRole::Teacher);
        taught.map(|(course, _)| course.clone()).collect()
    }
}

/// The claims as they stand in a token. Unknown ones are ignored.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Claims {
    pub(crate) sub: String,
    /// Seconds since the Unix epoch; fractions are read (RFC 7519 section 2), and never written.
    #[serde(serialize_with = "whole_seconds")]
    pub(crate) exp: f64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) nbf: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) user_role: Option<String>,
    #[serde(default)]
    pub(crate) app_metadata: AppMetadata,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct AppMetadata {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) tenant: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) role: Option<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) courses: BTreeMap<String, CourseRole>,
}

impl Claims {
    /// The identity, where every part has the shape of an id.
    pub(crate) fn identity(self) -> Result<Identity, AuthError> {
        let Self { sub, exp, nbf: _, user_role, app_metadata } = self;
        let AppMetadata { tenant, role, courses } = app_metadata;
        let tenant = tenant.unwrap_or_else(|| TENANT_DEFAULT.to_owned());
        let claim = |name, value: &str| is_id(value).then_some(()).ok_or(AuthError::Claim(name));
        claim("sub", &sub)?;
        claim("app_metadata.tenant", &tenant)?;
        if courses.len() > TOKEN_COURSES_MAX || courses.keys().any(|course| !is_id(course)) {
            return Err(AuthError::Claim("app_metadata.courses"));
        }
        if !exp.is_finite() || exp < 0.0 {
            return Err(AuthError::Claim("exp"));
        }
        Ok(Identity {
            tenant: TenantId::new(tenant),
            user: UserId::new(sub),
            role: user_role.or(role),
            courses,
            expires: UnixMs((exp * 1_000.0) as u64),
        })
    }
}

fn whole_seconds<S: Serializer>(seconds: &f64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u64(*seconds as u64)
}

/// The shape that tenant, user and course share with every id of the protocol.
pub fn is_id(text: &str) -> bool {
    protocol::v1::UserId::new(text).is_ok()
}

/// The tenant of a token that names none.
pub const TENANT_DEFAULT: &str = "default";
