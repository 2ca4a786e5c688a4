"""Which files an agent puts into its prompt by itself, following imports."""

import posixpath
from collections.abc import Iterable, Iterator

import msgspec

from scanner.model import Basis, Problem, Verdict
from scanner.reach.formats import markdown
from scanner.reach.tree import Tree, Unreadable
from scanner.rules.context import ContextRule, LoadRule, LoadWhen

MOST_FILES = 5_000
"""Loaded files of one agent that are followed; beyond it a problem says so."""

_WIDTH = {LoadWhen.START: 0, LoadWhen.MATCHING: 1, LoadWhen.NEARBY: 2, LoadWhen.DESCRIBED: 3}
_EVERYTHING = frozenset({"**", "**/*", "*"})


class Loaded(msgspec.Struct, frozen=True):
    """A file that reaches the prompt."""

    path: str
    when: LoadWhen
    basis: str
    source: str
    grade: Basis
    hidden: tuple[tuple[int, int], ...] = ()
    """Line ranges, both ends included, that do not reach the prompt."""

    @property
    def verdict(self) -> Verdict:
        """At the start of every session, or only once the agent comes near."""
        return Verdict.AUTO if self.when is LoadWhen.START else Verdict.NO_PROMPT

    def shows(self, line: int | None) -> bool:
        """Whether that line reaches the prompt; without a line, whether anything does."""
        return line is None or not any(low <= line <= high for low, high in self.hidden)


class Autoload:
    """What one agent loads out of one tree."""

    def __init__(self, tree: Tree, context: ContextRule, loads: Iterable[LoadRule]) -> None:
        self._tree = tree
        self._references = context.references
        self._by_path: dict[str, Loaded] = {}
        self._taken: set[tuple[str, str]] = set()
        self.problems: list[Problem] = []
        seen: set[str] = set()
        for rule in loads:
            for path in tree.find(rule.path):
                if path not in seen:
                    seen.add(path)
                    self._load(rule, path)

    def get(self, path: str) -> Loaded | None:
        """How a path is loaded, if it is."""
        return self._by_path.get(path)

    def __iter__(self) -> Iterator[Loaded]:
        """Every loaded file by path."""
        return iter(sorted(self._by_path.values(), key=lambda loaded: loaded.path))

    def _load(self, rule: LoadRule, path: str) -> None:
        slot = (rule.slot, posixpath.dirname(path))
        if rule.slot and slot in self._taken:
            return
        self._taken.add(slot)
        text = self._tree.text(path)
        if isinstance(text, Unreadable):
            reason = f"{text.reason}; what an agent loads through it is not known"
            self.problems.append(Problem("reach", path, reason))
        text = text if isinstance(text, str) else ""
        when, basis = _when(rule, text)
        if when is LoadWhen.MANUAL:
            return
        hidden = markdown.comment_lines(text) if rule.strips_comments else ()
        hidden += _beyond(text, rule.max_bytes)
        source = self._references[rule.reference]
        loaded = Loaded(path, when, basis, source, Basis.DOCUMENTED, hidden)
        self._add(loaded)
        real = self._tree.resolve(path)
        if real is not None and real != path:
            basis = f"{path} is a link to it, and {basis}"
            self._add(Loaded(real, when, basis, source, Basis.DOCUMENTED, hidden))
        self._follow(rule, loaded, real or path, text)

    def _follow(self, rule: LoadRule, loaded: Loaded, real: str, text: str) -> None:
        """Breadth first over the imports, so that every file is reached by its shortest chain."""
        skip = loaded.hidden
        level = [(real, text)]
        done = {real}
        for _ in range(rule.imports):
            following: list[tuple[str, str]] = []
            for importer, content in level:
                for found in markdown.imports(content, skip if importer == real else ()):
                    path = self._target(importer, found.target)
                    if path is None or path in done:
                        continue
                    done.add(path)
                    if len(self._by_path) >= MOST_FILES:
                        self._full(importer)
                        return
                    basis = f"{importer}:{found.line} imports it, and {loaded.basis}"
                    source = f"{importer}:{found.line}"
                    self._add(Loaded(path, loaded.when, basis, source, Basis.CONFIG))
                    following.append((path, self._tree.plain_text(path)))
            level = following

    def _target(self, importer: str, target: str) -> str | None:
        """The imported file's path, if it lies in the repository and exists."""
        if target.startswith(("/", "~")):
            return None
        for spelling in dict.fromkeys((target, target.partition("#")[0])):
            path = posixpath.normpath(posixpath.join(posixpath.dirname(importer), spelling))
            inside = not path.startswith("../") and path not in (".", "..")
            if inside and self._tree.exists(path):
                return self._tree.resolve(path)
        return None

    def _add(self, loaded: Loaded) -> None:
        known = self._by_path.get(loaded.path)
        wider = known is None or _WIDTH[loaded.when] < _WIDTH[known.when]
        whole = known is not None and known.when is loaded.when and not loaded.hidden
        if wider or (whole and known is not None and known.hidden):
            self._by_path[loaded.path] = loaded

    def _full(self, importer: str) -> None:
        reason = f"more than {MOST_FILES} imported files; the rest was not followed"
        self.problems.append(Problem("reach", importer, reason))


def _when(rule: LoadRule, text: str) -> tuple[LoadWhen, str]:
    """When a file is loaded, and in words why."""
    if rule.frontmatter is None:
        return rule.when, rule.basis
    spec, head = rule.frontmatter, markdown.head(text)
    if head is None:
        return spec.otherwise, rule.basis
    if spec.always and spec.always in head.true:
        return LoadWhen.START, f"its head says {spec.always}: true, and {rule.basis}"
    globs = head.values.get(spec.globs or "", ())
    if spec.globs and globs:
        if spec.everything_at_start and any(glob in _EVERYTHING for glob in globs):
            return LoadWhen.START, f"its head's {spec.globs} cover every file, and {rule.basis}"
        words = f"it joins the prompt when a file that its {spec.globs} match is in play"
        return LoadWhen.MATCHING, f"{words}, and {rule.basis}"
    if spec.described and head.values.get(spec.described):
        return LoadWhen.DESCRIBED, f"the model may choose it by its description, and {rule.basis}"
    return spec.otherwise, rule.basis


def _beyond(text: str, max_bytes: int) -> tuple[tuple[int, int], ...]:
    """The lines that stand wholly behind the limit."""
    data = text.encode(errors="surrogateescape")
    if not max_bytes or len(data) <= max_bytes:
        return ()
    return ((data.count(b"\n", 0, max_bytes) + 2, 1 << 62),)
