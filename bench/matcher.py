"""Measures the matcher alone: what one core makes of a repository's blobs, with all rules on.

    python bench/matcher.py REPOSITORY [REPOSITORY ...] [--megabytes N] [--runs N]

The blobs are read into memory first. `pass` is the one Hyperscan pass with everything it notices
(rules, encodings, personal data); `with judging` is what a scan's thread does with a batch. CPU
time of this process, the best of the runs, so that a busy machine tells as little as possible.
"""

import argparse
import subprocess
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from scanner.detectors import SecretDetector
from scanner.model import Batch, packed
from scanner.rules.secrets import load_secret_rules

BATCH = 8 << 20
LARGEST = 10 << 20


def blobs(repository: Path, limit: int) -> Iterator[bytes]:
    """Blobs in pack order, up to `limit` bytes in all."""
    command = ["git", "--git-dir", str(repository), "cat-file", "--batch-all-objects", "--batch"]
    process = subprocess.Popen([*command, "--unordered"], stdout=subprocess.PIPE)
    stream = process.stdout
    assert stream is not None
    total = 0
    while total < limit and len(head := stream.readline().split()) == 3:
        data = stream.read(int(head[2]))
        stream.read(1)
        if head[1] == b"blob" and len(data) <= LARGEST:
            total += len(data)
            yield data
    stream.close()
    process.wait()


def batches(repository: Path, limit: int) -> list[Batch]:
    """The blobs as a scan's threads get them."""
    found, group, size = [], [], 0
    for data in blobs(repository, limit):
        group.append(data)
        size += len(data)
        if size >= BATCH:
            found.append(packed(group))
            group, size = [], 0
    return [*found, packed(group)] if group else found


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
    print(f"compiled without a cache in {time.process_time() - begun:.1f} s\n")
    print("| blobs of | MB | pass, MB/s | with judging, MB/s | windows | matches |")
    print("|---|---|---|---|---|---|")
    for repository in options.repositories:
        data = batches(repository, options.megabytes << 20)
        size = sum(batch.size for batch in data) / 1e6
        looks = [stage1.look(batch) for batch in data]
        windows = sum(len(found) for look in looks for found in look.windows.values())
        matches = sum(len(session.look(batch).matches) for batch in data)
        alone = size / best(options.runs, partial(over, data, stage1.look))
        judged = size / best(options.runs, partial(over, data, session.look))
        name = repository.parent.name if repository.name == "repo" else repository.name
        row = (name, f"{size:.0f}", f"{alone:.0f}", f"{judged:.0f}", f"{windows:,}", f"{matches:,}")
        print(f"| {' | '.join(row)} |", flush=True)


if __name__ == "__main__":
    main()
