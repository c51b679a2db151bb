//! The data folder, its space, what is stored in it, and the token key.

use super::Check;
use crate::config::limits::DISK_FREE_BYTES_MIN;
use crate::config::{DataConfig, Environment, TokensConfig};
use crate::embedded::data_folder::{DataFolder, SECRET_BYTES};
use crate::embedded::machine::{free_bytes, is_writable, open_files_hard_max};
use crate::embedded::sqlite::archive::Archive;
use std::io;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

/// The name of the check that tells of a running server.
pub(super) const RUNNING: &str = "server";

pub(super) fn checks(environment: &Environment) -> Vec<Check> {
    let mut checks = match DataConfig::read(environment) {
        Ok(config) => folder(&config.dir),
        Err(error) => vec![Check::fails("data folder", error.to_string(), "export VIVA_DATA=/path/to/a/folder")],
    };
    checks.push(match (TokensConfig::read(environment), DataConfig::read(environment)) {
        (Err(error), _) => Check::fails("token key", error.to_string(), "see `viva serve --help`"),
        (Ok(tokens), _) if tokens.secret.is_some() => {
            Check::works("token key", "VIVA_TOKEN_SECRET, the platform's own")
        }
        (Ok(_), Ok(data)) => token_key(&data.dir.join("keys").join("token.key")),
        (Ok(_), Err(_)) => Check::unused("token key", "it lies in the data folder"),
    });
    checks.push(open_files());
    checks
}

fn folder(dir: &Path) -> Vec<Check> {
    let shown = dir.display();
    let there = dir.ancestors().find(|ancestor| ancestor.exists()).unwrap_or(Path::new("/"));
    let usable = there.is_dir() && is_writable(there);
    let owner = format!("make {} writable for this user, or choose another folder with VIVA_DATA", there.display());
    let mut checks = vec![match (usable, there == dir) {
        (true, true) => Check::works("data folder", shown.to_string()),
        (true, false) => Check::works("data folder", format!("{shown}; it is made at the first start")),
        (false, _) => Check::fails("data folder", format!("{} cannot be written", there.display()), owner),
    }];
    checks.push(match free_bytes(there) {
        Ok(free) if free < DISK_FREE_BYTES_MIN => Check::fails(
            "disk space",
            format!("{} MB are free", free / MB),
            "an hour of speech takes about 15 MB as Opus, 115 MB as PCM",
        ),
        Ok(free) => Check::works("disk space", format!("{} MB are free", free / MB)),
        Err(error) => Check::fails("disk space", error.to_string(), "choose another folder with VIVA_DATA"),
    });
    if let Some(process) = DataFolder::used_by(dir) {
        checks.push(Check::works(RUNNING, format!("viva is running on this data folder (process {process})")));
    }
    checks.push(match Archive::open(dir) {
        Ok(Some(_)) => Check::works("database", "readable by this program"),
        Ok(None) => Check::works("database", "none yet; it is made at the first start"),
        Err(error) => Check::fails(
            "database",
            error.to_string(),
            "use the viva that wrote it, or a newer one, or another VIVA_DATA",
        ),
    });
    checks
}

fn token_key(path: &Path) -> Check {
    let name = "token key";
    let metadata = match path.metadata() {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return Check::works(name, "none yet; it is made when it is needed first");
        }
        Err(error) => {
            return Check::fails(
                name,
                format!("{}: {error}", path.display()),
                "run viva as the user who owns the data folder",
            );
        }
    };
    if metadata.len() != SECRET_BYTES as u64 {
        let fix = format!("remove {}; tokens given out before are void then", path.display());
        return Check::fails(name, "the file does not hold a key", fix);
    }
    if metadata.permissions().mode() & 0o077 != 0 {
        return Check::fails(name, "others may read it", format!("chmod 600 {}", path.display()));
    }
    Check::works(name, path.display().to_string())
}

fn open_files() -> Check {
    match open_files_hard_max() {
        None => Check::works("open files", "without a limit"),
        Some(max) if max < FILES_WANTED => {
            let detail = format!("{max}, enough for about {} sessions at once", max / 3);
            Check::missing(
                "open files",
                detail,
                format!("ulimit -Hn {FILES_WANTED}, or LimitNOFILE in the systemd unit"),
            )
        }
        Some(max) => Check::works("open files", format!("up to {max}")),
    }
}

const FILES_WANTED: u64 = 10_000;
const MB: u64 = 1024 * 1024;
