//! The command as people use it: the real binary, its output and its exit codes.

#![allow(clippy::unwrap_used, clippy::panic)]

mod doctor;
mod stored;

use std::path::Path;
use std::process::{Command, Output};

/// Runs `viva` on a data folder, with those variables and no other of ours.
pub(crate) fn viva(folder: &Path, variables: &[(&str, &str)], arguments: &[&str]) -> Answer {
    let mut command = Command::new(env!("CARGO_BIN_EXE_viva"));
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("VIVA_")) {
        command.env_remove(name);
    }
    let output = command.args(arguments).env("VIVA_DATA", folder).envs(variables.iter().copied()).output().unwrap();
    Answer::from(output)
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl From<Output> for Answer {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap(),
            out: String::from_utf8(output.stdout).unwrap(),
            err: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Answer {
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }
}
