//! What template.yaml gives a function against what the function needs: it starts with these variables and with none fewer, and may reach
//! the tables that they name.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use viva::config::Environment;
use viva::wiring::{WiringError, functions};

/// Whether a function can be wired of an environment.
type Wire = fn(&Environment) -> Result<(), WiringError>;

const FUNCTIONS: [(&str, Wire); 13] = [
    ("Authorizer", |environment| functions::authorizer(environment).map(drop)),
    ("Connect", |environment| functions::connect(environment).map(drop)),
    ("Disconnect", |environment| functions::disconnect(environment).map(drop)),
    ("Message", |environment| functions::message(environment).map(drop)),
    ("Interview", |environment| functions::interview(environment).map(drop)),
    ("Chat", |environment| functions::chat(environment).map(drop)),
    ("Files", |environment| functions::files(environment).map(drop)),
    ("Quizzes", |environment| functions::quizzes(environment).map(drop)),
    ("Quiz", |environment| functions::quiz(environment).map(drop)),
    ("Ingest", |environment| functions::ingest(environment).map(drop)),
    ("Sweep", |environment| functions::sweep(environment).map(drop)),
    ("Reports", |environment| functions::reports(environment).map(drop)),
    ("Me", |environment| functions::me(environment).map(drop)),
];

/// The text of a function's resource.
fn section(function: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("template.yaml");
    let template = std::fs::read_to_string(path).unwrap();
    let (_, rest) = template.split_once(&format!("\n  {function}Function:\n")).expect("the function's resource");
    let ends = |line: &&str| line.is_empty() || line.starts_with("   ") || line.starts_with("  #");
    rest.lines().take_while(ends).map(|line| format!("{line}\n")).collect()
}

/// The names of a function's own variables.
fn variables(section: &str) -> BTreeSet<String> {
    let Some((_, rest)) = section.split_once("        Variables:\n") else { return BTreeSet::new() };
    let own = rest.lines().take_while(|line| line.starts_with("          "));
    own.filter_map(|line| line.strip_prefix("          ")?.split_once(": ").map(|(name, _)| name.to_owned()))
        .filter(|name| name.starts_with("VIVA_"))
        .collect()
}

/// Something for each variable that the template fills when it is deployed.
fn environment(names: &BTreeSet<String>) -> Environment {
    let mut values =
        BTreeMap::from([("AWS_REGION", "us-east-1"), ("AWS_ACCESS_KEY_ID", "test"), ("AWS_SECRET_ACCESS_KEY", "test")]);
    for name in names {
        let value = match name.as_str() {
            "VIVA_CONNECTIONS_URL" | "VIVA_ISSUER" | "VIVA_JWKS_URL" => "https://example.com/live",
            "VIVA_RECOGNIZER" => "transcribe",
            "VIVA_MODEL" => "builtin",
            // What is empty unless a parameter says otherwise.
            "VIVA_ANONYMOUS"
            | "VIVA_TOKEN_SECRET_ARN"
            | "VIVA_RECOGNIZER_SCRIPT"
            | "VIVA_MODEL_SCRIPT"
            | "VIVA_PRICES" => continue,
            name if [
                "VIVA_TRANSCRIBE_",
                "VIVA_BEDROCK_",
                "VIVA_PINECONE_",
                "VIVA_EMBEDDINGS",
                "VIVA_KNOWLEDGE_BASE",
            ]
            .iter()
            .any(|prefix| name.starts_with(prefix)) =>
            {
                continue;
            }
            name if name.starts_with("VIVA_BUDGET_") || name.ends_with("_PER_USER") => "1000",
            _ => "something",
        };
        values.insert(name, value);
    }
    values.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

#[test]
fn every_function_starts_with_the_variables_of_the_template_and_is_told_of_no_table_that_it_does_not_need() {
    for (function, wire) in FUNCTIONS {
        let names = variables(&section(function));
        if let Err(error) = wire(&environment(&names)) {
            panic!("{function}: {error}");
        }
        for table in names.iter().filter(|name| name.starts_with("VIVA_TABLE_")) {
            let without = names.iter().filter(|name| *name != table).cloned().collect();
            assert!(wire(&environment(&without)).is_err(), "{function} does not need {table}");
        }
    }
}

#[test]
fn every_function_may_reach_the_tables_that_it_is_told_of_and_no_others() {
    for (function, _) in FUNCTIONS {
        let section = section(function);
        let told: BTreeSet<String> = section
            .lines()
            .filter(|line| line.contains("VIVA_TABLE_"))
            .filter_map(|line| line.split_once("!Ref ").map(|(_, table)| table.trim().to_owned()))
            .collect();
        let reached: BTreeSet<String> = section
            .lines()
            .filter(|line| line.contains("Resource: ") && line.contains("Table.Arn"))
            .filter_map(|line| Some(line.split_once("!GetAtt ")?.1.trim().trim_end_matches(".Arn").to_owned()))
            .collect();
        assert_eq!(told, reached, "{function}");
    }
}
