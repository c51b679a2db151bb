//! Both adapters against the emulator of AWS, as they are wired.

use crate::contract::question;
use crate::material::perform;
use crate::ministack::Ministack;
use viva::cloud::bedrock::RoleModels;
use viva::config::BedrockConfig;

#[tokio::test]
async fn a_model_and_an_agent_of_the_emulator_answer() {
    let emulator = tokio::task::spawn_blocking(Ministack::shared).await.expect("it starts");
    for (kind, variable, value) in [
        ("bedrock", "VIVA_BEDROCK_INTERVIEWER_MODEL", "amazon.nova-lite-v1:0"),
        ("agent", "VIVA_BEDROCK_AGENT_INTERVIEWER", "AGENT1/ALIAS1"),
    ] {
        let config = BedrockConfig::read(&[("VIVA_MODEL", kind), (variable, value)].into()).expect("it is right");
        let roles = RoleModels::new(&emulator.aws(), &config).expect("an interviewer");
        let reply = perform(&roles, question()).await;
        assert!(!reply.text().is_empty(), "{kind}");
        assert!(reply.end.expect(kind).input_tokens > 0, "{kind}");
    }
}
