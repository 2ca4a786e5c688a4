"""Answers of `git blame`, kept from run to run in the user's cache directory.

One file a repository and set of options. An answer stays true for another revision when the old one
stands on the new one's first-parent line and nothing on that line touches the file; all other
answers are asked for again.
"""

import hashlib
from pathlib import Path

import msgspec

from scanner.cache import read_cached, write_cached
from scanner.gitio.blame import Blame, BlameOptions
from scanner.gitio.line_history import LineHistory
from scanner.gitio.repository import Repository

_FORMAT = 2
_FILES = 32
_LARGEST = 200 << 20


class _Answer(msgspec.Struct, frozen=True, array_like=True):
    blob: str
    blame: Blame


class _Kept(msgspec.Struct, frozen=True, array_like=True):
    revision: str
    answers: dict[bytes, _Answer]


class BlameCache:
    """The answers of one repository and set of options. `find` and `keep` are thread-safe."""

    def __init__(self, place: Path | None, revision: str) -> None:
        self._place = place
        self._revision = revision
        self._answers: dict[bytes, _Answer] = {}
        self._changed = False
        self.found = 0
        """Answers that were still true when the cache was opened."""

    @classmethod
    def open(
        cls,
        directory: Path | None,
        repository: Repository,
        history: LineHistory,
        options: BlameOptions,
        ignored: tuple[str, ...],
    ) -> "BlameCache":
        """What is kept for this question; empty without a directory."""
        revision = options.revisions[0]
        if directory is None:
            return cls(None, revision)
        identity = (
            *(_FORMAT, str(repository.common_dir.resolve()), options.revisions[1:]),
            *(options.arguments, sorted(ignored), sorted(repository.boundaries)),
        )
        digest = hashlib.blake2b(msgspec.json.encode(identity), digest_size=16).hexdigest()
        cache = cls(directory / "blame" / f"{digest}.msgpack", revision)
        cache._load(history)
        return cache

    def find(self, path: str, blob: str) -> Blame | None:
        """The answer for this path with this content."""
        answer = self._answers.get(_key(path))
        return answer.blame if answer is not None and answer.blob == blob else None

    def keep(self, path: str, blob: str, blame: Blame) -> None:
        """Remember an answer."""
        self._answers[_key(path)] = _Answer(blob, blame)
        self._changed = True

    def close(self) -> None:
        """Write what is new; the oldest files beyond a few dozen are removed."""
        if self._place is None or not self._changed:
            return
        body = msgspec.msgpack.encode(_Kept(self._revision, self._answers))
        if len(body) <= _LARGEST:
            write_cached(self._place, body, alike="*.msgpack", most=_FILES)

    def _load(self, history: LineHistory) -> None:
        body = read_cached(self._place) if self._place is not None else None
        if body is None:
            return
        try:
            kept = msgspec.msgpack.decode(body, type=_Kept)
        except msgspec.DecodeError:
            return
        answers = kept.answers
        if kept.revision != self._revision:
            touched = history.first_parents_since(kept.revision, self._revision)
            if touched is None:
                return
            gone = {_key(path) for path in touched}
            answers = {path: answer for path, answer in answers.items() if path not in gone}
            self._changed = True
        self._answers = answers
        self.found = len(answers)


def _key(path: str) -> bytes:
    return path.encode("utf-8", "surrogateescape")
