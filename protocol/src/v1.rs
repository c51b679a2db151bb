//! Version 1, sub-protocol `viva.v1`: JSON text messages, tagged by `type`, numbered both ways within a session.
//!
//! v1 only ever grows: fields and messages may be added, never taken away or given another meaning. Decoding is
//! total ([`decode_client`], [`decode_server`]): any bytes give a message or an error with a code. Order, credit and
//! the right to speak in a session are not judged here.

#[macro_use]
mod shape;

pub mod audio;
mod chat;
mod client;
mod code;
mod decode;
mod document;
mod event;
mod ids;
mod interview;
pub mod limits;
mod quiz;
mod report;
mod result;
mod server;
mod validate;

pub use chat::*;
pub use client::*;
pub use code::{ErrorCode, ParseErrorCodeError};
pub use decode::{DecodeError, decode_client, decode_server, encode_client, encode_server};
pub use document::{DocumentFailure, DocumentPage, DocumentPurpose, DocumentState, DocumentStatus, DocumentSummary};
pub use event::*;
pub use ids::{CourseId, DocumentId, IdError, Language, MessageId, QuizId, ReplyId, RequestId, SessionId, UserId};
pub use interview::*;
pub use quiz::{MakingState, QuizFailure, QuizStatus, QuizSummary};
pub use report::*;
pub use result::*;
pub use server::*;

/// The sub-protocol that a client offers and the server echoes.
pub const SUBPROTOCOL: &str = "viva.v1";

/// A browser passes its token as a second sub-protocol: this prefix, then the token.
pub const BEARER_SUBPROTOCOL_PREFIX: &str = "viva.bearer.";
