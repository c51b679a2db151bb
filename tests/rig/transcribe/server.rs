//! HTTP/2 over TLS on a free port: one task for each connection, one for each stream.

use super::exception::Exception;
use super::request::{Asked, Refused};
use super::{End, Fault, Kind, Record, Shared, lock, session};
use bytes::Bytes;
use futures::stream::poll_fn;
use http_body_util::combinators::BoxBody;
use http_body_util::{BodyExt, Full, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, mpsc};
use tokio::task::{JoinHandle, JoinSet};
use tokio_rustls::TlsAcceptor;

/// A stream that is answered: its events down.
pub(super) type Down = mpsc::Sender<Result<Frame<Bytes>, Infallible>>;
type Body = BoxBody<Bytes, Infallible>;

/// Listens, and writes the certificate to trust to `ca`.
pub(super) fn start(shared: Arc<Shared>, ca: &Path) -> (SocketAddr, JoinHandle<()>) {
    let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port of this machine is free");
    listener.set_nonblocking(true).expect("sockets can be non-blocking");
    let address = listener.local_addr().expect("it is bound");
    let listener = TcpListener::from_std(listener).expect("a runtime takes it");
    let acceptor = certify(ca);
    let serving = tokio::spawn(async move {
        // Dropped with this task, it ends all connections.
        let mut connections = JoinSet::new();
        while let Ok((socket, _)) = listener.accept().await {
            while connections.try_join_next().is_some() {}
            connections.spawn(serve(acceptor.clone(), socket, Arc::clone(&shared)));
        }
    });
    (address, serving)
}

fn certify(ca: &Path) -> TlsAcceptor {
    let authority_key = KeyPair::generate().expect("a key");
    let mut authority = CertificateParams::new(Vec::new()).expect("no names are no problem");
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let certificate = authority.self_signed(&authority_key).expect("a certificate");
    std::fs::write(ca, certificate.pem()).expect("the folder takes a file");
    let key = KeyPair::generate().expect("a key");
    let names = CertificateParams::new(["localhost".to_owned(), "127.0.0.1".to_owned()]).expect("two names");
    let own = names.signed_by(&key, &Issuer::new(authority, authority_key)).expect("a certificate");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("the provider's versions")
        .with_no_client_auth()
        .with_single_cert(vec![own.der().clone()], PrivateKeyDer::Pkcs8(key.serialize_der().into()))
        .expect("key and certificate fit");
    config.alpn_protocols = vec![b"h2".to_vec()];
    TlsAcceptor::from(Arc::new(config))
}

async fn serve(acceptor: TlsAcceptor, socket: TcpStream, shared: Arc<Shared>) {
    let Ok(socket) = acceptor.accept(socket).await else { return };
    let cut = Arc::new(Notify::new());
    let service = {
        let cut = Arc::clone(&cut);
        service_fn(move |request| answer(Arc::clone(&shared), Arc::clone(&cut), request))
    };
    let connection =
        hyper::server::conn::http2::Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(socket), service);
    tokio::select! {
        // However it ended, its streams have noticed.
        _ = connection => {}
        () = cut.notified() => {}
    }
}

async fn answer(
    shared: Arc<Shared>,
    cut: Arc<Notify>,
    request: Request<Incoming>,
) -> Result<Response<Body>, hyper::http::Error> {
    let asked = match Asked::read(&request) {
        Ok(asked) => asked,
        Err(Refused::Exception(exception)) => return refusal(&exception),
        Err(Refused::Other { status, kind }) => return error(status, kind, Bytes::from_static(b"{}")),
    };
    let fault = shared.next_fault();
    match fault {
        Fault::Refused(kind) => return refusal(&kind.into()),
        Fault::Expired => {
            let body = Bytes::from_static(br#"{"Message":"The security token included in the request is expired"}"#);
            return error(403, "ExpiredTokenException", body);
        }
        Fault::NoAnswer => return std::future::pending().await,
        Fault::None | Fault::Exception { .. } | Fault::Cut { .. } | Fault::Silence { .. } => {}
    }
    let killed = Arc::new(Notify::new());
    {
        let mut live = lock(&shared.live);
        if live.len() >= shared.options.streams_max {
            return refusal(&Kind::LimitExceeded.into());
        }
        for (_, same) in live.iter().filter(|(id, _)| *id == asked.session_id) {
            same.notify_one();
        }
        live.push((asked.session_id.clone(), Arc::clone(&killed)));
    }
    let index = record(&shared, &asked);
    let (down, mut events) = mpsc::channel(64);
    let response = Response::builder()
        .status(200)
        .header("content-type", "application/vnd.amazon.eventstream")
        .header("x-amzn-request-id", format!("request-{index}"))
        .header("x-amzn-transcribe-session-id", &asked.session_id)
        .header("x-amzn-transcribe-language-code", &asked.language)
        .header("x-amzn-transcribe-sample-rate", asked.rate_hz)
        .header("x-amzn-transcribe-media-encoding", asked.encoding.name());
    tokio::spawn(async move {
        let stream = session::Stream { shared: Arc::clone(&shared), asked, index, fault, killed: Arc::clone(&killed) };
        let end = stream.hold(request.into_body(), down).await;
        lock(&shared.live).retain(|(_, other)| !Arc::ptr_eq(other, &killed));
        shared.note(index, |record| record.end = end);
        if end == End::Cut {
            cut.notify_one();
        }
    });
    response.body(BodyExt::boxed(StreamBody::new(poll_fn(move |cx| events.poll_recv(cx)))))
}

fn record(shared: &Shared, asked: &Asked) -> usize {
    let mut records = lock(&shared.records);
    records.push(Record {
        session_id: asked.session_id.clone(),
        language: asked.language.clone(),
        encoding: asked.encoding.name().into(),
        rate_hz: asked.rate_hz,
        stability: asked.stability.clone(),
        vocabulary: asked.vocabulary.clone(),
        filter: asked.filter.clone(),
        redaction: asked.redaction.clone(),
        audio_ms: 0,
        chunks: 0,
        chunk_ms_max: 0,
        end: End::Live,
    });
    records.len() - 1
}

fn refusal(exception: &Exception) -> Result<Response<Body>, hyper::http::Error> {
    error(exception.kind.status(), exception.kind.name(), exception.body())
}

fn error(status: u16, kind: &str, body: Bytes) -> Result<Response<Body>, hyper::http::Error> {
    Response::builder()
        .status(status)
        .header("content-type", "application/json")
        .header("x-amzn-errortype", kind)
        .body(Full::new(body).boxed())
}
