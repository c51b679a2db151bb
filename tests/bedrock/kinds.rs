//! The three kinds of models that are reached over a network, each in front of a server that does the same.

use crate::bedrock::{Act, Bedrock, Event, chunk, exception, metadata, stop, text};
use crate::endpoint::{self, Endpoint, pieces};
use crate::ministack::aws_at;
use serde_json::json;
use viva::cloud::bedrock::{AgentModel, ConverseModel, TimeOuts, Times};
use viva::config::BedrockConfig;
use viva::embedded::chat_completions::{ChatCompletionsConfig, ChatCompletionsModel};
use viva::ports::text_model::TextModel;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    ChatCompletions,
    Converse,
    Agent,
}

/// What a server does with one request, whatever it speaks.
#[derive(Clone, Debug)]
pub(crate) enum Does {
    Says(String),
    SaysAndStalls(&'static str),
    SaysAndBreaksOff(&'static str),
    SaysForEver(String),
    Nothing,
    IsBusy(Option<&'static str>),
    Fails,
    ForbidsIt,
}

pub(crate) struct Served {
    pub(crate) model: Box<dyn TextModel>,
    server: Server,
}

enum Server {
    Chat(Endpoint),
    Bedrock(Bedrock),
}

pub(crate) const TIMES: TimeOuts = TimeOuts { first_ms: 6_000, gap_ms: 1_500, total_ms: 12_000 };
/// One that loses patience before its first word.
pub(crate) const HASTY: TimeOuts = TimeOuts { first_ms: 400, gap_ms: 5_000, total_ms: 6_000 };

pub(crate) async fn serve(kind: Kind, acts: Vec<Does>, times: TimeOuts) -> Served {
    if kind == Kind::ChatCompletions {
        let endpoint = Endpoint::start(acts.into_iter().map(in_chat).collect()).await;
        let mut config = ChatCompletionsConfig::new(&endpoint.url, "tiny", None);
        (config.question_times, config.debrief_times) = (times, times);
        let model = Box::new(ChatCompletionsModel::new(config).expect("a client"));
        return Served { model, server: Server::Chat(endpoint) };
    }
    let bedrock = Bedrock::start(acts.into_iter().map(|does| on_bedrock(kind, does)).collect()).await;
    let model: Box<dyn TextModel> = match kind {
        Kind::Agent => Box::new(agent(&bedrock, times)),
        Kind::Converse | Kind::ChatCompletions => Box::new(converse(&bedrock, times)),
    };
    Served { model, server: Server::Bedrock(bedrock) }
}

pub(crate) fn converse(bedrock: &Bedrock, times: TimeOuts) -> ConverseModel {
    let config = BedrockConfig { cache: true, tool: true, ..BedrockConfig::default() };
    ConverseModel::new(&aws_at(&bedrock.url), "amazon.nova-lite-v1:0", &config).with_times(Times {
        question: times,
        debrief: times,
        answer: times,
        quiz: times,
    })
}

pub(crate) fn agent(bedrock: &Bedrock, times: TimeOuts) -> AgentModel {
    AgentModel::new(&aws_at(&bedrock.url), "AGENT1", "ALIAS1").with_times(Times {
        question: times,
        debrief: times,
        answer: times,
        quiz: times,
    })
}

/// What a model says, and the end of it.
pub(crate) fn said(words: &str) -> Vec<Event> {
    let mut events = pieces(words).iter().map(|piece| text(piece)).collect::<Vec<_>>();
    events.push(stop("end_turn"));
    events.push(metadata(json!({"inputTokens": 321, "outputTokens": 12, "totalTokens": 333})));
    events
}

pub(crate) fn busy(retry_after: Option<&'static str>) -> Act {
    Act::Refuse { status: 429, code: "ThrottlingException", message: "Too many requests", retry_after }
}

impl Served {
    pub(crate) fn requests(&self) -> usize {
        match &self.server {
            Server::Chat(endpoint) => endpoint.requests().len(),
            Server::Bedrock(bedrock) => bedrock.requests().len(),
        }
    }

    /// Waits until a stream is closed from our side.
    pub(crate) async fn closed(&mut self) {
        match &mut self.server {
            Server::Chat(endpoint) => endpoint.closed().await,
            Server::Bedrock(bedrock) => bedrock.closed().await,
        }
    }
}

fn in_chat(does: Does) -> endpoint::Act {
    use endpoint::Act;
    match does {
        Does::Says(words) => Act::Say(pieces(&words)),
        Does::SaysAndStalls(words) => Act::SayAndStall(pieces(words)),
        Does::SaysAndBreaksOff(words) => Act::SayAndCut(pieces(words)),
        Does::SaysForEver(piece) => Act::Flood(piece),
        Does::Nothing => Act::Silence,
        Does::IsBusy(retry_after) => {
            Act::Answer { status: 429, retry_after, content_type: "application/json", body: "{}".to_owned() }
        }
        Does::Fails => endpoint::failing(503),
        Does::ForbidsIt => endpoint::failing(403),
    }
}

fn on_bedrock(kind: Kind, does: Does) -> Act {
    let words = |words: &str| match kind {
        Kind::Agent => pieces(words).iter().map(|piece| chunk(piece.as_bytes())).collect::<Vec<_>>(),
        Kind::Converse | Kind::ChatCompletions => pieces(words).iter().map(|piece| text(piece)).collect(),
    };
    match does {
        Does::Says(all) if kind == Kind::Agent => Act::Stream(words(&all)),
        Does::Says(all) => Act::Stream(said(&all)),
        Does::SaysAndStalls(begun) => Act::StreamAndStall(words(begun)),
        Does::SaysAndBreaksOff(begun) => Act::StreamAndCut(words(begun)),
        Does::SaysForEver(piece) if kind == Kind::Agent => Act::Flood(chunk(piece.as_bytes())),
        Does::SaysForEver(piece) => Act::Flood(text(&piece)),
        Does::Nothing => Act::Silence,
        Does::IsBusy(retry_after) => busy(retry_after),
        Does::Fails => Act::Stream(vec![exception("internalServerException")]),
        Does::ForbidsIt => {
            Act::Refuse { status: 403, code: "AccessDeniedException", message: "not this model", retry_after: None }
        }
    }
}
