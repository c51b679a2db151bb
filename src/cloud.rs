//! Adapters for AWS and Supabase: DynamoDB, API Gateway, Lambda, S3, Transcribe, Bedrock, Postgres, Pinecone.
//!
//! They know the ports alone: no port is defined here, no decision of an interview is taken, and no SDK type leaves its module.

pub mod api_gateway;
pub mod aws;
pub mod bedrock;
pub mod dynamo;
pub mod event_bus;
pub mod filing;
pub mod knowledge_base;
pub mod lambda_ingestion;
pub mod lambda_quiz_making;
mod lambda_start;
pub mod lambda_workers;
mod metering;
pub mod pinecone;
pub mod postgres;
pub mod s3;
pub mod secrets;
pub mod titan;
pub mod transcribe;
