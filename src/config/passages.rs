//! What beside their words passages are found by.

use crate::config::environment::{ConfigError, Environment};

#[derive(Clone, PartialEq, Eq)]
pub struct PassagesConfig {
    /// `VIVA_PASSAGES`: `text` (full text alone), `vectors` (in SQLite, beside the text), `pinecone` or `knowledge_base`. By default
    /// `knowledge_base` where `VIVA_KNOWLEDGE_BASE` is set, `pinecone` where `VIVA_PINECONE_HOST` is, else `vectors` where embeddings are
    /// configured, else `text`. The text is always kept in our own store and searched there, too.
    pub choice: Option<PassagesChoice>,
    /// `VIVA_PINECONE_HOST`: the index's own address, e.g. `https://course-abc123.svc.aped-1234.pinecone.io`.
    pub pinecone_host: Option<String>,
    /// `VIVA_PINECONE_KEY`: its API key.
    pub pinecone_key: Option<String>,
    /// `VIVA_PINECONE_SECRET`: ARN of the secret whose `key` it is, in its place (functions of AWS).
    pub pinecone_secret: Option<String>,
    /// `VIVA_PINECONE_API_VERSION`: the version of the API that is spoken.
    pub pinecone_api_version: String,
    /// `VIVA_KNOWLEDGE_BASE`: a knowledge base of Amazon Bedrock, its id.
    pub knowledge_base: Option<String>,
    /// `VIVA_KNOWLEDGE_BASE_SOURCE`: its data source of kind CUSTOM, chunking NONE.
    pub knowledge_base_source: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PassagesChoice {
    Text,
    Vectors,
    Pinecone,
    KnowledgeBase,
}

impl std::fmt::Debug for PassagesConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PassagesConfig")
            .field("choice", &self.choice)
            .field("pinecone_host", &self.pinecone_host)
            .field("knowledge_base", &self.knowledge_base)
            .finish_non_exhaustive()
    }
}

impl PassagesConfig {
    pub fn read(environment: &Environment) -> Result<Self, ConfigError> {
        let text = |name| environment.text(name).map(str::to_owned);
        let pinecone_host = environment.url("VIVA_PINECONE_HOST")?;
        let knowledge_base = text("VIVA_KNOWLEDGE_BASE");
        let choice = match environment.text("VIVA_PASSAGES") {
            None if knowledge_base.is_some() => Some(PassagesChoice::KnowledgeBase),
            None if pinecone_host.is_some() => Some(PassagesChoice::Pinecone),
            None => None,
            Some("text") => Some(PassagesChoice::Text),
            Some("vectors") => Some(PassagesChoice::Vectors),
            Some("pinecone") => Some(PassagesChoice::Pinecone),
            Some("knowledge_base") => Some(PassagesChoice::KnowledgeBase),
            Some(other) => {
                let problem = format!("`{other}` is none of text, vectors, pinecone, knowledge_base");
                return Err(ConfigError::new("VIVA_PASSAGES", problem));
            }
        };
        let config = Self {
            choice,
            pinecone_host,
            pinecone_key: text("VIVA_PINECONE_KEY"),
            pinecone_secret: text("VIVA_PINECONE_SECRET"),
            pinecone_api_version: text("VIVA_PINECONE_API_VERSION").unwrap_or_else(|| PINECONE_API_VERSION.to_owned()),
            knowledge_base,
            knowledge_base_source: text("VIVA_KNOWLEDGE_BASE_SOURCE"),
        };
        config.check()?;
        Ok(config)
    }

    fn check(&self) -> Result<(), ConfigError> {
        let needed = |there: bool, variable, problem: &str| {
            if there { Ok(()) } else { Err(ConfigError::new(variable, problem)) }
        };
        match self.choice {
            Some(PassagesChoice::Pinecone) => {
                let problem = "it must be set with VIVA_PASSAGES=pinecone";
                needed(self.pinecone_host.is_some(), "VIVA_PINECONE_HOST", problem)?;
                let key = self.pinecone_key.is_some() || self.pinecone_secret.is_some();
                needed(key, "VIVA_PINECONE_KEY", "it, or VIVA_PINECONE_SECRET, must be set with VIVA_PASSAGES=pinecone")
            }
            Some(PassagesChoice::KnowledgeBase) => {
                let problem = "it must be set with VIVA_PASSAGES=knowledge_base";
                needed(self.knowledge_base.is_some(), "VIVA_KNOWLEDGE_BASE", problem)?;
                needed(self.knowledge_base_source.is_some(), "VIVA_KNOWLEDGE_BASE_SOURCE", problem)
            }
            Some(PassagesChoice::Text | PassagesChoice::Vectors) | None => Ok(()),
        }
    }
}

/// The newest that this program was written to.
const PINECONE_API_VERSION: &str = "2025-10";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_there_is_what_is_wanted() {
        let pinecone = [("VIVA_PINECONE_HOST", "https://i.svc.pinecone.io"), ("VIVA_PINECONE_KEY", "k")];
        let config = PassagesConfig::read(&pinecone.into()).expect("it is right");
        assert_eq!((config.choice, config.pinecone_api_version.as_str()), (Some(PassagesChoice::Pinecone), "2025-10"));
        assert!(!format!("{config:?}").contains("\"k\""), "{config:?}");
        let base = [("VIVA_KNOWLEDGE_BASE", "KB1"), ("VIVA_KNOWLEDGE_BASE_SOURCE", "DS1")];
        assert_eq!(
            PassagesConfig::read(&base.into()).expect("it is right").choice,
            Some(PassagesChoice::KnowledgeBase)
        );
        assert_eq!(PassagesConfig::read(&Environment::default()).expect("it is right").choice, None);
    }

    #[test]
    fn what_is_missing_names_its_variable() {
        for (variable, pairs) in [
            ("VIVA_PASSAGES", [("VIVA_PASSAGES", "elastic"), ("X", "")]),
            ("VIVA_PINECONE_HOST", [("VIVA_PASSAGES", "pinecone"), ("X", "")]),
            ("VIVA_PINECONE_KEY", [("VIVA_PASSAGES", "pinecone"), ("VIVA_PINECONE_HOST", "https://i")]),
            ("VIVA_KNOWLEDGE_BASE_SOURCE", [("VIVA_KNOWLEDGE_BASE", "KB1"), ("X", "")]),
        ] {
            assert_eq!(PassagesConfig::read(&pairs.into()).expect_err(variable).variable, variable);
        }
    }
}
