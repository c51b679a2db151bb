//! What S3 writes into a queue: which objects were stored.

use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Notification {
    Stored {
        #[serde(rename = "Records")]
        records: Vec<Record>,
    },
    /// What a bucket sends when it is told of the queue.
    Test {
        #[serde(rename = "Event")]
        event: TestEvent,
    },
}

#[derive(Debug, Deserialize)]
enum TestEvent {
    #[serde(rename = "s3:TestEvent")]
    Test,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Record {
    event_name: String,
    s3: Where,
}

#[derive(Debug, Deserialize)]
struct Where {
    object: Object,
}

#[derive(Debug, Deserialize)]
struct Object {
    key: String,
}

#[derive(Debug, thiserror::Error)]
pub(super) enum NotificationError {
    #[error("a message is not what S3 writes: {0}")]
    Json(#[from] serde_json::Error),
    #[error("a key is not written as S3 writes keys")]
    Key,
}

/// The keys of the objects that were stored.
pub(super) fn keys_of(body: &str) -> Result<Vec<String>, NotificationError> {
    match serde_json::from_str(body)? {
        Notification::Stored { records } => {
            let stored = records.into_iter().filter(|record| record.event_name.starts_with("ObjectCreated:"));
            stored.map(|record| decoded(&record.s3.object.key).ok_or(NotificationError::Key)).collect()
        }
        Notification::Test { event: TestEvent::Test } => Ok(Vec::new()),
    }
}

/// S3 writes keys as forms do.
fn decoded(key: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(key.len());
    let mut rest = key.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digits = [rest.next()?, rest.next()?];
                u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?
            }
            other => other,
        });
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read_as_they_were_before_s3_wrote_them() {
        let body =
            r#"{"Records":[{"eventName":"ObjectCreated:Put","s3":{"object":{"key":"documents/a%7Eb/d+1/%C3%A4"}}}]}"#;
        assert_eq!(keys_of(body).unwrap(), ["documents/a~b/d 1/ä"]);
    }

    #[test]
    fn other_events_and_the_test_name_no_object() {
        assert_eq!(keys_of(r#"{"Service":"Amazon S3","Event":"s3:TestEvent","Bucket":"b"}"#).unwrap(), [""; 0]);
        let removed = r#"{"Records":[{"eventName":"ObjectRemoved:Delete","s3":{"object":{"key":"a"}}}]}"#;
        assert_eq!(keys_of(removed).unwrap(), [""; 0]);
    }

    #[test]
    fn what_s3_does_not_write_is_refused() {
        for bad in ["", "{}", "[]", "null", r#"{"Event":"other"}"#, r#"{"Records":[{}]}"#] {
            assert!(matches!(keys_of(bad), Err(NotificationError::Json(_))), "{bad}");
        }
        for key in ["a%", "a%4", "a%zz", "%ff"] {
            let body =
                format!(r#"{{"Records":[{{"eventName":"ObjectCreated:Put","s3":{{"object":{{"key":"{key}"}}}}}}]}}"#);
            assert!(matches!(keys_of(&body), Err(NotificationError::Key)), "{key}");
        }
    }
}
