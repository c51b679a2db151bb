//! Text models as their users see them: tasks in, chunks out.

mod builtin;
mod chat_completions;
mod endpoint;
mod material;
mod reading;
mod scripted;
