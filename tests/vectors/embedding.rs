//! What all who make embeddings do, over the wire, and what only one of them can get wrong.

use crate::embeddings_server::{BUSY, EmbeddingsServer, Fault};
use crate::meaning::meaning;
use serde_json::json;
use viva::cloud::aws::Aws;
use viva::cloud::titan::TitanEmbeddings;
use viva::config::{EmbeddingsConfig, Environment};
use viva::embedded::embeddings::ServerEmbeddings;
use viva::ports::embeddings::{Embeddings, EmbeddingsError, Purpose};
use viva::retrieval::patience::Patience;

const DIMENSIONS: usize = 256;
const PATIENCE: Patience = Patience { attempts_max: 3, wait_ms: 1, wait_ms_max: 1_500, attempt_ms_max: 20_000 };

fn config(url: &str, more: &[(&str, &str)]) -> EmbeddingsConfig {
    let mut environment = Environment::from([("VIVA_EMBEDDINGS_URL", url), ("VIVA_EMBEDDINGS_MODEL", "small")]);
    for (name, value) in more {
        environment.set(name, *value);
    }
    EmbeddingsConfig::read(&environment).unwrap()
}

async fn of_server(patience: Patience) -> (Box<dyn Embeddings>, EmbeddingsServer) {
    let server = EmbeddingsServer::start(DIMENSIONS).await;
    let made = ServerEmbeddings::new(&config(&server.url, &[])).unwrap().with_patience(patience);
    (Box::new(made), server)
}

async fn of_titan(patience: Patience) -> (Box<dyn Embeddings>, EmbeddingsServer) {
    let server = EmbeddingsServer::start(DIMENSIONS).await;
    let environment = Environment::from([
        ("AWS_REGION", "us-east-1"),
        ("AWS_ACCESS_KEY_ID", "id"),
        ("AWS_SECRET_ACCESS_KEY", "secret"),
        ("AWS_ENDPOINT_URL_BEDROCK_RUNTIME", &server.url),
        ("VIVA_EMBEDDINGS", "titan"),
        ("VIVA_EMBEDDINGS_DIMENSIONS", "256"),
    ]);
    let aws = Aws::of_function(&environment).unwrap();
    let config = EmbeddingsConfig::read(&environment).unwrap();
    (Box::new(TitanEmbeddings::new(&aws, &config).with_patience(patience)), server)
}

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

macro_rules! embeddings_contract {
    ($($suite:ident: $make:path),+) => {
        $(mod $suite {
            use super::*;

            #[tokio::test]
            async fn every_text_gets_a_vector_of_length_one_in_its_place() {
                let (embeddings, _server) = $make(PATIENCE).await;
                let all: Vec<String> = (0..40).map(|n| format!("word{n} and another")).collect();
                let vectors = embeddings.embed(Purpose::Passage, &all).await.unwrap();
                assert_eq!(vectors.len(), 40);
                for (text, vector) in all.iter().zip(&vectors) {
                    let near: f32 = vector.iter().zip(meaning(text, DIMENSIONS)).map(|(one, other)| one * other).sum();
                    assert!((near - 1.0).abs() < 1e-3, "{text}");
                    assert!((vector.iter().map(|x| x * x).sum::<f32>() - 1.0).abs() < 1e-3);
                }
                assert_eq!(embeddings.embed(Purpose::Passage, &[]).await.unwrap(), Vec::<Vec<f32>>::new());
            }

            #[tokio::test]
            async fn a_long_text_is_cut_and_not_refused() {
                let (embeddings, server) = $make(PATIENCE).await;
                embeddings.embed(Purpose::Passage, &["längst ".repeat(20_000)]).await.unwrap();
                assert_eq!(server.asked()[0][0].chars().count(), 8_000);
            }

            #[tokio::test]
            async fn what_is_throttled_is_tried_again() {
                let (embeddings, server) = $make(PATIENCE).await;
                server.fail([BUSY, Fault::Refuse { status: 503, code: "ServiceUnavailableException", retry_after: Some("1") }]);
                assert_eq!(embeddings.embed(Purpose::Passage, &texts(&["one"])).await.unwrap().len(), 1);
                server.fail([BUSY, BUSY, BUSY]);
                let busy = embeddings.embed(Purpose::Passage, &texts(&["one"])).await.unwrap_err();
                assert_eq!(busy, EmbeddingsError::Busy { retry_after_ms: None });
            }

            #[tokio::test]
            async fn a_wait_beyond_patience_is_told_and_not_waited_for() {
                let (embeddings, server) = $make(PATIENCE).await;
                server.fail([Fault::Refuse { status: 429, code: "ThrottlingException", retry_after: Some("3600") }]);
                let busy = embeddings.embed(Purpose::Passage, &texts(&["one"])).await.unwrap_err();
                assert_eq!(busy, EmbeddingsError::Busy { retry_after_ms: Some(3_600_000) });
            }

            #[tokio::test]
            async fn a_query_is_asked_once() {
                let (embeddings, server) = $make(PATIENCE).await;
                server.fail([BUSY]);
                assert!(embeddings.embed(Purpose::Query, &texts(&["one"])).await.is_err());
                assert_eq!(embeddings.embed(Purpose::Query, &texts(&["one"])).await.unwrap().len(), 1);
            }

            #[tokio::test]
            async fn a_silent_server_is_given_up() {
                let (embeddings, server) = $make(Patience { attempts_max: 2, attempt_ms_max: 200, ..PATIENCE }).await;
                server.fail([Fault::Silence, Fault::Silence]);
                let failed = embeddings.embed(Purpose::Passage, &texts(&["one"])).await.unwrap_err();
                assert!(matches!(failed, EmbeddingsError::Failed(_)), "{failed}");
            }

            #[tokio::test]
            async fn an_answer_that_makes_no_sense_is_none() {
                let (embeddings, server) = $make(Patience { attempts_max: 1, ..PATIENCE }).await;
                let zeros = vec![0.0; DIMENSIONS];
                for answer in [
                    json!({}),
                    json!("hunter2"),
                    json!({"data": [], "embedding": []}),
                    json!({"data": [{"index": 0, "embedding": zeros}], "embedding": zeros}),
                    json!({"data": [{"index": 3, "embedding": [1.0]}], "embedding": [1.0]}),
                ] {
                    server.fail([Fault::Answer(answer.clone())]);
                    let failed = embeddings.embed(Purpose::Passage, &texts(&["one"])).await.unwrap_err();
                    assert!(matches!(&failed, EmbeddingsError::Failed(why) if !why.contains("hunter2")), "{answer}: {failed}");
                }
            }

            #[tokio::test]
            async fn what_is_refused_is_not_tried_again() {
                let (embeddings, server) = $make(PATIENCE).await;
                server.fail([
                    Fault::Refuse { status: 403, code: "AccessDeniedException", retry_after: None },
                    Fault::Refuse { status: 404, code: "ResourceNotFoundException", retry_after: None },
                    Fault::Refuse { status: 400, code: "ValidationException", retry_after: None },
                ]);
                for _ in 0..3 {
                    let refused = embeddings.embed(Purpose::Passage, &texts(&["one"])).await.unwrap_err();
                    assert!(matches!(refused, EmbeddingsError::Refused(_)), "{refused}");
                }
                assert!(server.asked().is_empty());
            }
        })+
    };
}

embeddings_contract!(server: of_server, titan: of_titan);

#[tokio::test]
async fn vectors_go_by_their_places_and_not_by_their_order() {
    let (embeddings, server) = of_server(PATIENCE).await;
    server.fail([Fault::Shuffled]);
    let vectors = embeddings.embed(Purpose::Passage, &texts(&["alpha", "beta", "gamma"])).await.unwrap();
    assert_eq!(vectors, [meaning("alpha", DIMENSIONS), meaning("beta", DIMENSIONS), meaning("gamma", DIMENSIONS)]);
}

#[tokio::test]
async fn a_key_is_sent_and_never_told() {
    let server = EmbeddingsServer::start_with(DIMENSIONS, Some("hunter2"), Vec::new()).await;
    let with = |key| {
        let config = config(&server.url, &[("VIVA_EMBEDDINGS_KEY", key)]);
        assert!(!format!("{config:?}").contains(key), "{config:?}");
        ServerEmbeddings::new(&config).unwrap()
    };
    assert_eq!(with("hunter2").embed(Purpose::Query, &texts(&["one"])).await.unwrap().len(), 1);
    let refused = with("hunter3").embed(Purpose::Query, &texts(&["one"])).await.unwrap_err();
    assert_eq!(refused.to_string(), "the embeddings' server refuses: it does not accept the key");
}

#[tokio::test]
async fn prefixes_tell_queries_from_passages_and_make_another_model() {
    let server = EmbeddingsServer::start(DIMENSIONS).await;
    let prefixes =
        [("VIVA_EMBEDDINGS_QUERY_PREFIX", "\"query: \""), ("VIVA_EMBEDDINGS_PASSAGE_PREFIX", "\"passage: \"")];
    let with = ServerEmbeddings::new(&config(&server.url, &prefixes)).unwrap();
    with.embed(Purpose::Query, &texts(&["one"])).await.unwrap();
    with.embed(Purpose::Passage, &texts(&["one"])).await.unwrap();
    assert_eq!(server.asked(), [["query: one"], ["passage: one"]]);
    let without = ServerEmbeddings::new(&config(&server.url, &[])).unwrap();
    let sized = ServerEmbeddings::new(&config(&server.url, &[("VIVA_EMBEDDINGS_DIMENSIONS", "256")])).unwrap();
    assert!(without.model() != with.model() && without.model() != sized.model());
}

#[tokio::test]
async fn a_model_of_another_size_than_asked_for_is_refused() {
    let server = EmbeddingsServer::start(DIMENSIONS).await;
    let embeddings = ServerEmbeddings::new(&config(&server.url, &[("VIVA_EMBEDDINGS_DIMENSIONS", "256")])).unwrap();
    assert_eq!(embeddings.embed(Purpose::Query, &texts(&["one"])).await.unwrap()[0].len(), 256);
    server.fail([Fault::Answer(json!({"data": [{"index": 0, "embedding": [1.0, 0.0]}]}))]);
    let refused = embeddings.embed(Purpose::Query, &texts(&["one"])).await.unwrap_err();
    assert_eq!(refused.to_string(), "the embeddings' server refuses: the model does not give 256 dimensions");
}
