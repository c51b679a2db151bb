//! The house rules that a compiler does not keep: which module may name what, how files are called, how long they may be.

use std::fs;
use std::path::{Path, PathBuf};

/// The pure modules: no I/O, no clock, no randomness, no async.
const PURE: &[&str] = &[
    "src/interview/",
    "src/interview.rs",
    "src/chat/",
    "src/chat.rs",
    "src/ingest/",
    "src/ingest.rs",
    "src/quiz/",
    "src/quiz.rs",
    "src/audio/gate.rs",
    "src/audio/opus_packet.rs",
    "src/session/versions.rs",
];

/// Within the pure folders, the shells around the core.
const SHELLS: &[&str] = &[
    "src/interview/driver.rs",
    "src/interview/driver/",
    "src/interview/wire.rs",
    "src/interview/wire/",
    "src/chat/driver.rs",
    "src/chat/driver/",
    "src/chat/wire.rs",
];

const IMPURE_NAMES: &[&str] = &[
    "tokio",
    "reqwest",
    "axum",
    "rusqlite",
    "aws_sdk",
    "async_trait",
    "async fn",
    "std::fs",
    "std::net",
    "std::time::Instant",
    "SystemTime",
    "crate::cloud",
    "crate::embedded",
    "crate::gateway",
    "crate::handlers",
];

/// Whatever stands on the left must not name what stands on the right.
const ONE_WAY: &[(&str, &[&str])] = &[
    (
        "src/ports",
        &[
            "crate::interview",
            "crate::session",
            "crate::handlers",
            "crate::embedded",
            "crate::cloud",
            "crate::gateway",
            "protocol::",
        ],
    ),
    (
        "src/session",
        &["crate::interview", "crate::handlers", "crate::embedded", "crate::cloud", "crate::gateway", "crate::wiring"],
    ),
    (
        "src/chat",
        &["crate::handlers", "crate::embedded", "crate::cloud", "crate::gateway", "crate::wiring", "crate::interview"],
    ),
    (
        "src/interview",
        &["crate::chat", "crate::handlers", "crate::embedded", "crate::cloud", "crate::gateway", "crate::wiring"],
    ),
    (
        "src/audio",
        &["crate::handlers", "crate::embedded", "crate::cloud", "crate::gateway", "crate::session", "protocol::"],
    ),
    (
        "src/ingest",
        &[
            "crate::interview",
            "crate::session",
            "crate::handlers",
            "crate::embedded",
            "crate::cloud",
            "crate::gateway",
            "protocol::",
        ],
    ),
    (
        "src/quiz",
        &[
            "crate::interview",
            "crate::chat",
            "crate::session",
            "crate::handlers",
            "crate::embedded",
            "crate::cloud",
            "crate::gateway",
            "protocol::",
        ],
    ),
    ("src/auth", &["crate::handlers", "crate::embedded", "crate::cloud", "crate::gateway", "crate::interview"]),
    ("src/handlers", &["crate::embedded", "crate::cloud", "crate::gateway", "crate::wiring", "crate::cli"]),
    (
        "src/rest",
        &["crate::embedded", "crate::cloud", "crate::gateway", "crate::lambda", "crate::wiring", "crate::cli"],
    ),
    ("src/embedded", &["crate::cloud", "crate::gateway", "crate::handlers", "crate::wiring", "crate::cli"]),
    (
        "src/prompts",
        &["crate::interview", "crate::session", "crate::handlers", "crate::embedded", "crate::cloud", "crate::gateway"],
    ),
    (
        "src/retrieval",
        &[
            "crate::interview",
            "crate::chat",
            "crate::session",
            "crate::handlers",
            "crate::embedded",
            "crate::cloud",
            "crate::gateway",
            "crate::wiring",
            "protocol::",
        ],
    ),
    ("src/gateway", &["crate::cloud", "crate::cli", "crate::lambda"]),
    ("src/lambda", &["crate::cloud", "crate::embedded", "crate::gateway", "crate::wiring", "crate::cli"]),
    (
        "src/cloud",
        &["crate::embedded", "crate::gateway", "crate::handlers", "crate::lambda", "crate::wiring", "crate::cli"],
    ),
];

/// Names that say nothing.
const EMPTY_NAMES: &[&str] = &["mod.rs", "utils.rs", "util.rs", "common.rs", "helpers.rs", "helper.rs", "misc.rs"];

/// Lines of a file before it is split, tests and comments included.
const LINES_MAX: usize = 500;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn rust_files() -> Vec<(String, String)> {
    let mut found = Vec::new();
    for folder in ["src", "protocol/src", "loadtest/src", "tests"] {
        collect(&root().join(folder), &mut found);
    }
    found.sort();
    assert!(found.len() > 20, "the sources were not found");
    found
}

fn collect(folder: &Path, found: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).expect("a folder of sources can be read") {
        let path = entry.expect("an entry can be read").path();
        if path.is_dir() {
            collect(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let name = path.strip_prefix(root()).expect("below the root").to_string_lossy().replace('\\', "/");
            found.push((name, fs::read_to_string(&path).expect("a source can be read")));
        }
    }
}

/// Lines of code: comments name what they like.
fn code_lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines()
        .enumerate()
        .filter(|(_, line)| !line.trim_start().starts_with("//"))
        .map(|(index, line)| (index + 1, line))
}

fn violations(files: impl Iterator<Item = (String, String)>, banned: &[&str]) -> Vec<String> {
    files
        .flat_map(|(name, text)| {
            code_lines(&text)
                .filter_map(|(number, line)| {
                    banned.iter().find(|word| line.contains(**word)).map(|word| format!("{name}:{number} names {word}"))
                })
                .collect::<Vec<_>>()
        })
        .collect()
}

#[test]
fn pure_modules_name_no_input_or_output() {
    let pure = rust_files().into_iter().filter(|(name, _)| {
        PURE.iter().any(|prefix| name.starts_with(prefix)) && !SHELLS.iter().any(|prefix| name.starts_with(prefix))
    });
    let found = violations(pure, IMPURE_NAMES);
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn imports_run_one_way() {
    let found: Vec<String> = ONE_WAY
        .iter()
        .flat_map(|(left, banned)| {
            let files = rust_files().into_iter().filter(move |(name, _)| {
                name.strip_prefix(left).is_some_and(|rest| rest == ".rs" || rest.starts_with('/'))
            });
            violations(files, banned)
        })
        .collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn only_the_wiring_names_both_kinds_of_adapters() {
    let both: Vec<String> = rust_files()
        .into_iter()
        .filter(|(name, text)| {
            name.starts_with("src/")
                && name != "src/wiring.rs"
                && !name.starts_with("src/wiring/")
                && text.contains("crate::cloud")
                && text.contains("crate::embedded")
        })
        .map(|(name, _)| name)
        .collect();
    assert!(both.is_empty(), "{both:?}");
}

#[test]
fn files_are_named_for_what_they_hold() {
    let empty: Vec<String> = rust_files()
        .into_iter()
        .map(|(name, _)| name)
        .filter(|name| EMPTY_NAMES.contains(&name.rsplit('/').next().unwrap_or(name)))
        .collect();
    assert!(empty.is_empty(), "{empty:?}");
}

#[test]
fn files_open_with_what_they_are_for() {
    let silent: Vec<String> =
        rust_files().into_iter().filter(|(_, text)| !text.starts_with("//!")).map(|(name, _)| name).collect();
    assert!(silent.is_empty(), "{silent:?}");
}

#[test]
fn files_stay_small() {
    let long: Vec<String> = rust_files()
        .into_iter()
        .map(|(name, text)| (name, text.lines().count()))
        .filter(|(_, lines)| *lines > LINES_MAX)
        .map(|(name, lines)| format!("{name}: {lines} lines"))
        .collect();
    assert!(long.is_empty(), "{}", long.join("\n"));
}

#[test]
fn nothing_is_left_for_later() {
    // Put together here, so that this file does not find itself.
    let marks =
        [["TO", "DO"].concat(), ["FIX", "ME"].concat(), ["todo", "!("].concat(), ["unimplemented", "!("].concat()];
    let found: Vec<String> = rust_files()
        .into_iter()
        .filter(|(_, text)| marks.iter().any(|mark| text.contains(mark.as_str())))
        .map(|(name, _)| name)
        .collect();
    assert!(found.is_empty(), "{found:?}");
}
