//! What docs/FILES.md shows is what happens: its commands, run as they stand.

use crate::process::Process;
use crate::rig::token;
use tempfile::TempDir;
use tokio::process::Command;

#[tokio::test]
async fn the_commands_of_the_documentation_upload_a_file_and_find_it() {
    let page = include_str!("../../../docs/FILES.md");
    let (_, rest) = page.split_once("```sh\n").expect("there are commands");
    let (commands, _) = rest.split_once("```").expect("they end");
    let (data, folder) = (TempDir::new().unwrap(), TempDir::new().unwrap());
    let process = Process::start(data.path()).await;
    let ran = Command::new("bash")
        .args(["-euo", "pipefail", "-c", commands])
        .current_dir(folder.path())
        .env("VIVA", process.ready["url"].as_str().unwrap().trim_end_matches('/'))
        .env("TOKEN", token("ann"))
        .output();
    let ran = tokio::time::timeout(std::time::Duration::from_secs(30), ran).await.unwrap().unwrap();
    let (said, wrong) = (String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
    assert!(ran.status.success(), "{said}{wrong}");
    assert!(said.contains("equity.md, Equity") && said.contains("what ought to be done"), "{said}");
}
