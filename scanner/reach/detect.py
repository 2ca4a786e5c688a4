"""Which agents a repository is set up for, or has been worked on by."""

import re
from collections.abc import Iterator, Mapping, Sequence

from scanner.model import AgentUse, Basis, Evidence
from scanner.reach.tree import Tree
from scanner.rules.agents import AgentFile
from scanner.rules.context import Detection

GRADES = ("strong", "medium", "history", "weak")
"""Strongest first."""
MOST_EVIDENCE = 5
"""Files named for one agent; there may be hundreds of rules files."""
_USES = re.compile(r"^[ \t-]*uses:[ \t]*[\"']?([A-Za-z0-9_.-]+/[A-Za-z0-9_.-]+)", re.MULTILINE)


def agents_in_use(
    tree: Tree, agents: Sequence[AgentFile], history: Mapping[str, int]
) -> tuple[AgentUse, ...]:
    """The agents with evidence, strongest grade first, then by id. Bots are not agents."""
    actions = list(_actions(tree))
    used = []
    for agent in agents:
        if agent.kind != "agent":
            continue
        commits = history.get(agent.id, 0)
        detect = agent.context.detect if agent.context else Detection()
        found = list(_found(tree, detect, actions))
        for dead in agent.context.dead if agent.context else ():
            # Nobody keeps an agent from files that the agent is not used on.
            found += [
                ("medium", Evidence(f"{path} is there", Basis.OBSERVED, path))
                for path in tree.find(dead.path)
            ]
        if commits:
            words = (
                f"{commits} commits carry its mark" if commits > 1 else "a commit carries its mark"
            )
            found.append(("history", Evidence(words, Basis.OBSERVED)))
        if not found:
            continue
        found.sort(key=lambda entry: GRADES.index(entry[0]))
        evidence = tuple(entry for _, entry in found[:MOST_EVIDENCE])
        used.append(AgentUse(agent.id, agent.name, found[0][0], evidence, commits))
    return tuple(sorted(used, key=lambda use: (GRADES.index(use.grade), use.agent)))


def _found(
    tree: Tree, detect: Detection, actions: list[tuple[str, str]]
) -> Iterator[tuple[str, Evidence]]:
    """Evidence with its grade."""
    for grade, patterns in (
        ("strong", detect.strong),
        ("medium", detect.medium),
        ("weak", detect.weak),
    ):
        for path in sorted({path for pattern in patterns for path in tree.find(pattern)}):
            yield grade, Evidence(f"{path} is there", Basis.OBSERVED, path)
    for action, source in actions:
        if action in detect.actions:
            yield "strong", Evidence(f"a workflow runs {action}", Basis.OBSERVED, source)
    if detect.gitignore:
        for number, line in enumerate(tree.plain_text(".gitignore").splitlines(), 1):
            if line.strip().removeprefix("/") in detect.gitignore:
                source = f".gitignore:{number}"
                yield "weak", Evidence(f".gitignore lists {line.strip()}", Basis.OBSERVED, source)


def _actions(tree: Tree) -> Iterator[tuple[str, str]]:
    """Every action that a workflow uses, with `file:line`."""
    for pattern in ("/.github/workflows/*.yml", "/.github/workflows/*.yaml"):
        for path in tree.find(pattern):
            text = tree.plain_text(path)
            for match in _USES.finditer(text):
                yield match.group(1), f"{path}:{text.count(chr(10), 0, match.start()) + 1}"
