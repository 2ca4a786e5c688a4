"""The policy engines against the vendors' own examples: one file an agent in `reach_vectors/`.

A case gives files and what each of some questions must be answered with; every case names the page
or the source file that says so. A question is `PATH CHANNEL VERDICT [SOURCE]`; SOURCE is the
`file:line` of the deciding configuration. `loads` lists what reaches the prompt, `concerns` the
settings that must be pointed out, as `KIND FILE[:LINE]`.
"""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
import yaml

from scanner.model import Basis, Channel, Location, Tracking, Verdict, Where
from scanner.reach import GivenSettings, ReachModel, Surroundings, Tree
from scanner.rules.agents import load_agents

DIRECTORY = Path(__file__).parent / "reach_vectors"
AGENTS = load_agents()


class Case(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One example of a vendor, or one consequence of its source."""

    id: str
    source: str
    files: dict[str, str]
    ask: tuple[str, ...] = ()
    loads: dict[str, Verdict] | None = None
    concerns: tuple[str, ...] | None = None
    problems: tuple[str, ...] = ()
    """`file` or `file:line` of every problem; none unless said."""
    home: dict[str, str] = {}
    settings: dict[str, str] = {}
    ignored: tuple[str, ...] = ()
    untracked: tuple[str, ...] = ()
    links: dict[str, str] = {}


class Vectors(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The content of one file."""

    agent: str
    cases: tuple[Case, ...]


class Memory:
    """`Files` of a case: what is asked about exists, whether the case gives it a text or not."""

    def __init__(self, case: Case, *, home: bool = False) -> None:
        self.case = case
        self.texts = dict(case.home if home else case.files)
        if not home:
            for question in case.ask:
                path = question.split()[0]
                if path not in case.links and path != "-":
                    self.texts.setdefault(path, "KEY=x\n")

    def read(self, path: str) -> bytes | None:
        text = self.texts.get(path)
        return None if text is None else text.encode()

    def paths(self) -> list[str]:
        return sorted({*self.texts, *self.case.links})

    def tracking(self, path: str) -> Tracking:
        if path in self.case.ignored:
            return Tracking.IGNORED
        return Tracking.UNTRACKED if path in self.case.untracked else Tracking.TRACKED

    def link(self, path: str) -> str | None:
        return self.case.links.get(path)


def all_cases() -> Iterator[tuple[str, Case]]:
    for file in sorted(DIRECTORY.glob("*.yaml")):
        vectors = msgspec.convert(yaml.safe_load(file.read_bytes()), Vectors)
        for case in vectors.cases:
            yield vectors.agent, case


CASES = list(all_cases())


def model_of(agent: str, case: Case) -> ReachModel:
    home = Tree(Memory(case, home=True)) if case.home else None
    given = tuple(GivenSettings(agent, path, text) for path, text in case.settings.items())
    return ReachModel.build(
        Memory(case), AGENTS, history={agent: 1}, surroundings=Surroundings(home, given)
    )


@pytest.mark.parametrize("agent, case", CASES, ids=[f"{agent}:{case.id}" for agent, case in CASES])
def test_the_vendors_example_is_answered_as_the_vendor_says(agent: str, case: Case) -> None:
    assert case.source.startswith("https://"), "every vector names its source"
    assert case.ask or case.loads is not None or case.concerns is not None
    model = model_of(agent, case)
    for question in case.ask:
        path, channel, verdict, *source = question.split()
        # The history of a path: a question about what git holds of a file that is gone.
        where = Location(Where.COMMIT, path, commit="1" * 40, in_head=False)
        place = where if path.startswith("history/") else Location(Where.WORKTREE, path)
        answers = {reach.channel: reach for reach in model.reach(place, [agent])}
        assert Channel(channel) in answers or verdict == "absent", (question, answers)
        if verdict == "absent":
            assert Channel(channel) not in answers, question
            continue
        reach = answers[Channel(channel)]
        assert reach.verdict is Verdict(verdict), (question, reach)
        assert reach.basis and (reach.source or reach.verdict is not Verdict.BLOCKED)
        assert reach.source or reach.grade in (Basis.UNKNOWN, Basis.DERIVED), (question, reach)
        if source:
            assert reach.source == source[0], (question, reach)
    if case.loads is not None:
        paths = Memory(case).paths()
        found = {
            path: reach.verdict
            for path in paths
            for reach in model.reach(Location(Where.WORKTREE, path), [agent])
            if reach.channel is Channel.PROMPT
        }
        assert found == case.loads
    if case.concerns is not None:
        said = sorted(
            f"{one.kind.value} {one.path}{f':{one.line}' if one.line else ''}"
            for one in model.concerns([agent])
        )
        assert said == sorted(case.concerns)
    assert sorted(problem.where for problem in model.problems) == sorted(case.problems)


def test_ids_are_unique_and_agents_exist() -> None:
    known = {agent.id for agent in AGENTS if agent.context}
    for file in sorted(DIRECTORY.glob("*.yaml")):
        vectors = msgspec.convert(yaml.safe_load(file.read_bytes()), Vectors)
        assert vectors.agent == file.stem and vectors.agent in known
        ids = [case.id for case in vectors.cases]
        assert len(ids) == len(set(ids))
