//! TLS from PEM files.

use crate::rig::{Options, Server, token};
use futures::{SinkExt, StreamExt};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use std::sync::Arc;
use tempfile::TempDir;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{Connector, connect_async_tls_with_config};
use viva::config::{Config, Environment};
use viva::gateway::{Gateway, TlsError, install_provider};

struct Files {
    folder: TempDir,
    cert: String,
}

/// A certificate for this machine and its key, as files.
fn files() -> Files {
    let made = rcgen::generate_simple_self_signed(vec!["localhost".into(), "127.0.0.1".into()]).unwrap();
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("cert.pem"), made.cert.pem()).unwrap();
    std::fs::write(folder.path().join("key.pem"), made.signing_key.serialize_pem()).unwrap();
    Files { folder, cert: made.cert.pem() }
}

impl Files {
    fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_string_lossy().into_owned()
    }
}

#[tokio::test]
async fn with_a_certificate_clients_come_by_wss_and_the_page_by_https() {
    let files = files();
    let options =
        Options::default().set("VIVA_TLS_CERT", files.path("cert.pem")).set("VIVA_TLS_KEY", files.path("key.pem"));
    let server = Server::start_with(options).await;
    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(files.cert.as_bytes()).unwrap()).unwrap();
    let trusting = rustls::ClientConfig::builder().with_root_certificates(roots.clone()).with_no_client_auth();
    let mut request = format!("wss://{}/ws", server.addr).into_client_request().unwrap();
    let offer = format!("viva.v1, viva.bearer.{}", token("ann"));
    request.headers_mut().insert("sec-websocket-protocol", offer.parse().unwrap());
    let connector = Connector::Rustls(Arc::new(trusting));
    let (mut socket, _) = connect_async_tls_with_config(request, None, false, Some(connector)).await.unwrap();
    socket.send(Message::text(r#"{"type":"ping","id":"safe"}"#)).await.unwrap();
    assert_eq!(socket.next().await.unwrap().unwrap(), Message::text(r#"{"type":"pong","id":"safe"}"#));
    let certificate = reqwest::Certificate::from_pem(files.cert.as_bytes()).unwrap();
    let https = reqwest::Client::builder().tls_certs_only([certificate]).build().unwrap();
    let page = https.get(format!("https://{}/healthz", server.addr)).send().await.unwrap();
    assert_eq!(page.status(), 200);
}

#[tokio::test]
async fn files_that_cannot_be_used_are_named() {
    install_provider();
    let (files, other) = (files(), files());
    std::fs::write(files.folder.path().join("empty.pem"), "").unwrap();
    for (cert, key, variable) in [
        (files.path("none.pem"), files.path("key.pem"), "VIVA_TLS_CERT: "),
        (files.path("empty.pem"), files.path("key.pem"), "VIVA_TLS_CERT: "),
        (files.path("cert.pem"), files.path("none.pem"), "VIVA_TLS_KEY: "),
        (files.path("cert.pem"), files.path("cert.pem"), "VIVA_TLS_KEY: "),
        (files.path("cert.pem"), other.path("key.pem"), "VIVA_TLS_CERT and VIVA_TLS_KEY do not belong together"),
    ] {
        let data = TempDir::new().unwrap();
        let environment = Environment::from([
            ("VIVA_ADDR", "127.0.0.1:0"),
            ("VIVA_ADMIN_ADDR", "127.0.0.1:0"),
            ("VIVA_DATA", data.path().to_str().unwrap()),
            ("VIVA_RECOGNIZER", "none"),
            ("VIVA_TLS_CERT", &cert),
            ("VIVA_TLS_KEY", &key),
        ]);
        let config = Config::read(&environment).unwrap();
        let parts = viva::wiring::embedded(&config).await.unwrap();
        let error = Gateway::bind(&config.gateway, parts).unwrap_err();
        assert!(error.to_string().starts_with(variable), "{error}");
        assert!(matches!(
            error,
            viva::gateway::BindError::Tls(TlsError::Cert { .. } | TlsError::Key { .. } | TlsError::Mismatch(_))
        ));
    }
}
