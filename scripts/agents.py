#!/usr/bin/env python3
"""Keeps the Bedrock agents of template.yaml equal to agents/*.md, where each role's instructions stand.

    scripts/agents.py           fails when they differ
    scripts/agents.py --write   writes the template anew between its two marks

The description of an alias changes with the instructions, the model and the guardrail, and the change makes Bedrock cut a new version: an
alias would otherwise go on with the old one. The same is done for the guardrail's version.
"""

import hashlib
import pathlib
import re
import sys
import textwrap

ROOT = pathlib.Path(__file__).resolve().parent.parent
TEMPLATE = ROOT / "template.yaml"
BEGIN = "  # ---- agents: written by scripts/agents.py --write, from agents/*.md ----\n"
END = "  # ---- agents: end ----\n"
ROLES = {
    "interviewer": "Interviewer",
    "reviewer": "Reviewer",
    "tutor": "Tutor",
    "quiz-writer": "QuizWriter",
}
# What Bedrock takes for an agent's instruction.
INSTRUCTION_CHARS_MIN, INSTRUCTION_CHARS_MAX = 40, 20_000


def file_of(role: str) -> pathlib.Path:
    return ROOT / "agents" / f"{role}.md"


def agent(role: str, name: str) -> str:
    instruction = file_of(role).read_text(encoding="utf-8").strip()
    if not INSTRUCTION_CHARS_MIN <= len(instruction) <= INSTRUCTION_CHARS_MAX:
        sys.exit(f"agents/{role}.md has {len(instruction)} characters; Bedrock takes {INSTRUCTION_CHARS_MIN} to {INSTRUCTION_CHARS_MAX}")
    digest = hashlib.sha256(instruction.encode()).hexdigest()[:16]
    knowledge = base = ""
    if role == "tutor":
        knowledge = """\
      KnowledgeBases: !If
        - HasKnowledgeBase
        - - KnowledgeBaseId: !Ref KnowledgeBaseId
            Description: The course's material.
            KnowledgeBaseState: ENABLED
        - !Ref AWS::NoValue
"""
        base = ", knowledge base ${KnowledgeBaseId}"
    return f"""\
  {name}Agent:
    Type: AWS::Bedrock::Agent
    Condition: HasAgents
    Metadata:
      checkov: {{ skip: [{{ id: CKV_AWS_373, comment: "Its instructions stand in the repository, and its sessions end after a minute." }}] }}
    Properties:
      AgentName: !Sub ${{AWS::StackName}}-{role}
      AgentResourceRoleArn: !GetAtt AgentsRole.Arn
      FoundationModel: !If
        - HasProfile
        - !Sub "arn:${{AWS::Partition}}:bedrock:${{AWS::Region}}:${{AWS::AccountId}}:inference-profile/${{InferenceProfile}}.${{{name}ModelId}}"
        - !Ref {name}ModelId
      AutoPrepare: true
      IdleSessionTTLInSeconds: 60
      GuardrailConfiguration: !If
        - HasAgentsAndGuardrail
        - {{ GuardrailIdentifier: !GetAtt Guardrail.GuardrailId, GuardrailVersion: !GetAtt GuardrailVersion.Version }}
        - !Ref AWS::NoValue
{knowledge}      Instruction: |-
{textwrap.indent(instruction, " " * 8)}
  {name}AgentAlias:
    Type: AWS::Bedrock::AgentAlias
    Condition: HasAgents
    Properties:
      AgentId: !Ref {name}Agent
      AgentAliasName: live
      Description: !Sub
        - instructions {digest}, model ${{InferenceProfile}} ${{{name}ModelId}}, guardrail ${{Guardrail}}{base}
        - Guardrail: !If [HasAgentsAndGuardrail, !GetAtt GuardrailVersion.Version, none]
"""


def with_guardrail(template: str) -> str:
    """The digest of what the guardrail says, in its version's description."""
    resource = template.split("\n  Guardrail:\n", 1)[1].split("\n  GuardrailVersion:\n", 1)[0]
    digest = hashlib.sha256(resource.encode()).hexdigest()[:16]
    return re.sub(r"(?m)^      Description: guardrail \w+$", f"      Description: guardrail {digest}", template)


def main() -> None:
    template = TEMPLATE.read_text(encoding="utf-8")
    before, found, rest = template.partition(BEGIN)
    _, ended, after = rest.partition(END)
    if not (found and ended):
        sys.exit("template.yaml has lost its two marks of scripts/agents.py")
    wanted = before + BEGIN + "\n".join(agent(role, name) for role, name in ROLES.items() if file_of(role).exists()) + END + after
    wanted = with_guardrail(wanted)
    if sys.argv[1:] == ["--write"]:
        TEMPLATE.write_text(wanted, encoding="utf-8")
    elif wanted != template:
        sys.exit("template.yaml and agents/*.md differ: run scripts/agents.py --write")


if __name__ == "__main__":
    main()
