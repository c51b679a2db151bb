//! Which models or agents of Amazon Bedrock ask and review, and how they are asked.

use crate::config::environment::{ConfigError, Environment};

#[derive(Clone, Debug, Default, PartialEq)]
pub struct BedrockConfig {
    /// `VIVA_BEDROCK_INTERVIEWER_MODEL` or, with `VIVA_MODEL=agent`, `VIVA_BEDROCK_AGENT_INTERVIEWER`: who asks the questions.
    pub interviewer: Option<Mind>,
    /// `VIVA_BEDROCK_REVIEWER_MODEL`, `VIVA_BEDROCK_AGENT_REVIEWER`: who writes the feedback; absent: the interviewer's model.
    pub reviewer: Option<Mind>,
    /// `VIVA_BEDROCK_TUTOR_MODEL`, `VIVA_BEDROCK_AGENT_TUTOR`: who answers about a course's files.
    pub tutor: Option<Mind>,
    /// `VIVA_BEDROCK_QUIZ_WRITER_MODEL`, `VIVA_BEDROCK_AGENT_QUIZ_WRITER`: who writes quizzes.
    pub quiz_writer: Option<Mind>,
    /// `VIVA_BEDROCK_GUARDRAIL` and `VIVA_BEDROCK_GUARDRAIL_VERSION`: applied to models; an agent has its own.
    pub guardrail: Option<Guardrail>,
    /// `VIVA_BEDROCK_CACHE` (`on`, `off`; on): mark the instructions for Bedrock's prompt cache, unless the model cannot.
    pub cache: bool,
    /// `VIVA_BEDROCK_TOOL` (`on`, `off`; on): have feedback written into a tool's schema, unless the model cannot.
    pub tool: bool,
    /// `VIVA_BEDROCK_TEMPERATURE` (0 to 1): absent, the model's own.
    pub temperature: Option<f32>,
}

/// What does a role's work.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mind {
    /// A model's id, or the id or ARN of an inference profile.
    Model(String),
    Agent {
        id: String,
        alias: String,
    },
}

impl std::fmt::Display for Mind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Model(id) => write!(f, "the model {id}"),
            Self::Agent { id, alias } => write!(f, "the agent {id}/{alias}"),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guardrail {
    pub id: String,
    /// A number, or `DRAFT`.
    pub version: String,
}

impl BedrockConfig {
    /// `VIVA_MODEL` says whether models (`bedrock`) or agents (`agent`) are preferred; a role that has no agent takes its model.
    pub fn read(environment: &Environment) -> Result<Self, ConfigError> {
        let agents = environment.text("VIVA_MODEL") == Some("agent");
        let mind = |agent, model| mind(environment, agents.then_some(agent), model);
        let interviewer = mind("VIVA_BEDROCK_AGENT_INTERVIEWER", "VIVA_BEDROCK_INTERVIEWER_MODEL")?;
        let guardrail = environment.text("VIVA_BEDROCK_GUARDRAIL").map(|id| Guardrail {
            id: id.to_owned(),
            version: environment.text("VIVA_BEDROCK_GUARDRAIL_VERSION").unwrap_or("DRAFT").to_owned(),
        });
        Ok(Self {
            reviewer: mind("VIVA_BEDROCK_AGENT_REVIEWER", "VIVA_BEDROCK_REVIEWER_MODEL")?
                .or_else(|| model(environment, "VIVA_BEDROCK_INTERVIEWER_MODEL"))
                .or_else(|| interviewer.clone()),
            interviewer,
            tutor: mind("VIVA_BEDROCK_AGENT_TUTOR", "VIVA_BEDROCK_TUTOR_MODEL")?,
            quiz_writer: mind("VIVA_BEDROCK_AGENT_QUIZ_WRITER", "VIVA_BEDROCK_QUIZ_WRITER_MODEL")?,
            guardrail,
            cache: environment.switch("VIVA_BEDROCK_CACHE")?.unwrap_or(true),
            tool: environment.switch("VIVA_BEDROCK_TOOL")?.unwrap_or(true),
            temperature: temperature(environment)?,
        })
    }

    /// Who asks; without one there is no interview.
    pub fn needed_interviewer(&self) -> Result<&Mind, ConfigError> {
        self.interviewer.as_ref().ok_or_else(|| {
            let problem =
                "it must be set with VIVA_MODEL=bedrock, or VIVA_BEDROCK_AGENT_INTERVIEWER with VIVA_MODEL=agent";
            ConfigError::new("VIVA_BEDROCK_INTERVIEWER_MODEL", problem)
        })
    }

    /// Who answers about files: the tutor, or else whoever asks.
    pub fn needed_tutor(&self) -> Result<&Mind, ConfigError> {
        self.tutor.as_ref().or(self.interviewer.as_ref()).ok_or_else(|| {
            let problem = "it must be set with VIVA_MODEL=bedrock, or VIVA_BEDROCK_AGENT_TUTOR with VIVA_MODEL=agent";
            ConfigError::new("VIVA_BEDROCK_TUTOR_MODEL", problem)
        })
    }

    /// Who writes quizzes: the quiz writer, or else whoever asks.
    pub fn needed_quiz_writer(&self) -> Result<&Mind, ConfigError> {
        self.quiz_writer.as_ref().or(self.interviewer.as_ref()).ok_or_else(|| {
            let problem =
                "it must be set with VIVA_MODEL=bedrock, or VIVA_BEDROCK_AGENT_QUIZ_WRITER with VIVA_MODEL=agent";
            ConfigError::new("VIVA_BEDROCK_QUIZ_WRITER_MODEL", problem)
        })
    }
}

fn mind(environment: &Environment, agent: Option<&'static str>, of_model: &str) -> Result<Option<Mind>, ConfigError> {
    let Some((variable, value)) = agent.and_then(|variable| Some((variable, environment.text(variable)?))) else {
        return Ok(model(environment, of_model));
    };
    match value.split_once('/') {
        Some((id, alias)) if is_id(id) && is_id(alias) => {
            Ok(Some(Mind::Agent { id: id.to_owned(), alias: alias.to_owned() }))
        }
        Some(_) | None => Err(ConfigError::new(
            variable,
            format!("`{value}` is not an agent's id and its alias's id with `/` between them"),
        )),
    }
}

fn model(environment: &Environment, variable: &str) -> Option<Mind> {
    environment.text(variable).map(|id| Mind::Model(id.to_owned()))
}

fn is_id(text: &str) -> bool {
    (1..=10).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

fn temperature(environment: &Environment) -> Result<Option<f32>, ConfigError> {
    let variable = "VIVA_BEDROCK_TEMPERATURE";
    match environment.parsed::<f32>(variable, "a number")? {
        Some(value) if !(0.0..=1.0).contains(&value) => {
            Err(ConfigError::new(variable, format!("{value} is not within 0 and 1")))
        }
        value => Ok(value),
    }
}

/// What a guardrail of ours answers in place of a model. It is recognised and never said to anyone: an agent's reply has no other sign that
/// it was stopped.
pub const GUARDRAIL_MESSAGE: &str = "[viva: stopped by the guardrail]";

#[cfg(test)]
mod tests {
    use super::{BedrockConfig, Guardrail, Mind};
    use crate::config::Environment;

    fn model(id: &str) -> Option<Mind> {
        Some(Mind::Model(id.to_owned()))
    }

    fn agent(id: &str, alias: &str) -> Option<Mind> {
        Some(Mind::Agent { id: id.to_owned(), alias: alias.to_owned() })
    }

    #[test]
    fn one_model_serves_both_roles_unless_the_reviewer_has_its_own() {
        let one = [("VIVA_MODEL", "bedrock"), ("VIVA_BEDROCK_INTERVIEWER_MODEL", "a")];
        let config = BedrockConfig::read(&one.into()).expect("it is right");
        assert_eq!((config.interviewer, config.reviewer, config.tutor), (model("a"), model("a"), None));
        assert!(config.cache && config.tool && config.guardrail.is_none());
        let mut two = Environment::from(one);
        two.set("VIVA_BEDROCK_REVIEWER_MODEL", "b");
        two.set("VIVA_BEDROCK_GUARDRAIL", "gr1");
        two.set("VIVA_BEDROCK_AGENT_INTERVIEWER", "A/B");
        let config = BedrockConfig::read(&two).expect("it is right");
        assert_eq!((config.interviewer, config.reviewer), (model("a"), model("b")), "agents are not asked for");
        assert_eq!(config.guardrail, Some(Guardrail { id: "gr1".to_owned(), version: "DRAFT".to_owned() }));
    }

    #[test]
    fn a_role_without_an_agent_takes_its_model() {
        let mut environment =
            Environment::from([("VIVA_MODEL", "agent"), ("VIVA_BEDROCK_AGENT_INTERVIEWER", "AG1/AL1")]);
        let config = BedrockConfig::read(&environment).expect("it is right");
        assert_eq!((config.interviewer, config.reviewer), (agent("AG1", "AL1"), agent("AG1", "AL1")));
        environment.set("VIVA_BEDROCK_INTERVIEWER_MODEL", "a");
        let config = BedrockConfig::read(&environment).expect("it is right");
        assert_eq!((config.interviewer, config.reviewer), (agent("AG1", "AL1"), model("a")));
        environment.set("VIVA_BEDROCK_AGENT_REVIEWER", "AG2/AL2");
        assert_eq!(BedrockConfig::read(&environment).expect("it is right").reviewer, agent("AG2", "AL2"));
    }

    #[test]
    fn what_is_wrong_names_its_variable() {
        for (variable, value) in [
            ("VIVA_BEDROCK_AGENT_INTERVIEWER", "AG1"),
            ("VIVA_BEDROCK_AGENT_REVIEWER", "arn:aws:bedrock/AL1"),
            ("VIVA_BEDROCK_TEMPERATURE", "1.5"),
            ("VIVA_BEDROCK_CACHE", "perhaps"),
        ] {
            let error = BedrockConfig::read(&[("VIVA_MODEL", "agent"), (variable, value)].into()).expect_err(variable);
            assert_eq!(error.variable, variable);
        }
        let none = BedrockConfig::default();
        assert_eq!(none.needed_interviewer().expect_err("none").variable, "VIVA_BEDROCK_INTERVIEWER_MODEL");
    }
}
