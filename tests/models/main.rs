//! Text models as their users see them: tasks in, chunks out.

mod builtin;
mod material;
mod scripted;
