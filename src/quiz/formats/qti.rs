//! QTI 2.1: one file for each item, a test that lists them, and a manifest. The files are not zipped here.
//!
//! Identifiers are made from places, since ours need not be names that XML allows. Points are given by the items' own response processing, so
//! that partial credit is the same there. Every file is valid against the official schemas: `tests/quiz/qti` has the part of them that is used.

use super::LeftOut;
use super::qti_items::assessment_item;
use super::xml::{escaped, one_line};
use crate::quiz::item::Item;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QtiFile {
    /// Within the package.
    pub path: String,
    pub text: String,
}

pub(super) const QTI: &str = "http://www.imsglobal.org/xsd/imsqti_v2p1";
const PACKAGE: &str = "http://www.imsglobal.org/xsd/imscp_v1p1";

/// The files of a package; its manifest comes first.
pub fn to_qti(items: &[Item], title: &str) -> (Vec<QtiFile>, Vec<LeftOut>) {
    let (mut files, mut left_out) = (Vec::new(), Vec::new());
    for (at, item) in items.iter().enumerate() {
        let identifier = format!("item-{}", at + 1);
        match assessment_item(item, &identifier) {
            Ok(text) => files.push((identifier.clone(), QtiFile { path: format!("items/{identifier}.xml"), text })),
            Err(reason) => left_out.push(LeftOut { item: item.id.clone(), reason }),
        }
    }
    let test = QtiFile { path: "test.xml".to_owned(), text: test(&files, title) };
    let manifest = QtiFile { path: "imsmanifest.xml".to_owned(), text: manifest(&files) };
    let files = [manifest, test].into_iter().chain(files.into_iter().map(|(_, file)| file)).collect();
    (files, left_out)
}

fn test(files: &[(String, QtiFile)], title: &str) -> String {
    let refs: String = files
        .iter()
        .map(|(identifier, file)| {
            format!("<assessmentItemRef identifier=\"{identifier}\" href=\"{}\"/>\n", escaped(&file.path))
        })
        .collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<assessmentTest xmlns=\"{QTI}\" identifier=\"test\" title=\"{}\">\n\
         <outcomeDeclaration identifier=\"SCORE\" cardinality=\"single\" baseType=\"float\"/>\n\
         <testPart identifier=\"part\" navigationMode=\"nonlinear\" submissionMode=\"simultaneous\">\n\
         <assessmentSection identifier=\"section\" title=\"{}\" visible=\"true\">\n{refs}</assessmentSection>\n</testPart>\n\
         <outcomeProcessing><setOutcomeValue identifier=\"SCORE\"><sum><testVariables variableIdentifier=\"SCORE\"/></sum></setOutcomeValue></outcomeProcessing>\n\
         </assessmentTest>\n",
        escaped(&one_line(title)),
        escaped(&one_line(title)),
    )
}

fn manifest(files: &[(String, QtiFile)]) -> String {
    let dependencies: String =
        files.iter().map(|(identifier, _)| format!("<dependency identifierref=\"resource-{identifier}\"/>")).collect();
    let resources: String = files
        .iter()
        .map(|(identifier, file)| {
            format!(
                "<resource identifier=\"resource-{identifier}\" type=\"imsqti_item_xmlv2p1\" href=\"{0}\"><file href=\"{0}\"/></resource>\n",
                escaped(&file.path)
            )
        })
        .collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<manifest xmlns=\"{PACKAGE}\" identifier=\"manifest\">\n\
         <metadata><schema>QTIv2.1 Package</schema><schemaversion>1.0.0</schemaversion></metadata>\n<organizations/>\n<resources>\n\
         <resource identifier=\"resource-test\" type=\"imsqti_test_xmlv2p1\" href=\"test.xml\"><file href=\"test.xml\"/>{dependencies}</resource>\n\
         {resources}</resources>\n</manifest>\n"
    )
}
