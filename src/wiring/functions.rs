//! The functions on AWS: to each the adapters that it needs, and no others. Nothing here goes over the network: clients connect, keys and
//! secrets are fetched when they are first asked for.

mod files;
mod lazy_keys;
mod quizzes;
mod retrieval;
mod speech;
mod stack;

pub use files::{files, ingest};
pub use quizzes::{quiz, quizzes};

use crate::chat;
use crate::cloud::dynamo;
use crate::config::limits::CONNECTIONS_PER_USER_MAX;
use crate::config::{BudgetsConfig, ConfigError, Environment, prices};
use crate::embedded::system::{RandomIds, SystemClock};
use crate::handlers::filing::Filing;
use crate::handlers::{HandlerLimits, Handlers};
use crate::interview::driver::{Deps, Metering, Settings};
use crate::lambda::authorizer::Authorizer;
use crate::lambda::chat::Converser;
use crate::lambda::connect::Connect;
use crate::lambda::disconnect::Disconnect;
use crate::lambda::interview::Interviewer;
use crate::lambda::me::WhoAmI;
use crate::lambda::message::Message;
use crate::lambda::reports::FileReports;
use crate::lambda::sweep::Sweep;
use crate::ports::clock::Clock;
use crate::wiring::functions::lazy_keys::LazyKeys;
use crate::wiring::functions::stack::Stack;
use crate::wiring::{WiringError, settings};
use std::sync::Arc;

pub fn authorizer(environment: &Environment) -> Result<Authorizer, WiringError> {
    Ok(Authorizer { keys: Arc::new(LazyKeys::read(environment)?), clock: clock() })
}

pub fn connect(environment: &Environment) -> Result<Connect, WiringError> {
    Ok(Connect {
        register: Arc::new(Stack::read(environment)?.register()?),
        clock: clock(),
        connections_per_user_max: connections_per_user_max(environment)?,
    })
}

pub fn disconnect(environment: &Environment) -> Result<Disconnect, WiringError> {
    let stack = Stack::read(environment)?;
    Ok(Disconnect {
        register: Arc::new(stack.register()?),
        journal: Arc::new(stack.journal()?),
        feed: Arc::new(stack.feed()?),
        clock: clock(),
    })
}

pub fn message(environment: &Environment) -> Result<Message, WiringError> {
    let stack = Stack::read(environment)?;
    Ok(Message {
        handlers: Handlers {
            feed: Arc::new(stack.feed()?),
            journal: Arc::new(stack.journal()?),
            reports: Arc::new(stack.filed_reports()?),
            budgets: Arc::new(stack.budgets()?),
            objects: Arc::new(stack.objects()?),
            connections: Arc::new(stack.connections()?),
            register: Arc::new(stack.register()?),
            conversations: Some(Arc::new(stack.conversations()?)),
            workers: Arc::new(stack.workers()?),
            quizzes: None,
            evidence: Some(Arc::new(stack.evidence()?)),
            files: Some(files::handlers(&stack, environment, Arc::new(retrieval::text(&stack)?))?),
            clock: clock(),
            keys: Arc::new(LazyKeys::read(environment)?),
            offer: speech::offer(environment)?,
            limits: HandlerLimits {
                budgets: BudgetsConfig::read(environment)?,
                connections_per_user_max: connections_per_user_max(environment)?,
            },
        },
    })
}

pub fn interview(environment: &Environment) -> Result<Interviewer, WiringError> {
    let stack = Stack::read(environment)?;
    let metering = Metering {
        meter: stack.aws.meter(),
        prices: Arc::new(prices::read(environment)?),
        function_mb: environment.number("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", FUNCTION_MB, 1, 1 << 20)?,
    };
    Ok(Interviewer {
        deps: Deps {
            feed: Arc::new(stack.feed()?),
            journal: Arc::new(stack.journal()?),
            connections: Arc::new(stack.connections()?),
            recognizer: speech::recognizer(&stack.aws, environment)?,
            model: speech::model(&stack.aws, environment)?,
            objects: Arc::new(stack.objects()?),
            passages: Some(retrieval::passages(&stack, environment)?),
            reports: Arc::new(stack.reports()?),
            budgets: Arc::new(stack.budgets()?),
            clock: clock(),
            ids: Arc::new(RandomIds),
            settings: Settings { metering: Some(metering), ..settings(&BudgetsConfig::read(environment)?) },
        },
        workers: Arc::new(stack.interviews()?),
    })
}

pub fn chat(environment: &Environment) -> Result<Converser, WiringError> {
    let stack = Stack::read(environment)?;
    Ok(Converser {
        deps: chat::driver::Deps {
            feed: Arc::new(stack.feed()?),
            journal: Arc::new(stack.journal()?),
            conversations: Arc::new(stack.conversations()?),
            passages: retrieval::passages(&stack, environment)?,
            connections: Arc::new(stack.connections()?),
            model: speech::tutor(&stack.aws, environment)?,
            budgets: Arc::new(stack.budgets()?),
            clock: clock(),
            ids: Arc::new(RandomIds),
            limits: BudgetsConfig::read(environment)?.limits(),
        },
        workers: Arc::new(stack.chats()?),
    })
}

pub fn sweep(environment: &Environment) -> Result<Sweep, WiringError> {
    let stack = Stack::read(environment)?;
    Ok(Sweep {
        journal: Arc::new(stack.journal()?),
        conversations: Arc::new(stack.conversations()?),
        workers: Arc::new(stack.workers()?),
        quizzes: Arc::new(stack.quizzes()?),
        making: Arc::new(stack.quiz_making()?),
        clock: clock(),
    })
}

pub fn reports(environment: &Environment) -> Result<FileReports, WiringError> {
    let stack = Stack::read(environment)?;
    Ok(FileReports {
        filing: Filing {
            fresh: Arc::new(stack.reports()?),
            filed: Arc::new(stack.filed()?),
            announcements: Arc::new(stack.announcements()?),
            announced: Arc::new(stack.announced()?),
        },
        session_of: dynamo::session_key,
    })
}

pub fn me(_: &Environment) -> Result<WhoAmI, WiringError> {
    Ok(WhoAmI)
}

fn clock() -> Arc<dyn Clock> {
    Arc::new(SystemClock)
}

fn connections_per_user_max(environment: &Environment) -> Result<u64, ConfigError> {
    environment.number("VIVA_CONNECTIONS_PER_USER", CONNECTIONS_PER_USER_MAX, 1, u64::from(u32::MAX))
}

/// Where Lambda does not say how much memory there is.
const FUNCTION_MB: u64 = 512;
