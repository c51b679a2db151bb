//! Writes the published artefacts of the protocol, or checks that they are up to date.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command speaks to its terminal")]

use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;
use std::process::ExitCode;
use std::{env, fs};

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut vectors = BTreeMap::new();
    for entry in fs::read_dir(root.join("vectors/v1"))? {
        let path = entry?.path();
        if let (Some(name), Some("json")) = (path.file_stem(), path.extension().and_then(|text| text.to_str())) {
            vectors.insert(name.to_string_lossy().into_owned(), serde_json::from_slice(&fs::read(&path)?)?);
        }
    }
    let write = match env::args().nth(1).as_deref() {
        Some("--write") => true,
        Some("--check") => false,
        _ => {
            eprintln!("usage: protocol-schema --write | --check");
            return Ok(ExitCode::from(2));
        }
    };
    let mut stale = false;
    for (name, content) in protocol::artefacts::v1(&vectors) {
        let path = root.join("schema").join(name);
        if write {
            fs::write(&path, content)?;
            println!("wrote protocol/schema/{name}");
        } else if fs::read_to_string(&path).ok() != Some(content) {
            eprintln!("protocol/schema/{name} is out of date: {}", protocol::artefacts::WRITE_COMMAND);
            stale = true;
        }
    }
    Ok(if stale { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}
