"""Agents and bots: one a file in `rules/agents/`."""

from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import msgspec

from scanner.errors import RuleError
from scanner.rules.context import ContextRule
from scanner.rules.loading import load_directory
from scanner.rules.signatures import SignatureRule, mistake


class AgentFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One coding agent, or one automation that is not AI."""

    id: str
    """Kebab case; the file's name."""
    name: str
    """As its maker writes it."""
    vendor: str
    kind: Literal["agent", "bot"]
    """`bot`: a dependency bot, a release robot and the like; never counted as AI."""
    references: tuple[str, ...]
    """The maker's documentation. Where it does not state a mark, public commits do: each rule's
    examples have their form."""
    signatures: tuple[SignatureRule, ...]
    context: ContextRule | None = None
    """What it loads and what controls it, where that is modelled."""


def load_agents(
    base: Path | None = None, *, cached_in: Path | None = None
) -> tuple[AgentFile, ...]:
    """All agents and bots, ordered by id.

    Raises `RuleError` for a file named unlike its id, for a rule id used twice in a file, and for a
    rule that contradicts itself (`signatures.mistake`).
    """
    return tuple(load_directory("agents", AgentFile, base, cached_in, _check).values())


def _check(agents: Mapping[str, AgentFile]) -> None:
    for stem, agent in agents.items():
        if agent.id != stem:
            raise RuleError(f"agents/{stem}.yaml: id is {agent.id!r}, not {stem!r}")
        seen: set[str] = set()
        for rule in agent.signatures:
            wrong = mistake(rule)
            if wrong is None and rule.id in seen:
                wrong = "the id is used twice"
            if wrong:
                raise RuleError(f"agents/{stem}.yaml: signatures, {rule.id!r}: {wrong}")
            seen.add(rule.id)
