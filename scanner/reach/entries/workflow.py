"""GitHub workflows whose jobs run an agent: what enters those jobs.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax.
Composite actions and reusable workflows are not followed: what they run is not known.
"""

import re
from collections.abc import Iterator, Mapping

import msgspec

from scanner.reach.entries.agent_steps import AgentStep, agent_steps
from scanner.reach.entries.entry import Carrier, Process, Span
from scanner.reach.entries.gathering import Gathering, Way
from scanner.reach.entries.sheet import Node
from scanner.reach.entries.value import judge

_JOB = (Process.WORKFLOW_JOB, Process.AGENT, Process.AGENT_SHELL)
_SECRET_INPUT = re.compile(r"key|token|secret|password|credential", re.IGNORECASE)
_TO_ENVIRONMENT = re.compile(
    r"^[ \t]*echo[ \t]+(?:-n[ \t]+)?[\"']?([A-Za-z_]\w{0,100})=([^\n]{0,2000}?)[\"']?[ \t]*>>[ \t]*"
    r"[\"']?\$\{?GITHUB_ENV",
    re.MULTILINE,
)
_SETUP_JOB = "copilot-setup-steps"
CHECKOUT = "actions/checkout"


class AgentJob(msgspec.Struct, frozen=True):
    """A job that runs an agent."""

    path: str
    workflow: Node
    name: str
    job: Node
    steps: tuple[AgentStep, ...]

    @property
    def agents(self) -> tuple[str, ...]:
        """Ids, sorted."""
        return tuple(sorted({step.agent for step in self.steps}))


def workflows(gathering: Gathering) -> Iterator[tuple[str, Node]]:
    """Every workflow that can be read."""
    tree = gathering.tree
    for pattern in ("/.github/workflows/*.yml", "/.github/workflows/*.yaml"):
        for path in tree.find(pattern):
            sheet = gathering.sheet(path)
            if sheet is not None and sheet.is_map:
                yield path, sheet


def agent_jobs(gathering: Gathering, actions: Mapping[str, str]) -> Iterator[AgentJob]:
    """The jobs that run an agent, by path."""
    for path, sheet in workflows(gathering):
        for name, job in sheet.pairs("jobs"):
            steps = agent_steps(job, actions)
            if steps:
                yield AgentJob(path, sheet, name, job, steps)


def read(gathering: Gathering, actions: Mapping[str, str]) -> None:
    """What enters each job that runs an agent, and Copilot's set-up job."""
    for job in agent_jobs(gathering, actions):
        if gathering.full:
            return
        _read_job(gathering, job)
    for path, sheet in workflows(gathering):
        setup = sheet.get("jobs", _SETUP_JOB)
        if setup is not None and "copilot-setup-steps." in path:
            _read_setup(gathering, path, setup)


def _read_job(gathering: Gathering, job: AgentJob) -> None:
    who = " and ".join(job.agents)
    basis = f"it is set in the job's environment, where {who} runs"
    environment = Way(Carrier.WORKFLOW_ENV, _JOB, job.agents, basis)
    for place in (job.workflow, job.job):
        for name, node in place.pairs("env"):
            gathering.value(job.path, name, node, environment)
    for step in job.steps:
        own = (step.agent,)
        basis = f"it is set in the environment of the step that runs {step.agent}"
        for name, node in step.node.pairs("env"):
            gathering.value(job.path, name, node, Way(Carrier.WORKFLOW_ENV, _JOB, own, basis))
        given = Way(Carrier.WORKFLOW_INPUT, _JOB, own, f"it is given to {step.agent}'s action")
        for name, node in step.node.pairs("with"):
            if _SECRET_INPUT.search(name):
                gathering.value(job.path, name, node, given)
    last = max(step.index for step in job.steps)
    for step_node in list(job.job.listed("steps"))[:last]:
        _read_earlier(gathering, job.path, step_node, environment)
        _read_checkout(gathering, job, step_node)


def _read_earlier(gathering: Gathering, path: str, step: Node, way: Way) -> None:
    """What a step before the agent's writes into the environment of those that follow."""
    run = step.get("run")
    for match in _TO_ENVIRONMENT.finditer(run.text or "") if run is not None else ():
        judged = judge(match.group(2))
        if run is not None and judged is not None:
            gathering.add(path, _line_of(run, match.start()), match.group(1), judged, way)


def _line_of(run: Node, offset: int) -> Span:
    """The line within a block scalar, which begins below the sign that opens it."""
    line = run.span.line + (run.text or "").count("\n", 0, offset)
    return Span(line + 1) if run.span.end_line is not None else run.span


def _read_checkout(gathering: Gathering, job: AgentJob, step: Node) -> None:
    uses = step.get("uses")
    if uses is None or (uses.text or "").partition("@")[0].lower() != CHECKOUT:
        return
    depth = step.get("with", "fetch-depth")
    if depth is not None and depth.text == "0":
        basis = "the whole history is fetched, and git's commands show what any commit held"
        way = Way(Carrier.WORKFLOW_CHECKOUT, _JOB, job.agents, basis)
        gathering.forwarded(job.path, depth.span, "fetch-depth", way, "history")
    if not persists_credentials(step):
        return
    basis = "actions/checkout leaves the token for git's commands in the job (persist-credentials)"
    way = Way(Carrier.WORKFLOW_CHECKOUT, (*_JOB, Process.GIT), job.agents, basis)
    token = step.get("with", "token") or step.get("with", "ssh-key")
    if token is not None:
        gathering.value(job.path, "token", token, way)
    else:
        gathering.forwarded(job.path, uses.span, "GITHUB_TOKEN", way, "github.token")


def persists_credentials(checkout: Node) -> bool:
    """Whether git's commands after the step have its token; the default is that they do."""
    return checkout.string("with", "persist-credentials").lower() != "false"


def _read_setup(gathering: Gathering, path: str, job: Node) -> None:
    """https://docs.github.com/en/copilot/how-tos/use-copilot-agents/cloud-agent: runs before it."""
    basis = (
        "it is set for a step that prepares the machine Copilot works on, and stays there only if"
        " the step writes it down"
    )
    agents = ("github-copilot",)
    way = Way(Carrier.SETUP_SCRIPT, (Process.WORKFLOW_JOB,), agents, basis)
    kept = "a step writes it into the environment of those that follow, Copilot's among them"
    lasting = Way(Carrier.SETUP_SCRIPT, _JOB, agents, kept)
    for step in job.listed("steps"):
        for name, node in step.pairs("env"):
            gathering.value(path, name, node, way)
        _read_earlier(gathering, path, step, lasting)
