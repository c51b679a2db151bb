//! template.yaml against what must keep step with it: the runbook, what the programs read, what they count.
//!
//! It does not deploy: linters look at the template's form (`make lint-template`), the emulator at what it does.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

fn read(path: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).expect("a file of the repository")
}

/// The names of resources of one type.
fn resources(template: &str, kind: &str) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut name = "";
    for line in template.lines() {
        if let Some(rest) = line.strip_prefix("  ").and_then(|rest| rest.strip_suffix(':'))
            && rest.chars().all(char::is_alphanumeric)
        {
            name = rest;
        }
        if line.strip_prefix("    Type: ") == Some(kind) {
            found.insert(name.to_owned());
        }
    }
    found
}

/// The runbook's sections by their headings.
fn sections(runbook: &str) -> BTreeMap<&str, &str> {
    let parts = runbook.split("\n## ").skip(1);
    parts.filter_map(|part| part.split_once('\n')).map(|(heading, text)| (heading.trim(), text)).collect()
}

/// Each alarm with the section that its description names.
fn alarms(template: &str) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    for name in resources(template, "AWS::CloudWatch::Alarm") {
        let (_, body) = template.split_once(&format!("\n  {name}:\n")).expect("the alarm's resource");
        let description = body.lines().find_map(|line| line.trim().strip_prefix("AlarmDescription: "));
        let section = description.and_then(|text| text.split("docs/RUNBOOK.md#").nth(1)).unwrap_or_default();
        found.insert(name, section.trim_end_matches('"').to_owned());
    }
    found
}

#[test]
fn every_alarm_names_a_section_of_the_runbook_and_every_section_names_its_alarms() {
    let (template, runbook) = (read("template.yaml"), read("docs/RUNBOOK.md"));
    let sections = sections(&runbook);
    let alarms = alarms(&template);
    assert!(alarms.len() > 10, "the template's alarms were not found: {alarms:?}");
    for (alarm, section) in &alarms {
        let text = sections.get(section.as_str());
        let text = text.unwrap_or_else(|| panic!("{alarm} names `{section}`, which the runbook does not have"));
        assert!(text.contains(&format!("`{alarm}`")), "the runbook's section {section} does not name {alarm}");
    }
    let named: BTreeSet<_> = alarms.values().map(String::as_str).collect();
    assert_eq!(named, sections.keys().copied().collect(), "alarms and sections");
}

#[test]
fn every_section_has_symptom_query_action_and_undo_and_its_query_is_saved() {
    let (template, runbook) = (read("template.yaml"), read("docs/RUNBOOK.md"));
    for (section, text) in sections(&runbook) {
        for part in ["**Symptom.**", "**Query.**", "**Action.**", "**Undo.**"] {
            assert!(text.contains(part), "the runbook's section {section} has no {part}");
        }
        assert!(text.contains(&format!("**Query.** `{section}`")), "{section} does not name its query");
        assert!(
            template.contains(&format!("Name: !Sub ${{AWS::StackName}}/{section}\n")),
            "{section} has no saved query"
        );
    }
}

/// The functions whose resources hold this.
fn functions_with(template: &str, what: &str) -> BTreeSet<String> {
    let functions = resources(template, "AWS::Serverless::Function");
    let holds = |name: &String| {
        let (_, body) = template.split_once(&format!("\n  {name}:\n")).expect("the function's resource");
        body.split("\n\n").next().is_some_and(|resource| resource.contains(what))
    };
    functions.into_iter().filter(holds).collect()
}

#[test]
fn models_are_asked_by_workers_alone_and_of_quizzes_functions_by_the_one_that_makes_them() {
    let template = read("template.yaml");
    let workers = ["ChatFunction", "InterviewFunction", "QuizFunction"].map(str::to_owned);
    for right in ["bedrock:InvokeModelWithResponseStream", "bedrock:InvokeAgent", "bedrock:ApplyGuardrail"] {
        assert_eq!(functions_with(&template, right), workers.clone().into(), "{right}");
    }
    let any = functions_with(&template, "bedrock:");
    assert!(any.contains("QuizFunction") && !any.contains("QuizzesFunction"), "{any:?}");
    // Nor may it have been told of a model, or of an index of meanings.
    for variable in ["VIVA_MODEL", "VIVA_BEDROCK_", "VIVA_KNOWLEDGE_BASE", "VIVA_PINECONE_", "AWS_ENDPOINT_URL_BEDROCK"]
    {
        let told = functions_with(&template, variable);
        assert!(told.contains("QuizFunction") && !told.contains("QuizzesFunction"), "{variable}: {told:?}");
    }
}

#[test]
fn parts_of_files_lie_where_s3_tells_of_nothing_and_what_is_left_of_them_expires() {
    let template = read("template.yaml");
    let (_, bucket) = template.split_once("\n  Uploads:\n").expect("the bucket of uploads");
    let (bucket, _) = bucket.split_once("\n  UploadsPolicy:\n").expect("what follows it");
    let told: Vec<_> = bucket.lines().filter(|line| line.contains("S3Key")).map(str::trim).collect();
    assert_eq!(told, ["Filter: { S3Key: { Rules: [{ Name: prefix, Value: documents/ }] } }"]);
    assert!(bucket.contains("AbortIncompleteMultipartUpload: { DaysAfterInitiation: 2 }"));
    assert!(bucket.contains("Prefix: parts/\n            ExpirationInDays: 2"));
    let may_discard = functions_with(&template, "s3:AbortMultipartUpload");
    assert_eq!(may_discard, BTreeSet::from(["FilesFunction".to_owned(), "IngestFunction".to_owned()]));
    let adapter = read("src/cloud/s3/parts.rs");
    assert!(adapter.contains("const FOLDER: &str = \"parts\";"), "the adapter's folder is what the template names");
}

#[test]
fn every_variable_that_functions_are_told_is_read() {
    let sources = sources();
    for variable in read("template.yaml").lines().filter_map(|line| line.trim().split_once(": ")).map(|(name, _)| name)
    {
        assert!(
            !variable.starts_with("VIVA_") || sources.contains(&format!("\"{variable}\"")),
            "nobody reads {variable}"
        );
    }
}

#[test]
fn every_metric_of_ours_that_alarms_and_dashboard_show_is_counted() {
    let (template, sources) = (read("template.yaml"), sources());
    let mut shown = 0;
    for name in
        template.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').filter(|word| word.starts_with("viva_"))
    {
        let counted = ["counter", "gauge", "histogram"]
            .iter()
            .any(|kind| sources.contains(&format!("metrics::{kind}!(\"{name}\"")));
        assert!(counted, "nobody counts {name}");
        shown += 1;
    }
    assert!(shown > 10, "the template's metrics were not found");
}

/// All that is compiled into the programs.
fn sources() -> String {
    fn add(folder: &Path, all: &mut String) {
        for entry in fs::read_dir(folder).expect("a folder of the repository") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                add(&path, all);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                all.push_str(&fs::read_to_string(path).expect("a file of the repository"));
            }
        }
    }
    let mut all = String::new();
    add(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut all);
    all
}
