//! Opening a connection: address, sub-protocol, token.

use std::fmt;
use std::time::Duration;

use protocol::v1::SUBPROTOCOL;
use thiserror::Error;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::{HeaderValue, header};
use tokio_tungstenite::tungstenite::{self, protocol::WebSocketConfig};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async_with_config};

/// An open connection.
pub(super) type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Where to connect, and as whom.
#[derive(Clone)]
pub struct Connector {
    url: String,
    token: String,
}

impl Connector {
    /// `url` begins with `ws://` or `wss://`.
    pub fn new(url: impl Into<String>, token: impl Into<String>) -> Self {
        Self { url: url.into(), token: token.into() }
    }

    pub(super) async fn connect(self) -> Result<Socket, ConnectError> {
        let mut request = self.url.as_str().into_client_request().map_err(ConnectError::from)?;
        let bearer = HeaderValue::try_from(format!("Bearer {}", self.token)).map_err(|_| ConnectError::Token)?;
        request.headers_mut().insert(header::AUTHORIZATION, bearer);
        request.headers_mut().insert(header::SEC_WEBSOCKET_PROTOCOL, HeaderValue::from_static(SUBPROTOCOL));
        // Small buffers: thousands of connections live in one process.
        let config = WebSocketConfig::default().read_buffer_size(8 * 1024).write_buffer_size(0);
        let opening = connect_async_with_config(request, Some(config), NAGLE_OFF);
        let (socket, _) = timeout(CONNECT_MAX, opening).await.map_err(|_| ConnectError::TimedOut)??;
        Ok(socket)
    }
}

impl fmt::Debug for Connector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Connector").field("url", &self.url).finish_non_exhaustive()
    }
}

/// Why there is no connection.
#[derive(Debug, Error)]
pub enum ConnectError {
    /// The server answered, but not by upgrading.
    #[error("the server refused the connection with status {0}")]
    Refused(u16),
    /// The token cannot stand in a header.
    #[error("the token holds characters that no header may")]
    Token,
    /// No answer in time.
    #[error("the server did not answer within {CONNECT_MAX:?}")]
    TimedOut,
    /// The network, or what was said on it.
    #[error(transparent)]
    Transport(Box<tungstenite::Error>),
}

impl From<tungstenite::Error> for ConnectError {
    fn from(error: tungstenite::Error) -> Self {
        match error {
            tungstenite::Error::Http(response) => Self::Refused(response.status().as_u16()),
            error => Self::Transport(Box::new(error)),
        }
    }
}

const CONNECT_MAX: Duration = Duration::from_secs(20);
const NAGLE_OFF: bool = true;
