//! Packages held against schemas by `xmllint`: ours, and the official ones where `VIVA_QTI_XSD` names a folder that has them. All files of one
//! schema go into one call.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use viva::quiz::formats::QtiFile;

const OURS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/quiz/qti");

struct Schema {
    file: PathBuf,
    is_of_manifests: bool,
    /// The official ones import others from the web, unless a catalog says where they lie.
    options: &'static [&'static str],
}

#[expect(
    clippy::disallowed_methods,
    reason = "whether somebody has the official schemas is known to the machine alone"
)]
fn schemas() -> Vec<Schema> {
    let ours = ["item.xsd", "manifest.xsd"].map(|name| (Path::new(OURS).join(name), ["--nonet"].as_slice()));
    let mut all = ours.to_vec();
    if let Some(folder) = std::env::var_os("VIVA_QTI_XSD") {
        let names = ["imsqti_v2p1.xsd", "qtiv2p1_imscpv1p2_v1p0.xsd"];
        let official = names.map(|name| (Path::new(&folder).join(name), [].as_slice()));
        all.extend(official.into_iter().filter(|(file, _)| file.exists()));
        assert!(all.len() > ours.len(), "VIVA_QTI_XSD has none of {names:?}");
    }
    all.into_iter()
        .map(|(file, options)| {
            let name = file.file_name().expect("it has a name").to_string_lossy().into_owned();
            Schema { is_of_manifests: name.contains("manifest") || name.contains("imscp"), file, options }
        })
        .collect()
}

/// What the schemas have against any of the packages.
pub fn refusal(packages: &[Vec<QtiFile>]) -> Option<String> {
    let folder = tempfile::tempdir().expect("a folder");
    let (mut manifests, mut others) = (Vec::new(), Vec::new());
    for (at, package) in packages.iter().enumerate() {
        for file in package {
            let path = folder.path().join(format!("package-{at}")).join(&file.path);
            fs::create_dir_all(path.parent().expect("it lies in a folder")).expect("a folder");
            fs::write(&path, &file.text).expect("a file");
            if file.path == "imsmanifest.xml" { manifests.push(path) } else { others.push(path) }
        }
    }
    schemas().into_iter().find_map(|Schema { file, is_of_manifests, options }| {
        let files = if is_of_manifests { &manifests } else { &others };
        (!files.is_empty())
            .then(|| said(Command::new("xmllint").args(options).arg("--schema").arg(file).args(files)))?
    })
}

/// Why a text is no XML at all.
pub fn malformation(text: &str) -> Option<String> {
    let file = tempfile::NamedTempFile::new().expect("a file");
    fs::write(file.path(), text).expect("a file");
    said(Command::new("xmllint").arg("--nonet").arg(file.path()))
}

fn said(command: &mut Command) -> Option<String> {
    let done = command.arg("--noout").output().expect("xmllint is there: scripts/setup.sh test");
    (!done.status.success()).then(|| String::from_utf8_lossy(&done.stderr).into_owned())
}
