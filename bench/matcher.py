"""Measures the matcher alone: what one core makes of a repository's blobs, with all rules on.

    python bench/matcher.py REPOSITORY [REPOSITORY ...] [--megabytes N] [--runs N]

Runs of batches as a scan's workers get them, evenly spread over the whole history, are copied into
memory first. `pass` is the one Hyperscan pass with everything it notices (rules, encodings,
personal data), per byte of content; `searched` is the share of the bytes that are not carried over
from a content before, `raw` the rate over these alone. `with judging` is all that a worker does
with a batch. CPU time of this process, the best of the runs, so that a busy machine tells little.
"""

import argparse
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from scanner.detectors import SecretDetector
from scanner.detectors.stage1_hyperscan import HyperscanStage1
from scanner.gitio import Repository, open_repository
from scanner.model import Batch
from scanner.rules.secrets import load_secret_rules

RUN = 8
"""Batches in a row: the first content of one may be known from the last of the one before."""


def batches(repository: Path, limit: int) -> list[Batch]:
    """Batches from all over the history, `limit` bytes or a little more."""
    with open_repository(repository) as opened:
        total = sum(batch.size for batch in read(opened))
    step = max(1, total // limit)
    with open_repository(repository) as opened:
        numbered = enumerate(read(opened))
        return [copied(batch) for number, batch in numbered if number // RUN % step == 0]


def read(repository: Repository) -> Iterator[Batch]:
    """All contents in a scan's order."""
    for share in repository.blob_streams(1, problems=lambda problem: None):
        yield from share


def copied(batch: Batch) -> Batch:
    """One that outlives the stream's buffer."""
    data = bytes(memoryview(batch.buffer)[: batch.size])
    return Batch(data, batch.size, batch.blobs, batch.starts, batch.ends)


def best(runs: int, work: Callable[[], object]) -> float:
    """The least CPU time of some runs, in seconds."""
    times = []
    for _ in range(runs):
        begun = time.process_time()
        work()
        times.append(time.process_time() - begun)
    return min(times)


def over(data: list[Batch], work: Callable[[Batch], object]) -> None:
    """Do something with every batch."""
    for batch in data:
        work(batch)


def main() -> None:
    """Print a row a repository."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("repositories", nargs="+", type=Path)
    parser.add_argument("--megabytes", type=int, default=400)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    begun = time.process_time()
    detector = SecretDetector(load_secret_rules(), personal=True)
    session, stage1 = detector.session(), detector.stage1()
    assert isinstance(stage1, HyperscanStage1)
    print(f"compiled without a cache in {time.process_time() - begun:.1f} s\n")
    print("| history of | MB | pass, MB/s | searched | raw, MB/s | with judging, MB/s | windows |")
    print("|---|---|---|---|---|---|---|")
    for repository in options.repositories:
        data = batches(repository, options.megabytes << 20)
        size = sum(batch.size for batch in data) / 1e6
        begun_at = stage1.searched
        looks = [stage1.look(batch) for batch in data]
        windows = sum(len(found) for look in looks for found in look.windows.values())
        share = (stage1.searched - begun_at) / size / 1e6
        alone = size / best(options.runs, partial(over, data, stage1.look))
        judged = size / best(options.runs, partial(over, data, session.look))
        name = repository.parent.name if repository.name == "repo" else repository.name
        raw = f"{alone * share:.0f}"
        row = (
            *(name, f"{size:.0f}", f"{alone:.0f}", f"{share:.0%}", raw),
            *(f"{judged:.0f}", f"{windows:,}"),
        )
        print(f"| {' | '.join(row)} |", flush=True)


if __name__ == "__main__":
    main()
