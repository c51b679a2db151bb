//! What a student knows, what is due, and how a class stands, from the evidence of quizzes and interviews.
//!
//! Pure folds over evidence: the same evidence, in any order and with repeats, gives the same progress. It stores nothing, and it draws
//! nothing from answers that wait for a person.

mod class;
mod evidence;
mod mastery;
mod memory;
mod skill;

pub use class::{Class, ClassSkill, ClassView};
pub use evidence::{Evidence, Origin, evidence_of, guess};
pub use mastery::{MASTERED, Tracing};
pub use memory::{Memory, Rating, interval_days, retrievability};
pub use skill::{Due, PROGRESS_VERSION, SkillProgress, StudentProgress, progress};
