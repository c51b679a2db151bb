//! What is wrong with a configuration is said by the variable's name.

use viva::config::{Config, Environment};
use viva::gateway::{COUNTERS, GAUGES, HISTOGRAMS};

fn problem(pairs: &[(&str, &str)]) -> String {
    let mut environment = Environment::from([("VIVA_DATA", "/nowhere")]);
    for (name, value) in pairs {
        environment.set(name, *value);
    }
    Config::read(&environment).unwrap_err().to_string()
}

#[test]
fn every_wrong_value_is_named() {
    for (pairs, variable, words) in [
        (vec![("VIVA_ADDR", "here")], "VIVA_ADDR", "`here` is not an address"),
        (vec![("VIVA_ADMIN_ADDR", "0.0.0.0:8081")], "VIVA_ADMIN_SECRET", "must be set"),
        (vec![("VIVA_THREADS", "0")], "VIVA_THREADS", "0 is not within"),
        (vec![("VIVA_TLS_CERT", "a.pem")], "VIVA_TLS_KEY", "beside VIVA_TLS_CERT"),
        (vec![("VIVA_TLS_KEY", "a.pem")], "VIVA_TLS_CERT", "beside VIVA_TLS_KEY"),
        (vec![("VIVA_RATE_REQUESTS", "0")], "VIVA_RATE_REQUESTS", "0 is not within"),
        (vec![("VIVA_ORIGINS", "learn.example")], "VIVA_ORIGINS", "no origin"),
        (vec![("VIVA_TOKEN_SECRET", "short")], "VIVA_TOKEN_SECRET", "5 bytes"),
        (vec![("VIVA_DEV_TOKENS", "on"), ("VIVA_ADDR", "0.0.0.0:8080")], "VIVA_DEV_TOKENS", "loopback alone"),
        (
            vec![("VIVA_DEV_TOKENS", "on"), ("VIVA_TOKEN_SECRET", "0123456789abcdef0123456789abcdef")],
            "VIVA_DEV_TOKENS",
            "platform's own key",
        ),
        (
            vec![("VIVA_DEV_TOKENS", "on"), ("VIVA_ISSUER", "https://x.example/auth/v1")],
            "VIVA_DEV_TOKENS",
            "VIVA_ISSUER",
        ),
        (vec![("VIVA_ISSUER", "x.example/auth/v1")], "VIVA_ISSUER", "http://"),
        (vec![("VIVA_ISSUER", "http://x.example/auth/v1")], "VIVA_ISSUER", "use https"),
        (vec![("VIVA_ISSUER", "http://127.0.0.1@x.example/auth/v1")], "VIVA_ISSUER", "use https"),
        (
            vec![("VIVA_ISSUER", "https://x.example"), ("VIVA_JWKS_URL", "http://x.example/k")],
            "VIVA_JWKS_URL",
            "use https",
        ),
        (vec![("VIVA_ISSUER", "https://x.example"), ("VIVA_ANONYMOUS", "perhaps")], "VIVA_ANONYMOUS", "neither"),
        (vec![("VIVA_AUDIENCE", "viva")], "VIVA_AUDIENCE", "without VIVA_ISSUER"),
        (vec![("VIVA_SUPABASE_URL", "https://x.example")], "VIVA_SUPABASE_ANON_KEY", "beside"),
        (vec![("VIVA_SUPABASE_ANON_KEY", "k")], "VIVA_SUPABASE_URL", "beside"),
        (
            vec![("VIVA_SUPABASE_URL", "https://x.example"), ("VIVA_SUPABASE_ANON_KEY", "k")],
            "VIVA_ISSUER",
            "https://x.example/auth/v1",
        ),
        (
            vec![("VIVA_SUPABASE_URL", "https://x.example; script-src *"), ("VIVA_SUPABASE_ANON_KEY", "k")],
            "VIVA_SUPABASE_URL",
            "more than an origin",
        ),
        (vec![("VIVA_DEV_TOKENS", "maybe")], "VIVA_DEV_TOKENS", "neither"),
        (vec![("VIVA_RECOGNIZER", "ears")], "VIVA_RECOGNIZER", "none of auto"),
        (vec![("VIVA_RECOGNIZER", "openai")], "VIVA_RECOGNIZER_URL", "must be set"),
        (vec![("VIVA_MODEL", "brain")], "VIVA_MODEL", "none of builtin"),
        (vec![("VIVA_MODEL", "openai")], "VIVA_MODEL_URL", "must be set"),
        (vec![("VIVA_MODEL", "openai"), ("VIVA_MODEL_URL", "http://x")], "VIVA_MODEL_NAME", "must be set"),
        (vec![("VIVA_MODEL_URL", "ftp://x")], "VIVA_MODEL_URL", "http://"),
        (vec![("VIVA_LOG_FORMAT", "xml")], "VIVA_LOG_FORMAT", "neither"),
        (vec![("VIVA_BUDGET_TOKENS", "many")], "VIVA_BUDGET_TOKENS", "whole number"),
        (vec![("VIVA_FILES_PER_USER", "many")], "VIVA_FILES_PER_USER", "whole number"),
        (vec![("VIVA_FILE_BYTES_PER_USER", "-1")], "VIVA_FILE_BYTES_PER_USER", "whole number"),
    ] {
        let problem = problem(&pairs);
        assert!(problem.starts_with(&format!("{variable}: ")) && problem.contains(words), "{pairs:?}: {problem}");
    }
    assert!(!problem(&[("VIVA_TOKEN_SECRET", "hunter2")]).contains("hunter2"));
}

#[test]
fn dev_tokens_are_never_open_beyond_loopback_or_beside_a_platforms_key() {
    for (pairs, open) in [
        (vec![], true),
        (vec![("VIVA_ADDR", "[::1]:8080")], true),
        (vec![("VIVA_ADDR", "0.0.0.0:8080")], false),
        (vec![("VIVA_ADDR", "192.0.2.1:8080")], false),
        (vec![("VIVA_DEV_TOKENS", "off")], false),
        (vec![("VIVA_TOKEN_SECRET", "0123456789abcdef0123456789abcdef")], false),
        (vec![("VIVA_ISSUER", "https://x.example/auth/v1")], false),
        (vec![("VIVA_ISSUER", "http://127.0.0.1:54321/auth/v1")], false),
    ] {
        let mut environment = Environment::from([("VIVA_DATA", "/nowhere")]);
        for (name, value) in &pairs {
            environment.set(name, *value);
        }
        let config = Config::read(&environment).unwrap();
        assert_eq!(config.gateway.dev_tokens(&config.tokens), open, "{pairs:?}");
    }
}

#[test]
fn a_configuration_never_shows_its_secrets() {
    let secret = "0123456789abcdef0123456789abcdef";
    let mut environment = Environment::from([
        ("VIVA_DATA", "/nowhere"),
        ("VIVA_TOKEN_SECRET", secret),
        ("VIVA_ADMIN_SECRET", secret),
        ("VIVA_MODEL_KEY", secret),
        ("VIVA_RECOGNIZER_KEY", secret),
    ]);
    let config = Config::read(&environment).unwrap();
    assert!(!format!("{config:?} {environment:?}").contains(secret));
    environment.set("VIVA_ISSUER", "https://x.example/auth/v1");
    let config = Config::read(&environment).unwrap();
    assert!(config.tokens.issuer.as_ref().unwrap().secret.is_some() && !format!("{config:?}").contains(secret));
}

#[test]
fn metrics_are_named_alike() {
    let all = COUNTERS.iter().chain(GAUGES).chain(HISTOGRAMS);
    assert!(all.clone().all(|(name, text)| name.starts_with("viva_") && !text.is_empty()));
    assert!(COUNTERS.iter().all(|(name, _)| name.ends_with("_total")));
    assert!(HISTOGRAMS.iter().all(|(name, _)| name.ends_with("_seconds")));
}

#[test]
fn every_metric_that_is_counted_is_declared() {
    let declared: Vec<&str> = COUNTERS.iter().chain(GAUGES).chain(HISTOGRAMS).map(|(name, _)| *name).collect();
    let mut folders = vec![std::path::PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/src"))];
    let mut used = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            for macro_name in ["counter!(\"", "gauge!(\"", "histogram!(\""] {
                for (at, _) in text.match_indices(macro_name) {
                    let name = text[at + macro_name.len()..].split('"').next().unwrap();
                    assert!(declared.contains(&name), "{name} in {}", path.display());
                    used += 1;
                }
            }
        }
    }
    assert!(used >= 10);
}
