//! Postgres over a network: only to a server that the configured certificate vouches for.

use super::ministack::{Ministack, free_port, unique};
use super::postgres_server::Postgres;
use aws_sdk_secretsmanager::Client;
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use serde_json::json;
use std::sync::Arc;
use viva::cloud::postgres::migrate::{MigrateError, migrate};
use viva::cloud::postgres::{Database, PostgresReports};
use viva::cloud::secrets::Secrets;
use viva::ports::reports::Reports as _;

/// Who vouches for servers, and the certificate and key of one called `localhost`.
struct Vouched {
    ca: String,
    certificate: String,
    key: String,
}

fn vouched() -> Vouched {
    let ca_key = KeyPair::generate().unwrap();
    let mut ca = CertificateParams::new(Vec::new()).unwrap();
    ca.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let ca_pem = ca.self_signed(&ca_key).unwrap().pem();
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    let certificate = certificate.signed_by(&key, &Issuer::new(ca, ca_key)).unwrap();
    Vouched { ca: ca_pem, certificate: certificate.pem(), key: key.serialize_pem() }
}

#[tokio::test]
async fn only_a_server_that_is_vouched_for_is_spoken_to() {
    drop(rustls::crypto::ring::default_provider().install_default());
    let (ours, another) = (vouched(), vouched());
    let port = free_port();
    let _server = Postgres::start_over_tls(port, &ours.certificate, &ours.key);
    let url = |host: &str| format!("postgres://viva_owner@{host}:{port}/viva");
    for (host, ca) in [("localhost", &another.ca), ("127.0.0.1", &ours.ca)] {
        let refused = migrate(&url(host), Some(ca)).await;
        assert!(matches!(refused, Err(MigrateError::Unreachable(_))), "{host}: {refused:?}");
    }
    migrate(&url("localhost"), Some(&ours.ca)).await.expect("our own server");

    let aws = Ministack::shared().aws();
    let reports_of = async |ca: &str| {
        let secret = json!({ "url": url("localhost"), "ca": ca }).to_string();
        let client = Client::new(&aws.of_service("SECRETS_MANAGER"));
        let made = client.create_secret().name(unique("database")).secret_string(secret).send().await.unwrap();
        PostgresReports::new(Database::of_secret(Arc::new(Secrets::new(&aws)), made.arn().unwrap()))
    };
    let key = crate::fixtures::key("ada", "s1");
    assert_eq!(reports_of(&ours.ca).await.get(&key).await.expect("it answers"), None);
    assert!(reports_of(&another.ca).await.get(&key).await.is_err());
}
