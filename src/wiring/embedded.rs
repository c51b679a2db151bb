//! `viva serve`: everything on this machine, behind the gateway.

use crate::auth::{LocalKey, TokenKeys, VerifyingKeys};
use crate::chat;
use crate::config::limits::WORKERS_MAX;
use crate::config::{
    BudgetsConfig, Config, DataConfig, ModelChoice, RecognizerChoice, RecognizerConfig, TokensConfig, WebhookConfig,
};
use crate::embedded::builtin::BuiltinModel;
use crate::embedded::chat_completions::{ChatCompletionsConfig, ChatCompletionsModel};
use crate::embedded::data_folder::{DataFolderError, secret};
use crate::embedded::objects::FileObjects;
use crate::embedded::pocketsphinx::{PocketSphinxConfig, PocketSphinxRecognizer};
use crate::embedded::sqlite::{Announcing, OpenError, Store, StoreOptions};
use crate::embedded::system::{RandomIds, SystemClock};
use crate::embedded::transcriptions::{TranscriptionsConfig, TranscriptionsRecognizer};
use crate::embedded::webhook::Webhook;
use crate::embedded::webhook::courier::{Courier, Patience};
use crate::embedded::workers::TaskWorkers;
use crate::gateway::{Parts, SocketLimits, Sockets, install_provider};
use crate::handlers::{HandlerLimits, Handlers, Offer};
use crate::interview::driver::Deps;
use crate::ports::clock::Clock;
use crate::ports::ids::Ids;
use crate::ports::passages::Passages;
use crate::ports::recognizer::Recognizer;
use crate::ports::text_model::TextModel;
use crate::wiring::amazon;
use crate::wiring::extraction::extractor;
use crate::wiring::files::{Ground, files};
use crate::wiring::passages::passages;
use crate::wiring::quiz_making::{MakingGround, quiz_making};
use crate::wiring::quizzes::quizzes;
use crate::wiring::{NO_RECOGNIZER, WiringError, issuer_keys, scripted_model, scripted_recognizer, settings};
use std::num::NonZeroUsize;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;

impl WiringError {
    fn store(error: OpenError) -> Self {
        match error {
            OpenError::Folder(error @ DataFolderError::InUse { .. }) => Self::InUse(error),
            OpenError::Folder(DataFolderError::Io { path, source }) => {
                Self::Folder { path: path.display().to_string(), error: source }
            }
            other => Self::Store(other),
        }
    }
}

/// What workers are given.
struct Staff<'a> {
    store: &'a Arc<Store>,
    passages: &'a Arc<dyn Passages>,
    objects: &'a Arc<FileObjects>,
    sockets: &'a Arc<Sockets>,
    recognizer: &'a Option<Arc<dyn Recognizer>>,
    model: &'a Arc<dyn TextModel>,
    clock: &'a Arc<dyn Clock>,
    ids: &'a Arc<dyn Ids>,
    budgets: &'a BudgetsConfig,
}

fn workers(staff: Staff<'_>) -> TaskWorkers {
    let Staff { store, passages, objects, sockets, recognizer, model, clock, ids, budgets } = staff;
    let converse = chat::driver::Deps {
        feed: store.clone(),
        journal: store.clone(),
        conversations: store.clone(),
        passages: Arc::clone(passages),
        connections: sockets.clone(),
        model: Arc::clone(model),
        budgets: store.clone(),
        clock: Arc::clone(clock),
        ids: Arc::clone(ids),
        limits: budgets.limits(),
    };
    let interview = Deps {
        feed: store.clone(),
        journal: store.clone(),
        connections: sockets.clone(),
        recognizer: recognizer.clone(),
        model: Arc::clone(model),
        objects: objects.clone(),
        passages: Some(Arc::clone(passages)),
        reports: store.clone(),
        budgets: store.clone(),
        clock: Arc::clone(clock),
        ids: Arc::clone(ids),
        settings: settings(budgets),
    };
    TaskWorkers::with_chat(interview, converse, WORKERS_MAX)
}

/// Everything on this machine. It opens the data folder and loads the recognizer, and belongs at a program's start.
pub async fn embedded(config: &Config) -> Result<Parts, WiringError> {
    install_provider();
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let ids: Arc<dyn Ids> = Arc::new(RandomIds);
    let folder = &config.data.dir;
    let announcements = if config.webhook.is_some() { Announcing::On } else { Announcing::Off };
    let options = StoreOptions { announcements, ..StoreOptions::default() };
    let store = Store::open_with(folder, Arc::clone(&clock), options).map_err(WiringError::store)?;
    let courier = config.webhook.as_ref().map(|webhook| courier(webhook, &store, &clock)).transpose()?;
    let objects = FileObjects::open(folder, Arc::clone(&clock)).map_err(|error| in_folder(folder, error))?;
    let objects = Arc::new(objects);
    let (keys, local_key) = token_keys(config)?;
    let (recognizer, recognizer_absent) = recognizer(config).await?;
    let model = model(config).await?;
    let passages = passages(config, &store).await?;
    let sockets = Sockets::new();
    let workers = workers(Staff {
        store: &store,
        passages: &passages,
        objects: &objects,
        sockets: &sockets,
        recognizer: &recognizer,
        model: &model,
        clock: &clock,
        ids: &ids,
        budgets: &config.budgets,
    });
    let making = quiz_making(MakingGround {
        store: store.clone(),
        passages: Arc::clone(&passages),
        sockets: sockets.clone(),
        model: Arc::clone(&model),
        limits: config.budgets.limits(),
        clock: Arc::clone(&clock),
    });
    let (files, ingestion) = files(Ground {
        store: store.clone(),
        passages,
        objects: objects.clone(),
        sockets: sockets.clone(),
        extractor: extractor(&config.files)?,
        clock: Arc::clone(&clock),
        ids: Arc::clone(&ids),
        quota: config.files.quota(),
    });
    let quizzes = quizzes(&files, &store, making.clone(), config.quizzes.quota());
    let handlers = Handlers {
        feed: store.clone(),
        journal: store.clone(),
        reports: store.clone(),
        budgets: store.clone(),
        evidence: Some(store.clone()),
        conversations: Some(store),
        objects: objects.clone(),
        connections: sockets.clone(),
        register: sockets.clone(),
        workers: Arc::new(workers.clone()),
        files: Some(files),
        quizzes: Some(quizzes),
        clock,
        keys,
        offer: offer(recognizer.as_deref(), recognizer_absent, &*model),
        limits: HandlerLimits {
            budgets: config.budgets,
            connections_per_user_max: config.gateway.connections_per_user_max,
        },
    };
    let courier = Arc::new(Mutex::new(courier));
    let drain_max = Duration::from_millis(config.gateway.drain_ms_max);
    Ok(Parts {
        handlers,
        sockets,
        ids,
        upload_door: objects.clone(),
        verify_signed: Arc::new(move |token| objects.verify(token).ok()),
        dev_tokens: local_key.filter(|_| config.gateway.dev_tokens(&config.tokens)),
        sign_in: config.tokens.sign_in.clone(),
        drain: Arc::new(move || {
            let (workers, courier) = (workers.clone(), Arc::clone(&courier));
            let (ingestion, making) = (ingestion.clone(), making.clone());
            Box::pin(async move {
                ingestion.stop().await;
                making.stop().await;
                if !workers.drain(drain_max).await {
                    tracing::warn!(live = workers.live(), "workers are still at work");
                }
                let courier = courier.lock().await.take();
                let stopped = courier.map(|courier| tokio::time::timeout(drain_max, courier.stop()));
                if let Some(stopped) = stopped
                    && stopped.await.is_err()
                {
                    tracing::warn!("what was on its way to the webhook is sent again after the next start");
                }
            })
        }),
        limits: SocketLimits::default(),
    })
}

fn offer(recognizer: Option<&dyn Recognizer>, recognizer_absent: String, model: &dyn TextModel) -> Offer {
    Offer { recognizer: recognizer.map(Recognizer::info), recognizer_absent, model: model.info() }
}

/// The task that tells the platform of interviews' ends.
fn courier(webhook: &WebhookConfig, store: &Arc<Store>, clock: &Arc<dyn Clock>) -> Result<Courier, WiringError> {
    let webhook = Webhook::new(webhook, Arc::clone(clock));
    let webhook = webhook.map_err(|error| WiringError::adapter("VIVA_WEBHOOK_URL", error))?;
    Ok(Courier::start(Arc::clone(store), Arc::new(webhook), Arc::clone(clock), Patience::default()))
}

/// Whose tokens are believed, and the key that we may sign with where no issuer does.
fn token_keys(config: &Config) -> Result<(Arc<dyn TokenKeys>, Option<LocalKey>), WiringError> {
    match &config.tokens.issuer {
        Some(issuer) => Ok((issuer_keys(issuer.clone())?, None)),
        None => {
            let key = token_key(&config.data, &config.tokens)?;
            Ok((Arc::new(VerifyingKeys::new(vec![key.verifying()])), Some(key)))
        }
    }
}

/// The key that tokens are signed with: the platform's, or our own from the data folder.
pub fn token_key(data: &DataConfig, tokens: &TokensConfig) -> Result<LocalKey, WiringError> {
    match &tokens.secret {
        Some(secret) => Ok(LocalKey::new(secret.as_bytes())),
        None => {
            let made = secret(&data.dir.join("keys"), "token.key").map_err(|error| in_folder(&data.dir, error))?;
            Ok(LocalKey::new(made))
        }
    }
}

/// The recognizer, or why there is none.
type Found = (Option<Arc<dyn Recognizer>>, String);

async fn recognizer(config: &Config) -> Result<Found, WiringError> {
    let (whole, config) = (config, &config.recognizer);
    let adapter = |error| WiringError::adapter("VIVA_RECOGNIZER", error);
    let found: Arc<dyn Recognizer> = match config.choice {
        RecognizerChoice::None => return Ok((None, NO_RECOGNIZER.to_owned())),
        RecognizerChoice::Auto => match PocketSphinxRecognizer::load(&pocketsphinx(config)) {
            Ok(loaded) => Arc::new(loaded),
            Err(error) => {
                tracing::warn!(%error, "no speech recognizer: answers are typed");
                return Ok((None, format!("{error}. Answers can be typed.")));
            }
        },
        RecognizerChoice::PocketSphinx => {
            Arc::new(PocketSphinxRecognizer::load(&pocketsphinx(config)).map_err(|error| adapter(error.to_string()))?)
        }
        RecognizerChoice::OpenAi => {
            let url = config.url.as_deref().ok_or_else(|| adapter("VIVA_RECOGNIZER_URL is missing".into()))?;
            let mut server = TranscriptionsConfig::new(url);
            server.key.clone_from(&config.key);
            if let Some(model) = &config.model {
                server.model.clone_from(model);
            }
            if let Some(languages) = &config.languages {
                server.languages.clone_from(languages);
            }
            Arc::new(TranscriptionsRecognizer::new(server).map_err(|error| adapter(error.to_string()))?)
        }
        RecognizerChoice::Transcribe => amazon::transcribe(whole).await?,
        RecognizerChoice::Scripted => scripted_recognizer(config)?,
    };
    tracing::info!(name = found.info().name, "the recognizer is loaded");
    Ok((Some(found), String::new()))
}

pub(crate) fn pocketsphinx(config: &RecognizerConfig) -> PocketSphinxConfig {
    let models = config.pocketsphinx_models.as_deref().map(PocketSphinxConfig::with_models).unwrap_or_default();
    PocketSphinxConfig {
        library: config.pocketsphinx_library.clone(),
        threads: config.threads.and_then(NonZeroUsize::new),
        ..models
    }
}

async fn model(all: &Config) -> Result<Arc<dyn TextModel>, WiringError> {
    let config = &all.model;
    Ok(match config.choice {
        ModelChoice::Builtin => Arc::new(BuiltinModel::new()),
        ModelChoice::OpenAi => {
            let missing = |variable| move || WiringError::adapter(variable, "it is missing");
            let url = config.url.as_deref().ok_or_else(missing("VIVA_MODEL_URL"))?;
            let name = config.name.as_deref().ok_or_else(missing("VIVA_MODEL_NAME"))?;
            let endpoint = ChatCompletionsConfig::new(url, name, config.key.clone());
            Arc::new(ChatCompletionsModel::new(endpoint).map_err(|error| WiringError::adapter("VIVA_MODEL", error))?)
        }
        ModelChoice::Bedrock | ModelChoice::Agent => amazon::bedrock(all).await?,
        ModelChoice::Scripted => scripted_model(config)?,
    })
}

fn in_folder(path: &Path, error: std::io::Error) -> WiringError {
    WiringError::Folder { path: path.display().to_string(), error }
}
