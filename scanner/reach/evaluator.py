"""What all agents' evaluators share, and how the module of one is found."""

import posixpath
from collections.abc import Sequence
from importlib import import_module
from typing import TypeGuard

import msgspec

from scanner.errors import RuleError
from scanner.model import (
    Basis,
    Channel,
    Concern,
    ConcernKind,
    Problem,
    Tracking,
    Verdict,
)
from scanner.reach.autoload import Autoload, Loaded
from scanner.reach.hidden_text import hidden_text
from scanner.reach.matching.gitignore import Hit, IgnoreFile, decide, excludes, parse
from scanner.reach.surroundings import NOTHING, Surroundings
from scanner.reach.tree import Place, Tree, Unreadable
from scanner.rules.context import ContextRule, LoadRule


class Answer(msgspec.Struct, frozen=True):
    """A verdict on one channel. `blocked` without a source that names the control is refused."""

    verdict: Verdict
    basis: str
    source: str | None
    grade: Basis = Basis.DOCUMENTED
    versions: str | None = None

    def __post_init__(self) -> None:
        """Hold the promise that a "blocked" can be checked."""
        if self.verdict is Verdict.BLOCKED and not (self.basis and self.source):
            raise ValueError("blocked needs a control: basis and source")

    def noting(self, *remarks: str) -> "Answer":
        """The same answer with sentences added to its basis; empty ones are left out."""
        return msgspec.structs.replace(
            self, basis="; ".join([self.basis, *(remark for remark in remarks if remark)])
        )


class Evaluator:
    """What the documentation says, with no control read. Agents with controls derive from it.

    Everything is read when it is made; the methods only compute.
    """

    def __init__(
        self, agent: str, tree: Tree, context: ContextRule, surroundings: Surroundings = NOTHING
    ) -> None:
        self.agent = agent
        self.tree = tree
        self.context = context
        self.home = surroundings.home
        """The user's home directory, where the caller named it; else None: not known."""
        self.given = surroundings.settings_of(agent)
        """Settings files that the caller named beside these; they outrank all others."""
        self.problems: list[Problem] = []
        self.concerns: list[Concern] = []
        self._dead = [
            (dead, path, tree.patterns(path, posixpath.dirname(path)))
            for dead in context.dead
            for path in tree.find(dead.path)
        ]
        self._traces = [
            (trace, pattern) for trace in context.traces if (pattern := parse(trace.path))
        ]
        for dead, path, _ in self._dead:
            self.concern(
                ConcernKind.DEAD_CONTROL,
                path,
                None,
                path,
                dead.basis,
                dead.instead,
                dead.reference,
                grade=dead.grade,
            )
        self.read()
        self.autoload = Autoload(tree, context, self.loads())
        self.problems += self.autoload.problems
        self.concerns += hidden_text(agent, tree, self.autoload)

    # ------------------------------------------------------------------ to be overridden

    def read(self) -> None:
        """Read the agent's configuration; what cannot be read becomes a problem."""

    def loads(self) -> Sequence[LoadRule]:
        """What the agent puts into its prompt."""
        return self.context.loads

    def file_tools(self, place: Place) -> Answer:
        """Opening the file with the agent's own tools. The place is in the tree."""
        return self.default(Channel.FILE_TOOLS)

    def shell(self, place: Place) -> Answer:
        """Printing the file from the agent's shell. The place is in the tree."""
        return self.default(Channel.SHELL)

    def git_objects(self, place: Place) -> Answer:
        """Getting at it through git: history, stashes, messages."""
        return self.default(Channel.GIT_OBJECTS)

    def index(self, place: Place) -> Answer | None:
        """Sent with the codebase index; None where the agent has none or it leaves the file out."""
        entry = self.context.default(Channel.INDEX)
        return self.default(Channel.INDEX) if entry else None

    def environment(self, place: Place) -> Answer | None:
        """Its values become variables of the agent's shell; None where they do not."""
        return None

    def traces(self, place: Place) -> Answer | None:
        """The place lies in a file that the agent writes its conversations to; None if not."""
        for trace, pattern in self._traces:
            if excludes(pattern, place.path):
                basis = f"{trace.basis}: what stands in it has been in a conversation"
                source = self.reference(trace.reference)
                return Answer(Verdict.AUTO, basis, source, trace.grade)
        return None

    def copies(self, place: Place) -> Answer | None:
        """The place is in what the agent copies elsewhere: a worktree, a clone, a container."""
        entry = self.context.default(Channel.COPIES)
        return self.default(Channel.COPIES) if entry and place.committed else None

    def prompt(self, loaded: Loaded) -> Answer:
        """A file that the agent loads by itself."""
        return Answer(loaded.verdict, loaded.basis, loaded.source, loaded.grade)

    # ------------------------------------------------------------------ for the derived ones

    def default(self, channel: Channel) -> Answer:
        """The documented answer for a channel that the agent has."""
        entry = self.context.default(channel)
        if entry is None:
            raise RuleError(f"{self.context.evaluator}: no default for {channel}")
        source = self.context.references[entry.reference]
        return Answer(entry.verdict, entry.basis, source, entry.grade, entry.versions)

    def reference(self, name: str) -> str:
        """An address from the agent's file."""
        return self.context.references[name]

    def documented(self, verdict: Verdict, basis: str, reference: str) -> Answer:
        """An answer that rests on the vendor's words."""
        return Answer(verdict, basis, self.reference(reference))

    def ignore_file(self, path: str, base: str = "") -> IgnoreFile | None:
        """The patterns of an ignore file; None where there is none or it cannot be read."""
        text = self.tree.text(path)
        if isinstance(text, Unreadable):
            self.problem(path, f"{text.reason}; its patterns are not known")
        return self.tree.patterns(path, base)

    def problem(self, where: str, reason: str, hint: str | None = None) -> None:
        """Note what could not be read."""
        self.problems.append(Problem("reach", where, reason, hint))

    def concern(
        self,
        kind: ConcernKind,
        path: str,
        line: int | None,
        subject: str,
        words: str,
        instead: str,
        reference: str,
        *,
        grade: Basis = Basis.DOCUMENTED,
        personal: bool = False,
    ) -> None:
        """Note a setting to look at. `reference`: a name from the agent's file."""
        self.concerns.append(
            Concern(
                self.agent,
                kind,
                path,
                line,
                subject,
                words,
                instead,
                self.reference(reference),
                grade,
                personal,
            )
        )

    def dead_controls(self, path: str) -> list[str]:
        """A sentence for every file that looks like a control of this path and is none."""
        hits = ((dead, decide((file,), path)) for dead, _, file in self._dead if file is not None)
        return [
            f"{hit.source} has no effect: {dead.basis}" for dead, hit in hits if _excluding(hit)
        ]


def git_ignored(tree: Tree, place: Place, *, fold: bool = False) -> Hit | None:
    """The `.gitignore` line that decides on a path, by pattern alone: tracked or not."""
    return decide(git_ignores(tree, place.path), place.path, fold=fold)


def git_ignores(tree: Tree, path: str) -> tuple[IgnoreFile, ...]:
    """The `.gitignore` files from the root down to the path's directory."""
    files = []
    parts = path.split("/")[:-1]
    for depth in range(len(parts) + 1):
        base = "/".join(parts[:depth])
        name = f"{base}/.gitignore" if base else ".gitignore"
        if (file := tree.patterns(name, base)) is not None:
            files.append(file)
    return tuple(files)


def _excluding(hit: Hit | None) -> TypeGuard[Hit]:
    return hit is not None and not hit.negated


def excluded_elsewhere(place: Place, hit: Hit | None) -> bool:
    """Git ignores the file through a list outside the tree: info/exclude or the user's own."""
    return place.tracking is Tracking.IGNORED and (hit is None or hit.negated)


def load_evaluator(
    agent: str, tree: Tree, context: ContextRule, surroundings: Surroundings
) -> Evaluator:
    """The evaluator that an agent's file names; raises `RuleError` for one that is not there."""
    if context.evaluator == "documented":
        return Evaluator(agent, tree, context, surroundings)
    name = f"scanner.reach.evaluators.{context.evaluator}"
    try:
        module = import_module(name)
    except ModuleNotFoundError as error:
        if error.name != name:
            raise
        raise RuleError(f"no module {context.evaluator!r} in scanner/reach/evaluators") from error
    found: type[Evaluator] = module.AgentEvaluator
    return found(agent, tree, context, surroundings)
