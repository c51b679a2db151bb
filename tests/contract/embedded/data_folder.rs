//! The data folder is its owner's alone, and one process's at a time.

use super::kill::Writing;
use super::{TestClock, open};
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use viva::embedded::data_folder::DataFolderError;
use viva::embedded::objects::FileObjects;
use viva::embedded::sqlite::{OpenError, Store};

fn mode(path: &Path) -> u32 {
    path.metadata().unwrap().permissions().mode() & 0o777
}

#[test]
fn a_second_process_is_refused_until_the_first_is_gone() {
    let folder = tempfile::tempdir().unwrap();
    let mut writing = Writing::start(folder.path());
    let begun = writing.lines.find(|line| line.as_ref().is_ok_and(|line| line.starts_with("inbox")));
    begun.unwrap().unwrap();
    let id = writing.process.id().to_string();
    match Store::open(folder.path(), TestClock::at(1)) {
        Err(OpenError::Folder(refused @ DataFolderError::InUse { .. })) => {
            let expected =
                format!("the data folder {} is in use by another viva (process {id})", folder.path().display());
            assert_eq!(refused.to_string(), expected);
        }
        other => panic!("expected InUse, found {other:?}"),
    }
    writing.kill();
    open(folder.path());
}

#[test]
fn a_folder_is_given_back_when_its_store_is_dropped() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path());
    assert!(matches!(
        Store::open(folder.path(), TestClock::at(1)),
        Err(OpenError::Folder(DataFolderError::InUse { .. }))
    ));
    drop(store);
    open(folder.path());
}

#[test]
fn what_is_made_is_for_its_owner_alone() {
    let parent = tempfile::tempdir().unwrap();
    let folder = parent.path().join("deep").join("viva");
    let _store = open(&folder);
    FileObjects::open(&folder, TestClock::at(1)).unwrap();
    assert_eq!(mode(&folder), 0o700);
    assert_eq!(mode(&folder.join("inbox")), 0o700);
    assert_eq!(mode(&folder.join("keys").join("objects.key")), 0o600);
}

#[test]
fn a_folder_that_cannot_be_made_is_an_error_that_names_it() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let below = file.path().join("data");
    let refused = Store::open(&below, TestClock::at(1)).unwrap_err().to_string();
    assert!(refused.contains(&below.display().to_string()), "{refused}");
}

#[test]
fn data_of_a_newer_program_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    drop(open(folder.path()));
    let database = rusqlite::Connection::open(folder.path().join("viva.sqlite3")).unwrap();
    database.pragma_update(None, "user_version", 99).unwrap();
    drop(database);
    let refused = Store::open(folder.path(), TestClock::at(1)).unwrap_err();
    assert!(matches!(refused, OpenError::Migrate(_)), "{refused:?}");
    assert!(refused.to_string().contains("newer viva"), "{refused}");
}
