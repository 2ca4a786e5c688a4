"""Which steps of a workflow run a coding agent: its action, or its command line tool."""

import re
from collections.abc import Mapping, Sequence

import msgspec

from scanner.reach.entries.sheet import Node
from scanner.rules.agents import AgentFile

_LAUNCHER = (
    r"(?:(?:npx|bunx|pnpm dlx|yarn dlx|uvx|pipx run|uv run|sudo|env|exec|time|timeout \S+)"
    r"(?:[ ]+-{1,2}[\w-]+)*[ ]+)*"
)
_START = r"(?:^|[;&|(]|\$\(|`|\b(?:then|do|if|else)\b)[ \t]*!?[ \t]*(?:[A-Za-z_]\w*=\S*[ ]+)*"
_HEADLESS = r"(?=[ ])(?=[^\n;|&]{0,2000}?[ ]%s(?:[ =\"'\n]|$))"


def _flags(*options: str) -> str:
    return _HEADLESS % ("(?:" + "|".join(options) + ")")


_COMMANDS = (
    ("claude-code", r"(?:claude|@anthropic-ai/claude-code(?:@\S+)?)"
     + _flags("-p", "--print", "--dangerously-skip-permissions", "--permission-mode")),
    ("codex", r"(?:codex|@openai/codex(?:@\S+)?)[ ]+(?:[^\n;|&]{0,500}[ ])?(?:exec|e|review)"
     r"(?:[ \n]|$)"),
    ("gemini-cli", r"(?:gemini|@google/gemini-cli(?:@\S+)?)"
     + _flags("-p", "--prompt", "-y", "--yolo", "--approval-mode")),
    ("opencode", r"(?:opencode|opencode-ai(?:@\S+)?)[ ]+run(?:[ \n]|$)"),
    ("cursor", r"cursor-agent" + _flags("-p", "--print", "-f", "--force")),
    ("aider", r"aider" + _flags("-m", "--message", "--message-file", "--yes", "--yes-always")),
    ("goose", r"goose[ ]+run(?:[ \n]|$)"),
    ("amp", r"amp" + _flags("-x", "--execute", "--dangerously-allow-all")),
    ("qwen-code", r"(?:qwen|@qwen-code/qwen-code(?:@\S+)?)"
     + _flags("-p", "--prompt", "-y", "--yolo")),
    ("crush", r"crush[ ]+run(?:[ \n]|$)"),
    ("droid", r"droid[ ]+exec(?:[ \n]|$)"),
    ("github-copilot", r"(?:copilot|@github/copilot(?:@\S+)?)"
     + _flags("-p", "--prompt", "--allow-all-tools", "--yolo")),
    ("augment", r"(?:auggie|@augmentcode/auggie(?:@\S+)?)" + _flags("-p", "--print")),
    ("amazon-q", r"q[ ]+chat" + _flags("--no-interactive", "--trust-all-tools", "-a")),
    ("kiro", r"kiro-cli[ ]+chat" + _flags("--no-interactive", "--trust-all-tools", "-a")),
    ("continue", r"(?:cn|@continuedev/cli(?:@\S+)?)" + _flags("-p", "--print")),
    ("cline", r"cline" + _flags("-y", "--yolo", "--auto-approve", "--act")),
    ("openhands", r"(?:openhands[ ]+(?:--headless|-t|--task)|python3?[ ]+-m[ ]+openhands\.)"),
)  # fmt: skip
_PATTERNS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (agent, re.compile(_START + _LAUNCHER + r"(?:\S{0,200}/)?" + pattern, re.MULTILINE))
    for agent, pattern in _COMMANDS
)
# Cursor's newer name for its command says nothing by itself: its key has to be there too.
_CURSOR_COMMAND = re.compile(
    _START + r"agent" + _flags("-p", "--print", "-f", "--force"), re.MULTILINE
)
_WORDS = re.compile(
    r"claude|codex|gemini|opencode|cursor|agent|aider|goose|\bamp\b|qwen|crush|droid|copilot|auggie"
    r"|\bq chat|kiro|\bcn\b|continuedev|cline|openhands"
)
LONGEST_SCRIPT = 60_000
_CONTINUED = re.compile(r"\\\n[ \t]*")


class AgentStep(msgspec.Struct, frozen=True):
    """A step that runs an agent."""

    agent: str
    index: int
    node: Node
    action: str | None
    """`owner/name` of the action, None for a command."""


def actions_of(agents: Sequence[AgentFile]) -> Mapping[str, str]:
    """`owner/name` of every agent's actions, in lower case, to the agent's id."""
    return {
        action.lower(): agent.id
        for agent in agents
        if agent.context is not None
        for action in agent.context.detect.actions
    }


def agent_steps(job: Node, actions: Mapping[str, str]) -> tuple[AgentStep, ...]:
    """The steps of a job that run an agent, in order."""
    found = []
    for index, step in enumerate(job.listed("steps")):
        uses = step.string("uses").partition("@")[0].lower()
        action = "/".join(uses.split("/")[:2])
        if action in actions:
            found.append(AgentStep(actions[action], index, step, action))
            continue
        script = step.string("run")[:LONGEST_SCRIPT]
        if script and _WORDS.search(script):
            script = _CONTINUED.sub(" ", script)
            found += [AgentStep(agent, index, step, None) for agent in _commands(script, step)]
    return tuple(found)


def _commands(script: str, step: Node) -> list[str]:
    """The agents that a script starts, in the order of the table."""
    found = [agent for agent, pattern in _PATTERNS if pattern.search(script)]
    if "cursor" not in found and step.get("env", "CURSOR_API_KEY") is not None:
        found += ["cursor"] if _CURSOR_COMMAND.search(script) else []
    return found
