"""Secrets in names: of files, refs and links, in the names of people, and in odd commit headers.

No content holds these texts, so they are looked at by themselves, as messages are. A name becomes a
content of its own whose id begins with `name:`.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

import msgspec

from scanner.gitio import IndexEntry
from scanner.model import Change, Identity, Origin, Problem, Tracking, Where, packed
from scanner.pipeline.examine import Contents, Session, Sightings, examine
from scanner.pipeline.locate import Locator, Sighting
from scanner.rules.secrets import SecretRule
from scanner.sources.worktree import WorkTree

PREFIX = "name:"

FILE = "name of the file"
LINK = "target of the link"
REF = "name of the ref"
HEADER = "header of the commit"

_LINK = "120000"
_BUFFER = 1 << 20
_LONGEST = 4096
# The signature in a merged tag, to the end of its armour.
_SIGNED = re.compile(r"-----BEGIN (PGP|SSH) SIGNATURE-----.*?-----END \1 SIGNATURE-----", re.DOTALL)
# What has no long word with a digit in it needs no closer look; most names have none.
_LONG = re.compile(r"[A-Za-z0-9_+=-]{16,}")
_DIGIT = re.compile("[0-9]")


class Named(NamedTuple):
    """Names with a secret in them."""

    sightings: Sightings
    origins: tuple[Origin, ...]
    changes: Mapping[str, Change]
    """The change that brought the name in, where it was a change."""


NO_NAMES = Named({}, (), {})


class _Name(NamedTuple):
    text: str
    kind: str
    origin: Origin
    change: Change | None


class Names:
    """Collects names and scans those that could hold a secret, many at a time."""

    def __init__(self, session: Session, locator: Locator, rules: Mapping[str, SecretRule]) -> None:
        self._session = session
        self._locator = locator
        self._rules = rules
        prefixes = sorted({rule.public_prefix for rule in rules.values() if rule.public_prefix})
        joined = b"|".join(re.escape(prefix.encode()) for prefix in prefixes)
        self._inside = re.compile(b"(?<=[-_.])(?:%s)" % joined) if prefixes else None
        self._waiting: list[_Name] = []
        self._size = 0
        self._count = 0
        self._sightings: Sightings = {}
        self._origins: list[Origin] = []
        self._changes: dict[str, Change] = {}

    def add(self, text: str, kind: str, origin: Origin, change: Change | None = None) -> None:
        """Take a name. `origin` says where it stands; its blob is filled in here."""
        if not _likely(text):
            return
        self._waiting.append(_Name(text, kind, origin, change))
        self._size += len(text)
        if self._size >= _BUFFER:
            self._flush()

    def add_change(self, change: Change) -> None:
        """The names that a change brings in, and those of the people who made it."""
        for path in change.paths:
            # Every name was added once; renames are not followed, so they add one as well.
            if path.status == "A" and _likely(path.path):
                origin = Origin(change.where, path.path, "", commit=change.commit, ref=change.ref)
                self.add(path.path, FILE, origin, change)
        if change.commit is not None:
            self._add_person("author", change.author, change)
            if change.committer != change.author:
                self._add_person("committer", change.committer, change)

    def _add_person(self, role: str, person: Identity, change: Change) -> None:
        for text in (person.name, person.email):
            if _likely(text):
                origin = Origin(Where.MESSAGE, "", "", commit=change.commit, ref=change.ref)
                self.add(text, f"name of the {role}", origin, change)

    def add_header(self, commit: str, data: bytes) -> None:
        """A commit's uncommon headers."""
        text = _SIGNED.sub("", data.decode("utf-8", "replace"))
        self.add(text, HEADER, Origin(Where.MESSAGE, "", "", commit=commit))

    def found(self) -> Named:
        """The names with a secret among those taken so far."""
        self._flush()
        return Named(dict(self._sightings), tuple(self._origins), dict(self._changes))

    def _flush(self) -> None:
        waiting, self._waiting, self._size = self._waiting, [], 0
        if not waiting:
            return
        names = [f"{PREFIX}{self._count + number}" for number in range(1, len(waiting) + 1)]
        self._count += len(waiting)
        batch = packed([b"\n".join(self._readings(name)) for name in waiting], names)
        found = Contents({}, set(), {})
        examine(batch, self._session, self._locator, found)
        for one, name in zip(names, waiting, strict=True):
            self._keep(one, name, found.sightings.get(one, ()))

    def _readings(self, name: _Name) -> Iterator[bytes]:
        """The name, and once more from each token's prefix behind a hyphen, underscore or dot.

        Rules refuse what follows these, since in code they make a longer name; in the name of a
        file or branch they part words.
        """
        limit = None if name.kind is HEADER else _LONGEST
        data = name.text.encode("utf-8", "surrogateescape")[:limit]
        yield data
        if self._inside is not None and name.kind is not HEADER:
            for prefix in self._inside.finditer(data):
                yield data[prefix.start() :]

    def _keep(self, one: str, name: _Name, seen: Iterable[Sighting]) -> None:
        kept = tuple(
            msgspec.structs.replace(sighting, ignore=None, inside=(name.kind, *sighting.inside))
            for sighting in seen
            # A name is too little context to judge a value without a format of its own.
            if not self._rules[sighting.sight.rule].generic
        )
        if kept:
            self._sightings[one] = kept
            self._origins.append(msgspec.structs.replace(name.origin, blob=one))
            if name.change is not None:
                self._changes[one] = name.change


def watched(changes: Iterable[Change | Problem], names: Names) -> Iterator[Change | Problem]:
    """The same changes; the names they bring in are taken on the way."""
    for change in changes:
        if isinstance(change, Change):
            names.add_change(change)
        yield change


def add_work_tree(names: Names, work_tree: WorkTree, index: Iterable[IndexEntry]) -> None:
    """The names of files on disk, and where links lead."""
    links = {entry.path for entry in index if entry.mode == _LINK}
    for path in (*work_tree.paths(), *sorted(links)):
        tracking = Tracking.TRACKED if path in links else work_tree.tracking(path)
        origin = Origin(Where.WORKTREE, path, "", tracking)
        names.add(path, FILE, origin)
        # git lists untracked links among the files; most tracked ones are files for certain.
        listed = tracking is not Tracking.TRACKED or path in links
        if listed and (work_tree.root / path).is_symlink():
            target = work_tree.link(path)
            if target is not None:
                names.add(target, LINK, origin)


def _likely(text: str) -> bool:
    return any(_DIGIT.search(word[0]) for word in _LONG.finditer(text))
