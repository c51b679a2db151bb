//! What docs/QUIZZES.md shows is what happens: its commands, run as they stand.

use crate::rig::{School, student, teacher, token};
use tempfile::TempDir;
use tokio::process::Command;

#[tokio::test]
async fn the_commands_of_the_documentation_make_a_quiz_that_is_taken() {
    let page = include_str!("../../docs/QUIZZES.md");
    let (_, rest) = page.split_once("```sh\n").expect("there are commands");
    let (commands, _) = rest.split_once("```").expect("they end");
    let (school, folder) = (School::start().await, TempDir::new().unwrap());
    let ran = Command::new("bash")
        .args(["-euo", "pipefail", "-c", commands])
        .current_dir(folder.path())
        .env("VIVA", school.url())
        .env("TEACHER", token(&teacher()))
        .env("STUDENT", token(&student()))
        .output();
    let ran = tokio::time::timeout(std::time::Duration::from_secs(30), ran).await.unwrap().unwrap();
    let (said, wrong) = (String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
    assert!(ran.status.success(), "{said}{wrong}");
    assert!(said.contains("Kinds of wrongs: 0."), "{said}");
}
