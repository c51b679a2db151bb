//! Text models as their users see them: tasks in, chunks out.

mod material;
mod scripted;
