//! Who is told of an interview's end on one machine, and the key that what is told is signed with.

use crate::config::environment::{ConfigError, Environment};
use crate::config::limits::{WEBHOOK_SECRET_BYTES_MAX, WEBHOOK_SECRET_BYTES_MIN};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

#[derive(Clone, PartialEq, Eq)]
pub struct WebhookConfig {
    /// `VIVA_WEBHOOK_URL`: where events are posted.
    pub url: String,
    /// `VIVA_WEBHOOK_SECRET`: `whsec_` and 24 to 64 random bytes in base64, as Standard Webhooks has them.
    pub secret: Vec<u8>,
}

impl std::fmt::Debug for WebhookConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // An address may hold a key of its own.
        f.debug_struct("WebhookConfig").finish_non_exhaustive()
    }
}

impl WebhookConfig {
    /// `None`: nobody is told.
    pub fn read(environment: &Environment) -> Result<Option<Self>, ConfigError> {
        let Some(url) = environment.text(URL) else {
            return match environment.text(SECRET) {
                Some(_) => Err(ConfigError::new(URL, "it is missing, though VIVA_WEBHOOK_SECRET is set")),
                None => Ok(None),
            };
        };
        if !(url.starts_with("http://") || url.starts_with("https://")) {
            return Err(ConfigError::new(URL, "it does not begin with http:// or https://"));
        }
        let wrong = || ConfigError::new(SECRET, HOW_TO_MAKE);
        let text = environment.text(SECRET).ok_or_else(wrong)?;
        let secret = text.strip_prefix("whsec_").and_then(|key| STANDARD.decode(key).ok()).ok_or_else(wrong)?;
        if !(WEBHOOK_SECRET_BYTES_MIN..=WEBHOOK_SECRET_BYTES_MAX).contains(&secret.len()) {
            return Err(wrong());
        }
        Ok(Some(Self { url: url.to_owned(), secret }))
    }
}

const URL: &str = "VIVA_WEBHOOK_URL";
const SECRET: &str = "VIVA_WEBHOOK_SECRET";
const HOW_TO_MAKE: &str =
    "it must be whsec_ and 24 to 64 random bytes in base64; make one with: echo whsec_$(openssl rand -base64 32)";

#[cfg(test)]
mod tests {
    use super::*;

    fn read(url: &str, secret: &str) -> Result<Option<WebhookConfig>, ConfigError> {
        WebhookConfig::read(&Environment::from([(URL, url), (SECRET, secret)]))
    }

    #[test]
    fn an_address_needs_a_secret_of_the_standards_form() {
        assert_eq!(read("", ""), Ok(None));
        let secret = format!("whsec_{}", STANDARD.encode([7; 32]));
        let both = WebhookConfig { url: "https://lms.example/hook/".into(), secret: vec![7; 32] };
        assert_eq!(read("https://lms.example/hook/", &secret), Ok(Some(both)));
        for (url, secret) in [
            ("https://lms.example", ""),
            ("https://lms.example", "hunter2"),
            ("https://lms.example", "whsec_hunter2"),
            ("https://lms.example", &format!("whsec_{}", STANDARD.encode([7; 8]))),
            ("", &secret),
            ("ftp://lms.example", &secret),
        ] {
            let refused = read(url, secret).unwrap_err().to_string();
            assert!(!refused.contains("hunter2"), "{refused}");
        }
    }
}
