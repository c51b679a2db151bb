//! Who turns texts into vectors.

use crate::config::environment::{ConfigError, Environment};
use crate::config::limits::{EMBEDDING_DIMENSIONS_MAX, SIMILARITY_MIN};

#[derive(Clone, PartialEq)]
pub struct EmbeddingsConfig {
    /// `VIVA_EMBEDDINGS`: `none`, `openai` (any OpenAI-compatible `/v1/embeddings`) or `titan` (Amazon Titan Text Embeddings V2). By default
    /// `openai` where `VIVA_EMBEDDINGS_URL` is set, else `none`.
    pub choice: EmbeddingsChoice,
    /// `VIVA_EMBEDDINGS_URL`: the endpoint's base, e.g. `http://127.0.0.1:11434/v1`.
    pub url: Option<String>,
    /// `VIVA_EMBEDDINGS_MODEL`: the model that is asked for; Titan's has a default.
    pub model: Option<String>,
    /// `VIVA_EMBEDDINGS_KEY`: the bearer token for it.
    pub key: Option<String>,
    /// `VIVA_EMBEDDINGS_DIMENSIONS`: asked for where it is set; Titan gives 256, 512 or 1024 (the default).
    pub dimensions: Option<usize>,
    /// `VIVA_EMBEDDINGS_QUERY_PREFIX`, `VIVA_EMBEDDINGS_PASSAGE_PREFIX`: what the model wants before each, e.g. `search_query: `. Quotation marks
    /// around them keep a space at their end.
    pub query_prefix: String,
    pub passage_prefix: String,
    /// `VIVA_EMBEDDINGS_SIMILARITY_MIN`: the cosine from which a passage has something to do with a question.
    pub similarity_min: f32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EmbeddingsChoice {
    None,
    OpenAi,
    Titan,
}

impl std::fmt::Debug for EmbeddingsConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EmbeddingsConfig")
            .field("choice", &self.choice)
            .field("url", &self.url)
            .field("model", &self.model)
            .finish_non_exhaustive()
    }
}

impl EmbeddingsConfig {
    pub fn read(environment: &Environment) -> Result<Self, ConfigError> {
        let url = environment.url("VIVA_EMBEDDINGS_URL")?;
        let model = environment.text("VIVA_EMBEDDINGS_MODEL").map(str::to_owned);
        let choice = match environment.text("VIVA_EMBEDDINGS") {
            None if url.is_some() => EmbeddingsChoice::OpenAi,
            None | Some("none") => EmbeddingsChoice::None,
            Some("openai") => EmbeddingsChoice::OpenAi,
            Some("titan") => EmbeddingsChoice::Titan,
            Some(other) => {
                return Err(ConfigError::new("VIVA_EMBEDDINGS", format!("`{other}` is none of none, openai, titan")));
            }
        };
        if choice == EmbeddingsChoice::OpenAi && url.is_none() {
            let problem = "it must be set with VIVA_EMBEDDINGS=openai, e.g. http://127.0.0.1:11434/v1";
            return Err(ConfigError::new("VIVA_EMBEDDINGS_URL", problem));
        }
        if choice == EmbeddingsChoice::OpenAi && model.is_none() {
            let problem = "it must be set with VIVA_EMBEDDINGS_URL, e.g. nomic-embed-text";
            return Err(ConfigError::new("VIVA_EMBEDDINGS_MODEL", problem));
        }
        let prefix = |name| environment.text(name).unwrap_or_default().trim_matches('"').to_owned();
        Ok(Self {
            choice,
            url,
            model,
            key: environment.text("VIVA_EMBEDDINGS_KEY").map(str::to_owned),
            dimensions: dimensions(environment, choice)?,
            query_prefix: prefix("VIVA_EMBEDDINGS_QUERY_PREFIX"),
            passage_prefix: prefix("VIVA_EMBEDDINGS_PASSAGE_PREFIX"),
            similarity_min: similarity_min(environment)?,
        })
    }
}

fn dimensions(environment: &Environment, choice: EmbeddingsChoice) -> Result<Option<usize>, ConfigError> {
    let variable = "VIVA_EMBEDDINGS_DIMENSIONS";
    if environment.text(variable).is_none() {
        return Ok(None);
    }
    let number = environment.number(variable, 0, 1, EMBEDDING_DIMENSIONS_MAX as u64)? as usize;
    if choice == EmbeddingsChoice::Titan && !TITAN_DIMENSIONS.contains(&number) {
        return Err(ConfigError::new(variable, format!("Titan gives 256, 512 or 1024, not {number}")));
    }
    Ok(Some(number))
}

fn similarity_min(environment: &Environment) -> Result<f32, ConfigError> {
    let variable = "VIVA_EMBEDDINGS_SIMILARITY_MIN";
    match environment.parsed::<f32>(variable, "a number")? {
        None => Ok(SIMILARITY_MIN),
        Some(value) if (-1.0..=1.0).contains(&value) => Ok(value),
        Some(value) => Err(ConfigError::new(variable, format!("{value} is not within -1 and 1"))),
    }
}

/// What Titan Text Embeddings V2 gives; the last is the default.
pub const TITAN_DIMENSIONS: [usize; 3] = [256, 512, 1024];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_is_enough_to_want_its_vectors() {
        let config = EmbeddingsConfig::read(
            &[("VIVA_EMBEDDINGS_URL", "http://localhost:1/v1/"), ("VIVA_EMBEDDINGS_MODEL", "m")].into(),
        );
        let config = config.expect("it is right");
        assert_eq!((config.choice, config.url.as_deref()), (EmbeddingsChoice::OpenAi, Some("http://localhost:1/v1")));
        let none = EmbeddingsConfig::read(&Environment::default()).expect("it is right");
        assert_eq!(none.choice, EmbeddingsChoice::None);
    }

    #[test]
    fn a_prefix_may_end_in_a_space() {
        let environment = [("VIVA_EMBEDDINGS_QUERY_PREFIX", "\"search_query: \"")].into();
        assert_eq!(EmbeddingsConfig::read(&environment).expect("it is right").query_prefix, "search_query: ");
    }

    #[test]
    fn what_is_wrong_names_its_variable() {
        for (variable, pairs) in [
            ("VIVA_EMBEDDINGS", [("VIVA_EMBEDDINGS", "word2vec"), ("X", "")]),
            ("VIVA_EMBEDDINGS_URL", [("VIVA_EMBEDDINGS", "openai"), ("X", "")]),
            ("VIVA_EMBEDDINGS_MODEL", [("VIVA_EMBEDDINGS_URL", "http://localhost"), ("X", "")]),
            ("VIVA_EMBEDDINGS_DIMENSIONS", [("VIVA_EMBEDDINGS", "titan"), ("VIVA_EMBEDDINGS_DIMENSIONS", "768")]),
            ("VIVA_EMBEDDINGS_SIMILARITY_MIN", [("VIVA_EMBEDDINGS_SIMILARITY_MIN", "2"), ("X", "")]),
        ] {
            assert_eq!(EmbeddingsConfig::read(&pairs.into()).expect_err(variable).variable, variable);
        }
    }
}
