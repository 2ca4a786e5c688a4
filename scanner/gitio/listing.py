"""Names the blobs that are to be read: all there are, or given ones."""

import os
import re
from collections.abc import Callable, Iterable, Iterator

from scanner.gitio.families import in_families
from scanner.gitio.feed import Feed
from scanner.gitio.presence import Presence
from scanner.gitio.process import Process, Runner
from scanner.gitio.tally import Tally
from scanner.model import Problem

MINIMUM = 8
"""Bytes. No secret is shorter; such blobs are counted, not handed out."""
CHUNK = 2048
"""Ids that go to one stream at once: relatives, so that git's cache of delta bases stays warm."""

_READ = 1 << 20
_FORMAT = "%(objectname) %(objecttype) %(objectsize) %(deltabase)"
_LISTED = re.compile(
    r"^([0-9a-f]{40,64}) (?:(?:blob|tag) (\d+) ([0-9a-f]+)|missing)$", re.MULTILINE
)


class Listing:
    """Names every blob and tag object of the object database; tiny ones are dropped by their size.

    A tag's message is text like any other, and tags may hold tags, or be held by no ref any more.
    """

    def __init__(
        self,
        runner: Runner,
        tally: Tally,
        limit: int,
        problems: Callable[[Problem], None],
        present: Presence | None,
    ) -> None:
        """`present` is told of every blob that is here."""
        self._runner = runner
        self._tally = tally
        self._limit = limit
        self._problems = problems
        self._present = present
        self._process: Process | None = None

    def start(self) -> None:
        """Lets git begin, so that its answer is there when it is asked for. Not while another
        thread calls this object."""
        if self._process is None:
            arguments = ["cat-file", "--batch-all-objects", "--unordered", "--buffer"]
            self._process = self._runner.start([*arguments, f"--batch-check={_FORMAT}"])

    def __call__(self, feed: Feed) -> None:
        """Puts all ids into the feed, families of deltas together."""
        self.start()
        assert self._process is not None
        with self._process as process:
            for wanted in _chunked(in_families(self._wanted(process))):
                if not feed.put(wanted):
                    return
            if process.finish():
                reason = f"git could not list every object: {process.complaint}"
                self._problems(Problem("git", "objects", reason, "git fsck lists what is damaged"))

    def _wanted(self, process: Process) -> Iterator[tuple[str, str]]:
        """Ids, with those of the objects that they are stored as a difference to."""
        for text in _lines(process):
            for blob, size, base in _LISTED.findall(text):
                if self._present is not None and size:
                    self._present.add(blob)
                if not size:
                    self._tally.unreadable(blob)
                elif (length := int(size)) > self._limit:
                    self._tally.oversize(blob, length)
                elif length < MINIMUM:
                    self._tally.tiny(1)
                else:
                    yield blob, base


def given(ids: Iterable[str]) -> Callable[[Feed], None]:
    """A producer for ids that are known already. What is no full hex id is left out."""

    def produce(feed: Feed) -> None:
        for wanted in _chunked(blob for blob in ids if is_id(blob)):
            if not feed.put(wanted):
                return

    return produce


def is_id(text: str) -> bool:
    """Whether a text is a full object id; anything else could mean something to git."""
    return len(text) in (40, 64) and not set(text) - set("0123456789abcdef")


def _lines(process: Process) -> Iterator[str]:
    """git's output in blocks of whole lines."""
    descriptor = process.stdout.fileno()
    rest = b""
    while data := os.read(descriptor, _READ):
        block, newline, tail = data.rpartition(b"\n")
        if newline:
            yield (rest + block).decode("ascii", "replace")
            rest = tail
        else:
            rest += tail
    if rest:
        yield rest.decode("ascii", "replace")


def _chunked(ids: Iterable[str]) -> Iterator[list[str]]:
    chunk: list[str] = []
    for blob in ids:
        chunk.append(blob)
        if len(chunk) == CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
