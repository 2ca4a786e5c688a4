"""Workers in processes of their own find what threads find, and none of their troubles is lost."""

import os
import signal
from pathlib import Path

import pytest

from scanner.errors import ConfigError, ScannerError
from scanner.pipeline import subjects, workers
from scanner.pipeline.data_sightings import RULE as PERSONAL_DATA
from scanner.pipeline.examine import Worker
from scanner.pipeline.forked import CAN_FORK, Child, Line
from tests.persons import rows
from tests.repo import Repo
from tests.scanning import Run, scan, token

pytestmark = pytest.mark.skipif(not CAN_FORK, reason="workers are processes on Linux only")


@pytest.fixture
def apart(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Every history counts as long. Gets the number of processes of each scan."""
    monkeypatch.setattr(subjects, "_LONG_FROM", 0)
    started: list[int] = []
    begin = workers.Scan.__init__

    def note(scan: workers.Scan, *arguments: object, **options: object) -> None:
        begin(scan, *arguments, **options)  # type: ignore[arg-type]
        started.append(len(scan._processes))

    monkeypatch.setattr(workers.Scan, "__init__", note)
    return started


def _history(repo: Repo) -> None:
    """Secrets, a password, personal data, a blob too large, a damaged one, and one unopened."""
    for number in range(30):
        text = f"line {number}\nkey = {token(number % 7)}\n" + "x = 1\n" * number
        repo.commit(f"change {number}", {f"src/{number % 5}.py": text})
    repo.commit("people", {"customers.csv": rows(40)})
    repo.commit("password", {"app.yml": "db_password: correct-Zebra7-paper\n"})
    repo.commit("large", {"large.txt": "word " * 3000})
    repo.commit("all gone", {"customers.csv": None, "src/1.py": None})


def _comparable(run: Run) -> object:
    report = run.report
    summary = {**report["summary"], "seconds": 0, "started": ""}
    return run.code, report["findings"], report["problems"], summary


def test_processes_and_threads_find_the_same(repo: Repo, apart: list[int]) -> None:
    _history(repo)
    damaged = repo.object("blob", "a blob that nobody can read")
    loose = repo.path / ".git/objects" / damaged[:2] / damaged[2:]
    loose.chmod(0o600)
    loose.write_bytes(loose.read_bytes()[:20])
    options = ("--max-bytes", "10000", "--min-confidence", "low")
    threads = scan(repo.path, *options, "--jobs", "1")
    processes = scan(repo.path, *options, "--jobs", "3")
    assert apart == [0, 3]
    assert len(processes.secrets) >= 8
    assert PERSONAL_DATA in processes.rules
    assert "larger than 10000 bytes" in processes.reasons
    assert "damaged" in processes.reasons
    assert _comparable(processes) == _comparable(threads)


def test_a_baseline_of_another_tool_needs_threads(
    repo: Repo, apart: list[int], tmp_path: Path
) -> None:
    _history(repo)
    baseline = tmp_path / ".secrets.baseline"
    done = scan(
        repo.path,
        "--jobs",
        "2",
        "--write-baseline",
        baseline,
        "--baseline-format",
        "detect-secrets",
    )
    assert done.code in (0, 1)
    assert apart == [0]
    assert baseline.read_text().count("hashed_secret") >= 7


def test_what_is_raised_in_a_process_ends_the_scan(
    repo: Repo, apart: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    _history(repo)
    here = os.getpid()

    def fail(worker: Worker, batch: object) -> None:
        if os.getpid() != here:
            raise ConfigError("no good", hint="do better")

    monkeypatch.setattr(Worker, "take", fail)
    done = scan(repo.path, "--jobs", "2")
    assert apart == [2]
    assert done.code == 2
    assert b"no good" in done.err
    assert b"do better" in done.err
    assert _children() == []


def test_a_process_that_is_killed_is_told_of(
    repo: Repo, apart: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    _history(repo)
    here = os.getpid()

    def die(worker: Worker, batch: object) -> None:
        if os.getpid() != here:
            os.kill(os.getpid(), signal.SIGKILL)

    monkeypatch.setattr(Worker, "take", die)
    done = scan(repo.path, "--jobs", "2")
    assert apart == [2]
    assert done.code == 2
    assert b"ended without a word (SIGKILL)" in done.err
    assert b"--jobs 1" in done.err
    assert _children() == []


def test_an_unexpected_error_says_where_it_was_raised() -> None:
    def fail(line: Line) -> None:
        raise KeyError(value)

    value = "what was read"
    child = Child(fail)
    with pytest.raises(
        RuntimeError, match=r"KeyError in a scanning process: .*_processes"
    ) as raised:
        child.receive()
    child.close()
    assert value not in str(raised.value)


def test_a_child_answers_and_ends() -> None:
    def double(line: Line) -> None:
        while (number := line.recv()) is not None:
            line.send((2 * number, os.getpid()))

    child = Child(double)
    child.send(21)
    answer, process = child.receive()
    assert answer == 42
    assert process != os.getpid()
    child.send(None)
    with pytest.raises(ScannerError, match="status 0"):
        child.receive()
    child.close()
    child.close()
    assert _children() == []


def test_a_child_that_still_works_can_be_ended() -> None:
    child = Child(lambda line: line.recv())
    child.kill()
    with pytest.raises(ScannerError, match="SIGKILL"):
        child.receive()
    child.kill()
    child.close()
    assert _children() == []


def _children() -> list[str]:
    """Processes of this test's own that still run or were never waited for."""
    directory = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children")
    return directory.read_text().split()
