//! What is being done for replies: a search, then the model's words. Dropping a call cancels it.
//!
//! Adapters keep time-outs of their own; the one kept here, over all, catches an adapter that does not.

use crate::chat::driver::Deps;
use crate::chat::machine::{Failure, Input, Sought};
use crate::config::limits::{CHAT_REPLY_MS_MAX, CHAT_SEARCH_HITS_MAX, CHAT_SEARCH_MS_MAX};
use crate::ports::budgets::{Totals, book_tokens};
use crate::ports::clock::UnixMs;
use crate::ports::conversations::ReplyId;
use crate::ports::ids::SessionKey;
use crate::ports::passages::{Hit, PassageQuery};
use crate::ports::text_model::{Chunk, Chunks, ModelError, Task, TokenUsage};
use futures::future::BoxFuture;
use std::task::{Context, Poll, ready};

pub(super) struct Calls<'d> {
    deps: &'d Deps,
    key: &'d SessionKey,
    running: Vec<Call<'d>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum For {
    Reply(ReplyId),
    Title,
}

struct Call<'d> {
    whom: For,
    until: UnixMs,
    state: State<'d>,
    /// A title is told whole.
    text: String,
    /// As far as the model's side has told.
    spent: TokenUsage,
}

enum State<'d> {
    Searching(BoxFuture<'d, Result<Vec<Hit>, Failure>>),
    Starting(BoxFuture<'d, Result<Chunks, ModelError>>),
    Streaming(Chunks),
}

/// What a call gives.
enum News {
    Found(Vec<Hit>),
    Chunk(Chunk),
    Failed(Failure),
}

impl std::fmt::Debug for Calls<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Calls").field("running", &self.running.len()).finish_non_exhaustive()
    }
}

impl<'d> Calls<'d> {
    pub(super) fn new(deps: &'d Deps, key: &'d SessionKey) -> Self {
        Self { deps, key, running: Vec::new() }
    }

    /// `tokens`: what the conversation has used in all; nothing is asked for beyond a day's budget.
    pub(super) fn search(&mut self, reply: ReplyId, sought: Sought, tokens: u64, now: UnixMs) {
        let (deps, key) = (self.deps, self.key);
        let searching = Box::pin(async move {
            // Nobody waits for the books before the files are searched.
            let ((), hits) = tokio::try_join!(within_budget(deps, key, tokens, now), search(deps, key, sought))?;
            Ok(hits)
        });
        self.start(For::Reply(reply), State::Searching(searching), now.plus_ms(CHAT_SEARCH_MS_MAX));
    }

    pub(super) fn write(&mut self, reply: ReplyId, task: Task, now: UnixMs) {
        let starting = State::Starting(self.deps.model.perform(task));
        self.start(For::Reply(reply), starting, now.plus_ms(CHAT_REPLY_MS_MAX));
    }

    pub(super) fn entitle(&mut self, task: Task, now: UnixMs) {
        let starting = State::Starting(self.deps.model.perform(task));
        self.start(For::Title, starting, now.plus_ms(CHAT_REPLY_MS_MAX));
    }

    pub(super) fn cancel(&mut self, reply: &ReplyId) {
        self.running.retain(|call| !matches!(&call.whom, For::Reply(of) if of == reply));
    }

    pub(super) fn deadline(&self) -> Option<UnixMs> {
        self.running.iter().map(|call| call.until).min()
    }

    /// What the core is to be told next.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>, now: UnixMs) -> Poll<Input> {
        for at in 0..self.running.len() {
            let call = &mut self.running[at];
            let Poll::Ready(input) = call.poll_input(cx, now) else { continue };
            if !matches!(input, Input::Piece { .. }) {
                self.running.remove(at);
            }
            return Poll::Ready(input);
        }
        Poll::Pending
    }

    fn start(&mut self, whom: For, state: State<'d>, until: UnixMs) {
        self.running.push(Call { whom, until, state, text: String::new(), spent: TokenUsage::default() });
    }
}

impl Call<'_> {
    fn poll_input(&mut self, cx: &mut Context<'_>, now: UnixMs) -> Poll<Input> {
        loop {
            let news = match self.poll(cx) {
                Poll::Pending if now >= self.until => News::Failed(match self.state {
                    State::Searching(_) => Failure::Search,
                    State::Starting(_) | State::Streaming(_) => Failure::TimedOut,
                }),
                Poll::Pending => return Poll::Pending,
                Poll::Ready(news) => news,
            };
            if let Some(input) = self.input(news) {
                return Poll::Ready(input);
            }
        }
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<News> {
        loop {
            match &mut self.state {
                State::Searching(searching) => {
                    return Poll::Ready(match ready!(searching.as_mut().poll(cx)) {
                        Ok(hits) => News::Found(hits),
                        Err(failure) => News::Failed(failure),
                    });
                }
                State::Starting(starting) => match ready!(starting.as_mut().poll(cx)) {
                    Ok(chunks) => self.state = State::Streaming(chunks),
                    Err(error) => return Poll::Ready(News::Failed(failure(&error))),
                },
                State::Streaming(chunks) => {
                    return Poll::Ready(match ready!(chunks.as_mut().poll_next(cx)) {
                        Some(Ok(chunk)) => News::Chunk(chunk),
                        Some(Err(error)) => News::Failed(failure(&error)),
                        None => News::Failed(failure(&ModelError::Failed("it ended in the middle".into()))),
                    });
                }
            }
        }
    }

    /// `None`: nothing that the core must hear of.
    fn input(&mut self, news: News) -> Option<Input> {
        match (&self.whom, news) {
            (For::Reply(reply), News::Found(hits)) => Some(Input::Found { reply: reply.clone(), hits }),
            (For::Reply(reply), News::Chunk(Chunk::Delta(text))) => Some(Input::Piece { reply: reply.clone(), text }),
            (For::Reply(reply), News::Chunk(Chunk::Done { usage })) => {
                Some(Input::Written { reply: reply.clone(), usage })
            }
            (For::Reply(reply), News::Failed(failure)) => Some(Input::Failed { reply: reply.clone(), failure }),
            (For::Title, News::Chunk(Chunk::Delta(piece))) => {
                self.text.push_str(&piece);
                None
            }
            (For::Title, News::Chunk(Chunk::Done { usage })) => {
                Some(Input::Entitled { title: Some(std::mem::take(&mut self.text)), usage })
            }
            (For::Title, News::Failed(_) | News::Found(_)) => Some(Input::Entitled { title: None, usage: self.spent }),
            // An answer that breaks off is estimated by the core, which knows what was said of it.
            (For::Reply(_) | For::Title, News::Chunk(Chunk::Spent { usage })) => {
                self.spent = usage;
                None
            }
            // Neither an answer nor a title is feedback on an interview, or a quiz.
            (
                For::Reply(_) | For::Title,
                News::Chunk(Chunk::Debrief(_) | Chunk::QuizItems(_) | Chunk::QuizAnswers(_)),
            ) => None,
        }
    }
}

async fn search(deps: &Deps, key: &SessionKey, sought: Sought) -> Result<Vec<Hit>, Failure> {
    let Sought { text, courses, documents } = sought;
    if courses.is_empty() {
        return Ok(Vec::new());
    }
    let query = PassageQuery { tenant: key.tenant.clone(), courses, documents, text, limit: CHAT_SEARCH_HITS_MAX };
    deps.passages.search(&query).await.map_err(|error| {
        tracing::error!(%error, "the files could not be searched");
        Failure::Search
    })
}

/// Books what the conversation has used in all. `None`: it could not be booked; it is with the next.
pub(super) async fn book(deps: &Deps, key: &SessionKey, tokens: u64, now: UnixMs) -> Option<Totals> {
    book_tokens(&*deps.budgets, key, now.day(), tokens).await
}

/// Books what was used so far, and says whether user and tenant have anything left.
async fn within_budget(deps: &Deps, key: &SessionKey, tokens: u64, now: UnixMs) -> Result<(), Failure> {
    let Some(totals) = book(deps, key, tokens, now).await else { return Ok(()) };
    if deps.limits.leave_tokens(&totals) { Ok(()) } else { Err(Failure::Budget) }
}

fn failure(error: &ModelError) -> Failure {
    tracing::warn!(%error, "the model did not answer");
    match error {
        ModelError::TimedOut => Failure::TimedOut,
        ModelError::Busy { .. } => {
            metrics::counter!("viva_model_busy_total").increment(1);
            Failure::Busy
        }
        ModelError::Refused => Failure::Refused,
        ModelError::Invalid(_) | ModelError::Failed(_) => {
            metrics::counter!("viva_model_errors_total").increment(1);
            Failure::Model
        }
    }
}
