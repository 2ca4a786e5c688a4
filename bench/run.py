"""Measures agentreach against git's own floor, side by side in one run, and prints a table.

    python bench/run.py REPOSITORY [REPOSITORY ...] [--runs N] [--detect-secrets]

Wall times are of whole processes. Runs of one row alternate (floor, scan, floor, scan...), so that
a machine whose speed drifts does not favour either; the ratio is taken pair by pair, and medians
are printed. Memory is that of all processes of ours together, without git's: proportional set
sizes, so that what they share counts once, looked at four times a second in a run of its own.

The floor of a full-history scan is one `git cat-file --batch` that reads the same blobs to nowhere.
"""

import argparse
import contextlib
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

STAGED_FILES = 20


_LOOK_EVERY = 0.25


class Run(NamedTuple):
    """One finished process."""

    seconds: float


class Row(NamedTuple):
    """One line of the table."""

    what: str
    value: str
    beside: str
    ratio: str


def measure(command: Sequence[str], *, stdin: Path | None = None, cwd: Path | None = None) -> Run:
    """Run a command to its end with its output thrown away."""
    with Path(stdin or os.devnull).open("rb") as source, Path(os.devnull).open("wb") as sink:
        begun = time.perf_counter()
        process = subprocess.Popen(command, stdin=source, stdout=sink, stderr=sink, cwd=cwd)
        process.wait()
        return Run(time.perf_counter() - begun)


def peak_memory(command: Sequence[str]) -> float:
    """MiB of a command and those below it that are Python as well, at the worst moment seen."""
    peak = 0
    with Path(os.devnull).open("wb") as sink, subprocess.Popen(command, stdout=sink) as process:
        while process.poll() is None:
            peak = max(peak, sum(map(proportional_set, family(process.pid))))
            time.sleep(_LOOK_EVERY)
    return peak / 1024


def family(process: int) -> Iterator[int]:
    """A process and those below it, without git's."""
    with contextlib.suppress(OSError):
        if Path(f"/proc/{process}/comm").read_text().startswith("git"):
            return
        yield process
        for thread in Path(f"/proc/{process}/task").iterdir():
            for child in (thread / "children").read_text().split():
                yield from family(int(child))


def proportional_set(process: int) -> int:
    """KiB; 0 when the process is gone."""
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    return 0


def agentreach(*arguments: str) -> list[str]:
    """The command under test, of the interpreter that runs this."""
    return [str(Path(sys.executable).parent / "agentreach"), *arguments]


def paired(runs: int, *commands: Callable[[], Run]) -> list[list[Run]]:
    """`runs` rounds of all commands in turn, after one round that does not count."""
    rounds = [[command() for command in commands] for _ in range(runs + 1)][1:]
    return [list(column) for column in zip(*rounds, strict=True)]


def median(runs: Sequence[Run]) -> float:
    """Median wall time."""
    return statistics.median(run.seconds for run in runs)


def ratio(runs: Sequence[Run], floor: Sequence[Run]) -> str:
    """Median of the pairwise ratios."""
    pairs = [run.seconds / base.seconds for run, base in zip(runs, floor, strict=True)]
    return f"{statistics.median(pairs):.2f}x"


def blob_list(repository: Path, target: Path) -> tuple[int, int]:
    """Write the ids of all blobs in pack order; their number and size in bytes."""
    listing = subprocess.run(
        [
            *("git", "-C", str(repository), "cat-file", "--batch-all-objects", "--unordered"),
            "--batch-check=%(objecttype) %(objectsize) %(objectname)",
        ],
        capture_output=True,
        check=True,
    ).stdout
    ids, size = [], 0
    for line in listing.splitlines():
        kind, length, name = line.split(b" ")
        if kind == b"blob":
            ids.append(name)
            size += int(length)
    target.write_bytes(b"\n".join(ids) + b"\n")
    return len(ids), size


def history_rows(repository: Path, runs: int, scratch: Path) -> list[Row]:
    """Full-history scan against the floor, and its peak memory."""
    ids = scratch / "blobs"
    count, size = blob_list(repository, ids)
    cat_file = ["git", "-C", str(repository), "cat-file", "--batch", "--buffer"]
    scan = agentreach("scan", str(repository), "--no-config", "--format", "jsonl", "--no-color")
    peak = peak_memory(scan)
    floors, scans = paired(
        runs, lambda: measure(cat_file, stdin=ids), lambda: measure(scan, stdin=None)
    )
    what = f"{repository_name(repository)}: {count:,} blobs, {size / 1e9:.2f} GB"
    return [
        Row(f"full history, {what}", f"{median(scans):.2f} s", f"floor {median(floors):.2f} s",
            ratio(scans, floors)),
        Row("  peak memory of its processes together", f"{peak:.0f} MiB", "", ""),
    ]  # fmt: skip


def repository_name(repository: Path) -> str:
    """Something to recognise it by."""
    parts = [part for part in repository.resolve().parts if part not in (".git", "repo", "/")]
    return parts[-1].replace("+", "/")


def staged_row(repository: Path, runs: int, scratch: Path) -> Row:
    """A staged scan of twenty files, in a clone that shares the repository's objects."""
    clone = scratch / "clone"
    quiet = {"check": True, "capture_output": True}
    subprocess.run(
        ["git", "clone", "--shared", "--no-checkout", str(repository), str(clone)], **quiet
    )
    subprocess.run(["git", "-C", str(clone), "read-tree", "HEAD"], **quiet)
    source = Path(__file__).resolve().parent.parent / "scanner" / "config.py"
    for number in range(STAGED_FILES):
        name = f"staged_{number}.py"
        (clone / name).write_bytes(source.read_bytes() + b"# %d\n" % number)
        subprocess.run(["git", "-C", str(clone), "add", "-f", name], **quiet)
    scan = agentreach("scan", "--staged", "--no-config")
    bare = [sys.executable, "-c", "pass"]
    scans, starts = paired(runs, lambda: measure(scan, cwd=clone), lambda: measure(bare))
    return Row(
        f"staged scan, {STAGED_FILES} files, in {repository_name(repository)}",
        f"{median(scans):.3f} s", f"bare Python {median(starts):.3f} s", "",
    )  # fmt: skip


def start_row(runs: int) -> Row:
    """`agentreach --version` beside an interpreter that does nothing."""
    versions, bare = paired(
        runs,
        lambda: measure(agentreach("--version")),
        lambda: measure([sys.executable, "-c", "import click"]),
    )
    return Row("agentreach --version", f"{median(versions):.3f} s",
               f"Python with click {median(bare):.3f} s", ratio(versions, bare))  # fmt: skip


def detect_secrets_row(repository: Path, runs: int, scratch: Path) -> Row:
    """The working tree, here and with detect-secrets."""
    tree = scratch / "tree"
    tree.mkdir()
    archive = subprocess.Popen(
        ["git", "-C", str(repository), "archive", "HEAD"], stdout=subprocess.PIPE
    )
    subprocess.run(["tar", "-x", "-C", str(tree)], stdin=archive.stdout, check=True)
    archive.wait()
    theirs = [str(Path(sys.executable).parent / "detect-secrets"), "scan", "--all-files", "."]
    ours = agentreach("scan", "--no-config", ".")
    mine, other = paired(runs, lambda: measure(ours, cwd=tree), lambda: measure(theirs, cwd=tree))
    return Row(f"working tree of {repository_name(repository)}", f"{median(mine):.2f} s",
               f"detect-secrets {median(other):.2f} s", ratio(mine, other))  # fmt: skip


def machine() -> str:
    """What it was measured on."""
    version = subprocess.run(["git", "--version"], capture_output=True, text=True, check=True)
    return f"{os.cpu_count()} cores, Python {sys.version.split()[0]}, {version.stdout.strip()}"


def show(*rows: Row) -> None:
    """Print at once: a run of an hour may be cut short."""
    for row in rows:
        print(f"| {row.what} | {row.value} | {row.beside} | {row.ratio} |", flush=True)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("repositories", nargs="+", type=Path)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--detect-secrets", action="store_true", help="also time detect-secrets")
    options = parser.parse_args()
    print(f"{machine()}; medians of {options.runs} runs\n")
    print("| what | agentreach | beside it | ratio |\n|---|---|---|---|")
    show(start_row(max(5, options.runs)))
    for repository in options.repositories:
        scratch = Path(tempfile.mkdtemp(prefix="agentreach-bench-"))
        try:
            show(*history_rows(repository, options.runs, scratch))
            show(staged_row(repository, max(5, options.runs), scratch))
            if options.detect_secrets:
                show(detect_secrets_row(repository, 1, scratch))
        finally:
            shutil.rmtree(scratch, ignore_errors=True)


if __name__ == "__main__":
    main()
