"""What `agentreach reach` is asked beside the scan, checked and read before the scan begins."""

import difflib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path, PurePosixPath

import msgspec

from scanner.errors import ConfigError
from scanner.model import Files, Problem
from scanner.reach import GivenSettings, Surroundings, Tree
from scanner.rules.agents import AgentFile
from scanner.sources.overlay import Overlay

ALL_AGENTS = "all"
LARGEST_FILE = 1 << 20
"""Bytes of a settings file that somebody names; agents' own are a thousandth of that."""

# Where agents keep settings under names that the agents' own files do not spell out.
_SETTINGS_PARENTS = frozenset((".vscode", ".devcontainer", ".idea", ".zed", ".agents"))


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """As it stands on the command line."""

    agents: tuple[str, ...] = ()
    """Ids, or `all`; none: the agents in use here."""
    home: Path | None = None
    settings: tuple[str, ...] = ()
    """Each `AGENT=FILE`."""
    what_if: tuple[str, ...] = ()
    """Each `PATH=FILE`, `PATH=` for taking away, or a FILE whose place its own path tells."""


class Answerable(msgspec.Struct, frozen=True):
    """A question whose every name is known and whose every file is read."""

    agents: tuple[str, ...]
    """Sorted ids; none: those in use here."""
    surroundings: Surroundings
    home: Files | None
    changed: Mapping[str, bytes | None]
    """New contents by repository path; None takes the file away."""
    read: tuple[str, ...]
    problems: Sequence[Problem]
    """Grows while files of the home are read."""

    def files(self, files: Files) -> Files:
        """The files as they would be."""
        return Overlay(files, self.changed) if self.changed else files


def answerable(question: Question, agents: Sequence[AgentFile]) -> Answerable:
    """Check and read everything. Raises `ConfigError` that says what is wrong and what there is."""
    known = {agent.id: agent for agent in agents if agent.context is not None}
    given = tuple(_given(text, known) for text in question.settings)
    problems: Sequence[Problem] = ()
    home: Files | None = None
    read = [f"{entry.path} (settings of {known[entry.agent].name})" for entry in given]
    if question.home is not None:
        from scanner.sources.home import HomeFiles

        files = HomeFiles(question.home)
        home, problems = files, files.problems
        read.insert(0, f"the agents' own files in {question.home}: {len(files.paths())} there")
    changed = dict(_changed(text, known.values()) for text in question.what_if)
    chosen = _chosen(question.agents, known)
    surroundings = Surroundings(Tree(home) if home is not None else None, given)
    return Answerable(chosen, surroundings, home, changed, tuple(read), problems)


def known_agent(name: str, known: Mapping[str, AgentFile]) -> str:
    """The id of an agent that is called by its id or its name.

    Raises `ConfigError` with close matches for one that reach has no answer for.
    """
    names = {agent.name.casefold(): agent.id for agent in known.values()}
    named = name if name in known else names.get(name.casefold())
    if named is not None:
        return named
    folded = name.casefold().replace(" ", "-")
    near = difflib.get_close_matches(folded, known, n=3, cutoff=0.5)
    close = near or [agent for agent in sorted(known) if folded and folded in agent]
    everyone = f"known: {', '.join(sorted(known))}"
    hint = f"did you mean {' or '.join(close)}? ({everyone})" if close else everyone
    raise ConfigError(f"reach cannot be answered for an agent {name!r}", hint=hint)


def _chosen(names: Iterable[str], known: Mapping[str, AgentFile]) -> tuple[str, ...]:
    if ALL_AGENTS in names:
        return tuple(sorted(known))
    return tuple(sorted({known_agent(name, known) for name in names}))


def _given(text: str, known: Mapping[str, AgentFile]) -> GivenSettings:
    agent, equals, file = text.partition("=")
    if not equals or not agent or not file:
        raise ConfigError(
            f"--settings: {text!r} is not AGENT=FILE",
            hint="as in --settings claude-code=/etc/claude-code/managed-settings.json",
        )
    agent = known_agent(agent, known)
    data = _contents(Path(file).expanduser(), "--settings")
    try:
        return GivenSettings(agent, file, data.decode())
    except UnicodeDecodeError:
        raise ConfigError(f"--settings: {file}: it is not UTF-8") from None


def _changed(text: str, agents: Iterable[AgentFile]) -> tuple[str, bytes | None]:
    path, equals, file = text.partition("=")
    if not equals or Path(text).is_file():
        place = settings_place(Path(text), agents)
        if place is None:
            raise ConfigError(
                f"--what-if: where in the repository {text!r} would stand is not clear",
                hint=f"say it: --what-if .claude/settings.json={text}",
            )
        return place, _contents(Path(text), "--what-if")
    place = _repository_path(path)
    return place, _contents(Path(file).expanduser(), "--what-if") if file else None


def _repository_path(text: str) -> str:
    parts = PurePosixPath(text).parts
    if not parts or text.startswith("/") or ".." in parts or parts[0] == ".git":
        raise ConfigError(
            f"--what-if: {text!r} is no path inside the repository",
            hint="PATH=FILE, with a PATH relative to the repository's root",
        )
    return PurePosixPath(text).as_posix()


def settings_place(file: Path, agents: Iterable[AgentFile]) -> str | None:
    """The repository path that a file's own path ends with, if an agent knows files there.

    `new/.claude/settings.json` stands for `.claude/settings.json`; a name alone counts where an
    agent has a file of that name at the root, such as `.cursorignore`.
    """
    directories = set(_SETTINGS_PARENTS)
    names = set()
    for pattern in _patterns(agents):
        pieces = pattern.strip("/").split("/")
        if len(pieces) > 1 or pattern.endswith("/"):
            # A plain name such as `docs` is the name of other directories too.
            directories.update(pieces[:1] if pieces[0].startswith(".") else ())
        elif not any(char in pieces[0] for char in "*?["):
            names.add(pieces[0])
    parts = file.absolute().parts
    for index in range(len(parts) - 2, -1, -1):
        if parts[index] in directories:
            return "/".join(parts[index:])
    is_ignore_file = parts[-1].startswith(".") and parts[-1].endswith("ignore")
    return parts[-1] if parts[-1] in names or is_ignore_file else None


def _patterns(agents: Iterable[AgentFile]) -> Iterable[str]:
    for agent in agents:
        if agent.context is None:
            continue
        detect = agent.context.detect
        yield from (*detect.strong, *detect.medium, *detect.weak)
        yield from (rule.path for rule in agent.context.loads)
        yield from (dead.path for dead in agent.context.dead)


def _contents(file: Path, option: str) -> bytes:
    try:
        with file.open("rb") as stream:
            data = stream.read(LARGEST_FILE + 1)
    except OSError as error:
        raise ConfigError(f"{option}: {file}: cannot be read: {error.strerror}") from None
    if len(data) > LARGEST_FILE:
        raise ConfigError(f"{option}: {file}: is larger than {LARGEST_FILE >> 20} MiB")
    return data
