//! TLS: the certificate and its key from PEM files, HTTP/1.1 alone, since a WebSocket over HTTP/2 gains nothing here.

use crate::config::gateway::TlsFiles;
use axum_server::tls_rustls::RustlsConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use std::sync::{Arc, Once};

#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    #[error("VIVA_TLS_CERT: {path}: {problem}")]
    Cert { path: String, problem: String },
    #[error("VIVA_TLS_KEY: {path}: {problem}")]
    Key { path: String, problem: String },
    #[error("VIVA_TLS_CERT and VIVA_TLS_KEY do not belong together: {0}")]
    Mismatch(String),
}

/// Reads both files.
pub(crate) fn load(files: &TlsFiles) -> Result<RustlsConfig, TlsError> {
    install_provider();
    let cert = |problem: String| TlsError::Cert { path: files.cert.display().to_string(), problem };
    let chain: Vec<CertificateDer<'static>> = CertificateDer::pem_file_iter(&files.cert)
        .and_then(Iterator::collect)
        .map_err(|error| cert(error.to_string()))?;
    if chain.is_empty() {
        return Err(cert("there is no certificate in it".into()));
    }
    let key = PrivateKeyDer::from_pem_file(&files.key)
        .map_err(|error| TlsError::Key { path: files.key.display().to_string(), problem: error.to_string() })?;
    let mut config = rustls::ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(|error| TlsError::Mismatch(error.to_string()))?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(RustlsConfig::from_config(Arc::new(config)))
}

/// The cryptography of every TLS connection of this process, in and out; harmless when done twice.
pub fn install_provider() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        if rustls::crypto::ring::default_provider().install_default().is_err() {
            tracing::debug!("another provider of cryptography is installed already");
        }
    });
}
