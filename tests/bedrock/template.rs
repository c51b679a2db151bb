//! The stack and the adapters agree on what a guardrail says.

use viva::config::bedrock::GUARDRAIL_MESSAGE;

#[test]
fn a_guardrail_of_the_stack_says_what_the_adapters_look_for() {
    let template = include_str!("../../template.yaml");
    for name in ["BlockedInputMessaging", "BlockedOutputsMessaging"] {
        let line = template.lines().find(|line| line.trim_start().starts_with(name)).expect(name);
        assert_eq!(line.trim(), format!("{name}: \"{GUARDRAIL_MESSAGE}\""));
    }
}
