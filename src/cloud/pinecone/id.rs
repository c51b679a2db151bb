//! Names in Pinecone: of a tenant's namespace, and of a passage's vector. An id tells all of its key, so that listing a document's ids by
//! their prefix tells what is there.

use crate::ports::ids::{DocumentId, TenantId};
use crate::ports::vectors::VectorKey;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Whatever a tenant is called, no other tenant's namespace is the same, and none is Pinecone's default.
pub(super) fn namespace(tenant: &TenantId) -> String {
    format!("t-{}", URL_SAFE_NO_PAD.encode(tenant.as_str()))
}

/// What the ids of a document begin with, and no other's.
pub(super) fn prefix(document: &DocumentId) -> String {
    format!("{}#", URL_SAFE_NO_PAD.encode(document.as_str()))
}

pub(super) fn id_of(key: &VectorKey) -> String {
    let VectorKey { document, version, ordinal, fingerprint } = key;
    format!("{}{version}#{ordinal}#{fingerprint}", prefix(document))
}

/// `None` for what is no id of ours.
pub(super) fn key_of(id: &str) -> Option<VectorKey> {
    let mut parts = id.split('#');
    let document = URL_SAFE_NO_PAD.decode(parts.next()?).ok().and_then(|bytes| String::from_utf8(bytes).ok())?;
    let version = parts.next()?.parse().ok()?;
    let ordinal = parts.next()?.parse().ok()?;
    let fingerprint = parts.next()?.to_owned();
    parts.next().is_none().then(|| VectorKey { document: DocumentId::new(document), version, ordinal, fingerprint })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn an_id_tells_its_key(document in ".{1,40}", version: u64, ordinal: u32, fingerprint in "[0-9a-f]{16}") {
            let key = VectorKey { document: DocumentId::new(document), version, ordinal, fingerprint };
            prop_assert!(id_of(&key).starts_with(&prefix(&key.document)));
            prop_assert_eq!(key_of(&id_of(&key)), Some(key));
        }

        #[test]
        fn no_document_is_another_ones_beginning(one in ".{1,20}", other in ".{1,20}") {
            prop_assume!(one != other);
            prop_assert!(!prefix(&DocumentId::new(one)).starts_with(&prefix(&DocumentId::new(other))));
        }

        #[test]
        fn anything_else_is_no_id_of_ours(text in ".{0,60}") {
            prop_assert!(key_of(&text).is_none_or(|key| id_of(&key) == text || text.contains('#')));
        }
    }
}
