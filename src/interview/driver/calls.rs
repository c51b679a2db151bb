//! Calls to the text model that are under way, polled by the driver's loop; dropping one cancels it.
//!
//! Adapters keep time-outs and limits of their own. The two kept here catch an adapter that does not.

use crate::config::limits::{MODEL_SILENT_MS_MAX, MODEL_TEXT_BYTES_MAX};
use crate::interview::driver::counting;
use crate::interview::driver::material::{self, Scope};
use crate::interview::{EffectId, Input};
use crate::ports::clock::UnixMs;
use crate::ports::passages::Passages;
use crate::ports::text_model::{Chunk, Chunks, ModelError, NextQuestion, Task, TextModel, TokenUsage};
use futures::future::BoxFuture;
use std::task::{Context, Poll};

pub(super) struct Calls<'d> {
    model: &'d dyn TextModel,
    passages: Option<&'d dyn Passages>,
    running: Vec<Call<'d>>,
    /// By calls that are over, however they ended.
    used: TokenUsage,
}

struct Call<'d> {
    id: EffectId,
    state: State<'d>,
    text_bytes: usize,
    spent: TokenUsage,
    heard_at: UnixMs,
}

enum State<'d> {
    /// For passages that the question may rest on; then the model is asked.
    Searching(BoxFuture<'d, NextQuestion>),
    Starting(BoxFuture<'d, Result<Chunks, ModelError>>),
    Streaming(Chunks),
}

impl std::fmt::Debug for Calls<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Calls").field("running", &self.running.len()).finish_non_exhaustive()
    }
}

impl<'d> Calls<'d> {
    pub(super) fn new(model: &'d dyn TextModel, passages: Option<&'d dyn Passages>) -> Self {
        Self { model, passages, running: Vec::new(), used: TokenUsage::default() }
    }

    /// `scope`: where a question's passages are looked for, in an interview about documents.
    pub(super) fn start(&mut self, id: EffectId, task: Task, scope: Option<Scope>, now: UnixMs) {
        let state = match (task, self.passages, scope) {
            (Task::NextQuestion(task), Some(passages), Some(scope)) if material::may_rest_on_sources(&task) => {
                State::Searching(Box::pin(async move { material::with_sources(passages, &scope, task).await }))
            }
            (task, _, _) => State::Starting(self.model.perform(task)),
        };
        self.running.push(Call { id, state, text_bytes: 0, spent: TokenUsage::default(), heard_at: now });
    }

    pub(super) fn cancel(&mut self, id: EffectId) {
        if let Some(at) = self.running.iter().position(|call| call.id == id) {
            self.used += self.running.swap_remove(at).spent;
        }
    }

    /// What calls that are over have used since this was asked last.
    pub(super) fn take_used(&mut self) -> TokenUsage {
        std::mem::take(&mut self.used)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.running.is_empty()
    }

    pub(super) fn deadline(&self) -> Option<UnixMs> {
        self.running.iter().map(|call| call.heard_at.plus_ms(MODEL_SILENT_MS_MAX)).min()
    }

    /// What the core is to be told next.
    pub(super) fn poll(&mut self, cx: &mut Context<'_>, now: UnixMs) -> Poll<Input> {
        for at in 0..self.running.len() {
            let call = &mut self.running[at];
            let id = call.id;
            let polled = match call.poll(self.model, cx, now) {
                Poll::Pending if now.since_ms(call.heard_at) >= MODEL_SILENT_MS_MAX => Err(ModelError::TimedOut),
                Poll::Pending => continue,
                Poll::Ready(polled) => polled,
            };
            return Poll::Ready(match polled {
                Ok(Chunk::Delta(text)) => Input::ModelDelta { id, text },
                Ok(Chunk::Debrief(draft)) => Input::ModelDebrief { id, draft },
                Ok(Chunk::Spent { usage }) => {
                    call.spent = usage;
                    Input::ModelSpent { id, usage }
                }
                Ok(Chunk::QuizItems(_) | Chunk::QuizAnswers(_)) => {
                    self.cancel(id);
                    Input::ModelFailed { id, error: ModelError::Invalid("nobody asked for a quiz".to_owned()) }
                }
                Ok(Chunk::Done { usage }) => {
                    self.used += usage;
                    self.running.swap_remove(at);
                    Input::ModelDone { id, usage }
                }
                Err(error) => {
                    counting::model_failed(&error);
                    self.cancel(id);
                    Input::ModelFailed { id, error }
                }
            });
        }
        Poll::Pending
    }
}

impl<'d> Call<'d> {
    fn poll(&mut self, model: &'d dyn TextModel, cx: &mut Context<'_>, now: UnixMs) -> Poll<Result<Chunk, ModelError>> {
        loop {
            match &mut self.state {
                State::Searching(searching) => {
                    let task = std::task::ready!(searching.as_mut().poll(cx));
                    self.heard_at = now;
                    self.state = State::Starting(model.perform(Task::NextQuestion(task)));
                }
                State::Starting(starting) => match std::task::ready!(starting.as_mut().poll(cx)) {
                    Ok(chunks) => {
                        self.heard_at = now;
                        self.state = State::Streaming(chunks);
                    }
                    Err(error) => return Poll::Ready(Err(error)),
                },
                State::Streaming(chunks) => {
                    let chunk = match std::task::ready!(chunks.as_mut().poll_next(cx)) {
                        Some(chunk) => chunk?,
                        None => return Poll::Ready(Err(ModelError::Failed("it ended in the middle".into()))),
                    };
                    self.heard_at = now;
                    match &chunk {
                        Chunk::Delta(text) => {
                            self.text_bytes += text.len();
                            if self.text_bytes > MODEL_TEXT_BYTES_MAX {
                                return Poll::Ready(Err(ModelError::Invalid("it did not come to an end".into())));
                            }
                        }
                        Chunk::Debrief(_)
                        | Chunk::QuizItems(_)
                        | Chunk::QuizAnswers(_)
                        | Chunk::Spent { .. }
                        | Chunk::Done { .. } => {}
                    }
                    return Poll::Ready(Ok(chunk));
                }
            }
        }
    }
}
