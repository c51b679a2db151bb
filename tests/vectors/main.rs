//! Passages by their words and by their meaning: embeddings over the wire, documents that wait for them, Pinecone's own rules, and how
//! well the answers to questions are found.

#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used)]

#[path = "../../examples/retrieval/bench.rs"]
mod bench;

#[path = "../rig/embeddings.rs"]
mod embeddings_server;

#[path = "../rig/knowledge_base.rs"]
mod knowledge_base_server;

#[path = "../rig/meaning.rs"]
mod meaning;

#[path = "../rig/pinecone.rs"]
mod pinecone_server;

#[path = "../rig/postgres.rs"]
#[expect(clippy::disallowed_methods, reason = "it waits for a process by the wall clock")]
mod postgres_server;

mod embedding;
mod ingesting;
mod pinecone;
mod retrieval;
