//! The suites against AWS's services, which an emulator serves over the wire, and beside them what only they can get wrong.

#[path = "../rig/answers.rs"]
mod answers;
mod api_gateway;
#[path = "../rig/bus.rs"]
mod bus;
mod chat;
mod dynamo;
mod filing;
mod inbox;
mod knowledge_base;
#[path = "../rig/knowledge_base.rs"]
mod knowledge_base_server;
#[path = "../rig/ministack.rs"]
#[expect(clippy::disallowed_methods, reason = "it waits for a process by the wall clock")]
mod ministack;
#[path = "../rig/pinecone.rs"]
mod pinecone_server;
mod postgres;
mod postgres_conversations;
mod postgres_files;
mod postgres_forgetting;
mod postgres_passages;
mod postgres_quizzes;
#[path = "../rig/postgres.rs"]
#[expect(clippy::disallowed_methods, reason = "it waits for a process by the wall clock")]
mod postgres_server;
mod postgres_tls;
mod s3;
mod s3_parts;
mod secrets;
#[path = "../rig/stale_proxy.rs"]
mod stale_proxy;
#[path = "../rig/tables.rs"]
mod tables;
mod transcribe;
#[path = "../rig/transcribe.rs"]
mod transcribe_server;
mod workers;

/// An adapter, and what it needs to go on working.
pub(crate) struct Made<P, K = ()> {
    port: Box<P>,
    kept: K,
}

impl<P, K> Made<P, K> {
    pub(crate) fn new(port: P, kept: K) -> Self {
        Self { port: Box::new(port), kept }
    }

    pub(crate) fn port(&self) -> &P {
        &self.port
    }

    pub(crate) fn into_parts(self) -> (Box<P>, K) {
        (self.port, self.kept)
    }

    pub(crate) fn kept(&self) -> &K {
        &self.kept
    }
}
