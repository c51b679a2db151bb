//! The parts of the stack on AWS, each made of what the function was told of it; what it was not told it cannot do without.

use crate::cloud::api_gateway::ApiGatewayConnections;
use crate::cloud::aws::Aws;
use crate::cloud::dynamo::{DynamoAnnounced, DynamoBudgets, DynamoFeed, DynamoJournal, DynamoRegister, DynamoReports};
use crate::cloud::event_bus::EventBus;
use crate::cloud::filing::FiledReports;
use crate::cloud::lambda_ingestion::LambdaIngestion;
use crate::cloud::lambda_quiz_making::LambdaQuizMaking;
use crate::cloud::lambda_workers::{LambdaWorkers, WorkersByKind};
use crate::cloud::postgres::{
    Database, PostgresAttempts, PostgresConversations, PostgresDocuments, PostgresEvidence, PostgresQuizzes,
    PostgresReports, PostgresUploads,
};
use crate::cloud::s3::S3Objects;
use crate::cloud::secrets::Secrets;
use crate::config::cloud::needed;
use crate::config::{CloudConfig, Environment};
use crate::wiring::WiringError;
use crate::wiring::functions::clock;
use std::sync::{Arc, OnceLock};

pub(super) struct Stack {
    pub(super) aws: Aws,
    names: CloudConfig,
    database: OnceLock<Arc<Database>>,
}

impl Stack {
    pub(super) fn read(environment: &Environment) -> Result<Self, WiringError> {
        Ok(Self {
            aws: Aws::of_function(environment)?,
            names: CloudConfig::read(environment)?,
            database: OnceLock::new(),
        })
    }

    pub(super) fn journal(&self) -> Result<DynamoJournal, WiringError> {
        Ok(DynamoJournal::new(&self.aws, needed(&self.names.table_sessions, "VIVA_TABLE_SESSIONS")?, clock()))
    }

    pub(super) fn feed(&self) -> Result<DynamoFeed, WiringError> {
        Ok(DynamoFeed::new(&self.aws, needed(&self.names.table_inbox, "VIVA_TABLE_INBOX")?, clock()))
    }

    pub(super) fn register(&self) -> Result<DynamoRegister, WiringError> {
        Ok(DynamoRegister::new(&self.aws, needed(&self.names.table_connections, "VIVA_TABLE_CONNECTIONS")?, clock()))
    }

    pub(super) fn budgets(&self) -> Result<DynamoBudgets, WiringError> {
        Ok(DynamoBudgets::new(&self.aws, needed(&self.names.table_budgets, "VIVA_TABLE_BUDGETS")?, clock()))
    }

    /// What a worker writes; whoever reads the table's stream files it.
    pub(super) fn reports(&self) -> Result<DynamoReports, WiringError> {
        Ok(DynamoReports::new(&self.aws, needed(&self.names.table_sessions, "VIVA_TABLE_SESSIONS")?, clock()))
    }

    /// Where they are filed.
    pub(super) fn filed(&self) -> Result<PostgresReports, WiringError> {
        Ok(PostgresReports::new(self.database()?))
    }

    /// One for all that a function keeps there.
    pub(super) fn database(&self) -> Result<Arc<Database>, WiringError> {
        let secret = needed(&self.names.database_secret, "VIVA_DATABASE_SECRET")?;
        let made = self.database.get_or_init(|| Database::of_secret(Arc::new(Secrets::new(&self.aws)), secret));
        Ok(Arc::clone(made))
    }

    pub(super) fn filed_reports(&self) -> Result<FiledReports<DynamoReports, PostgresReports>, WiringError> {
        Ok(FiledReports::new(self.reports()?, self.filed()?))
    }

    pub(super) fn announcements(&self) -> Result<EventBus, WiringError> {
        Ok(EventBus::new(&self.aws, needed(&self.names.event_bus, "VIVA_EVENT_BUS")?))
    }

    pub(super) fn announced(&self) -> Result<DynamoAnnounced, WiringError> {
        Ok(DynamoAnnounced::new(&self.aws, needed(&self.names.table_sessions, "VIVA_TABLE_SESSIONS")?, clock()))
    }

    pub(super) fn objects(&self) -> Result<S3Objects, WiringError> {
        Ok(S3Objects::new(&self.aws, needed(&self.names.bucket, "VIVA_BUCKET")?))
    }

    pub(super) fn connections(&self) -> Result<ApiGatewayConnections, WiringError> {
        Ok(ApiGatewayConnections::new(&self.aws, needed(&self.names.connections_url, "VIVA_CONNECTIONS_URL")?))
    }

    /// What people upload.
    pub(super) fn uploaded(&self) -> Result<S3Objects, WiringError> {
        Ok(S3Objects::new(&self.aws, needed(&self.names.bucket_uploads, "VIVA_BUCKET_UPLOADS")?))
    }

    pub(super) fn documents(&self) -> Result<PostgresDocuments, WiringError> {
        Ok(PostgresDocuments::new(self.database()?))
    }

    pub(super) fn uploads(&self) -> Result<PostgresUploads, WiringError> {
        Ok(PostgresUploads::new(self.database()?))
    }

    pub(super) fn conversations(&self) -> Result<PostgresConversations, WiringError> {
        Ok(PostgresConversations::new(self.database()?))
    }

    pub(super) fn quizzes(&self) -> Result<PostgresQuizzes, WiringError> {
        Ok(PostgresQuizzes::new(self.database()?))
    }

    pub(super) fn attempts(&self) -> Result<PostgresAttempts, WiringError> {
        Ok(PostgresAttempts::new(self.database()?))
    }

    pub(super) fn evidence(&self) -> Result<PostgresEvidence, WiringError> {
        Ok(PostgresEvidence::new(self.database()?))
    }

    pub(super) fn ingestion(&self) -> Result<LambdaIngestion, WiringError> {
        Ok(LambdaIngestion::new(&self.aws, needed(&self.names.ingest_function, "VIVA_INGEST_FUNCTION")?))
    }

    pub(super) fn quiz_making(&self) -> Result<LambdaQuizMaking, WiringError> {
        Ok(LambdaQuizMaking::new(&self.aws, needed(&self.names.quiz_function, "VIVA_QUIZ_FUNCTION")?))
    }

    /// Workers of sessions of every kind.
    pub(super) fn workers(&self) -> Result<WorkersByKind, WiringError> {
        Ok(WorkersByKind { journal: Arc::new(self.journal()?), interviews: self.interviews()?, chats: self.chats()? })
    }

    pub(super) fn interviews(&self) -> Result<LambdaWorkers, WiringError> {
        Ok(LambdaWorkers::new(&self.aws, needed(&self.names.worker_function, "VIVA_WORKER_FUNCTION")?))
    }

    pub(super) fn chats(&self) -> Result<LambdaWorkers, WiringError> {
        Ok(LambdaWorkers::new(&self.aws, needed(&self.names.chat_function, "VIVA_CHAT_FUNCTION")?))
    }
}
