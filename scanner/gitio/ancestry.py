"""Whether commits are from before another one."""

from typing import Final

import msgspec

from scanner.gitio.process import Runner

_LINE_LIMIT: Final = 200


class Beginning(msgspec.Struct, frozen=True):
    """A commit from which on something holds."""

    time: int
    """Its committer's date."""
    late_ancestors: frozenset[str]
    """Commits before it whose date is not; clocks run differently."""

    def is_before(self, commit: str, time: int) -> bool:
        """Whether a commit of this committer's date is from before: an ancestor, or older."""
        return time < self.time or commit in self.late_ancestors


def beginning(runner: Runner, commit: str) -> Beginning | None:
    """Reads where a commit stands; `commit` is an id in full. None when it is not here, or not a
    commit. One process, and of the history only what is out of order is remembered."""
    late: set[str] = set()
    time: int | None = None
    # The peeling refuses a tree or a blob of that id before anything is walked.
    with runner.start(["rev-list", "--timestamp", f"{commit}^{{commit}}", "--"]) as process:
        while line := process.stdout.readline(_LINE_LIMIT):
            stamp, _, name = line.decode("ascii", "replace").strip().partition(" ")
            moment = int(stamp) if stamp.isdigit() else 0
            if time is None:
                time = moment
            elif moment >= time:
                late.add(name)
        status = process.finish()
    return Beginning(time, frozenset(late)) if status == 0 and time is not None else None
