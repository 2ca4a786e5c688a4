"""Which agent a note means: every standard calls the tools by other names."""

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from scanner.rules.agents import AgentFile

UNNAMED = "unnamed-agent"
"""The agent of a note that names none, or one that is not known."""

_SEPARATORS = re.compile(r"[^a-z0-9]+")

# Names in notes that differ from the agent's id and name in rules/agents by more than case and
# separators. git-ai: the `tool` of its agent presets and public notes; agentblame: its providers;
# Entire: its agents' display names.
_OTHER_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "claude": "claude-code",
        "amazonqdeveloper": "amazon-q",
        "augmentcode": "augment",
        "codexcli": "codex",
        "copilot": "github-copilot",
        "copilotcli": "github-copilot",
        "githubcopilotcli": "github-copilot",
        "githubcopilotchat": "github-copilot",
        "continuecli": "continue",
        "cursoragent": "cursor",
        "cursoride": "cursor",
        "devinai": "devin",
        "factory": "droid",
        "factoryaidroid": "droid",
        "factorydroid": "droid",
        "gemini": "gemini-cli",
        "googlejules": "jules",
        "jetbrainsjunie": "junie",
        "kilo": "kilo-code",
        "qwen": "qwen-code",
        "roo": "roo-code",
        "sweepai": "sweep",
        "cascade": "windsurf",
    }
)
_TESTS = frozenset({"mockai", "testagent", "mockagent", "mockknownhuman"})


class Tools:
    """Looks names of tools up among the agents of the rules."""

    def __init__(self, agents: Iterable[AgentFile]) -> None:
        self._known: dict[str, str] = {}
        for agent in agents:
            if agent.kind == "agent":
                self._known[_plain(agent.id)] = self._known[_plain(agent.name)] = agent.id
        for name, agent_id in _OTHER_NAMES.items():
            if _plain(agent_id) in self._known:
                self._known.setdefault(name, agent_id)

    def agent(self, name: object) -> str:
        """The agent's id; `unnamed-agent` for what is no known tool's name."""
        return self.known(name) or UNNAMED

    def known(self, name: object) -> str | None:
        """The agent's id, None for what is no known tool's name."""
        return self._known.get(_plain(name)) if isinstance(name, str) else None


def is_test(name: object) -> bool:
    """Whether it is one of the names that git-ai's own tests write."""
    return isinstance(name, str) and _plain(name) in _TESTS


def _plain(name: str) -> str:
    return _SEPARATORS.sub("", name[:80].lower())
