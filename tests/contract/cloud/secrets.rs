//! Secrets Manager as the emulator serves it.

use super::ministack::{Ministack, unique};
use aws_sdk_secretsmanager::Client;
use viva::cloud::secrets::{SecretError, Secrets};

async fn made(text: &str) -> (Client, Secrets, String) {
    let aws = Ministack::shared().aws();
    let client = Client::new(&aws.of_service("SECRETS_MANAGER"));
    let created = client.create_secret().name(unique("viva")).secret_string(text).send().await.unwrap();
    (client, Secrets::new(&aws), created.arn.unwrap())
}

#[tokio::test]
async fn a_secret_is_read_once_and_again_after_a_while() {
    let (client, secrets, arn) = made(r#"{"url":"postgres://one"}"#).await;
    assert_eq!(secrets.field(&arn, "url").await.unwrap(), "postgres://one");
    client.put_secret_value().secret_id(&arn).secret_string(r#"{"url":"postgres://two"}"#).send().await.unwrap();
    assert_eq!(secrets.field(&arn, "url").await.unwrap(), "postgres://one", "what is known is believed for a while");
    tokio::time::pause();
    tokio::time::advance(std::time::Duration::from_secs(301)).await;
    tokio::time::resume();
    assert_eq!(secrets.field(&arn, "url").await.unwrap(), "postgres://two");
}

#[tokio::test]
async fn what_cannot_be_read_says_which_secret_but_nothing_of_it() {
    let (_client, secrets, arn) = made("hunter2, no JSON").await;
    assert_eq!(secrets.text(&arn).await.unwrap(), "hunter2, no JSON");
    let failed = secrets.field(&arn, "url").await.unwrap_err();
    assert!(matches!(failed, SecretError::Field { .. }), "{failed}");
    assert!(failed.to_string().contains(&arn) && !failed.to_string().contains("hunter2"), "{failed}");
    let absent = secrets.text("arn:aws:secretsmanager:us-east-1:000000000000:secret:absent").await.unwrap_err();
    assert!(matches!(absent, SecretError::Failed { .. }), "{absent}");
}
