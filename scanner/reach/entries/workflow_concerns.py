"""Jobs in which a stranger's text steers an agent that holds something worth having.

GitHub's words on it: https://docs.github.com/en/actions/reference/security/secure-use. A job is
named only where the file shows all of it: an event that anybody can bring about, no condition that
keeps strangers out, text of theirs that the job takes, an action that does not itself ask for write
access, and a secret beside the model's own key, or a token that may write.
"""

import re
from collections.abc import Iterator, Sequence

from scanner.model import Basis, Concern, ConcernKind
from scanner.reach.entries.agent_steps import AgentStep, actions_of
from scanner.reach.entries.expression import Can, Event, can_be_true
from scanner.reach.entries.gathering import Gathering
from scanner.reach.entries.sheet import Node
from scanner.reach.entries.value import is_name, judge
from scanner.reach.entries.workflow import (
    CHECKOUT,
    AgentJob,
    agent_jobs,
    persists_credentials,
)
from scanner.reach.tree import Tree
from scanner.rules.agents import AgentFile

_REFERENCE = "https://docs.github.com/en/actions/reference/security/secure-use"
# Events that run with the repository's secrets and token though a stranger brings them about, and
# the activities that need no rights. `workflow_run` and the review events of forks are left out:
# the file does not show whether a stranger's text or token comes with them.
_OPEN_EVENTS: dict[str, tuple[str, ...]] = {
    "issues": ("opened", "edited", "reopened"),
    "issue_comment": ("created", "edited"),
    "pull_request_target": ("opened", "synchronize", "reopened", "edited", "ready_for_review"),
    "discussion": ("created", "edited"),
    "discussion_comment": ("created", "edited"),
}
_DEFAULT_TYPES = {"pull_request_target": frozenset({"opened", "synchronize", "reopened"})}
# Whether an agent's action itself refuses people without write access, and the input that opens it:
# github.com/anthropics/claude-code-action docs/security.md, github.com/openai/codex-action
# docs/security.md. What is in neither is not known to be open.
_OPENED_BY = {
    "anthropics/claude-code-action": "allowed_non_write_users",
    "openai/codex-action": "allow-users",
}
_WITHOUT_CHECK = frozenset(
    {"anthropics/claude-code-base-action", "google-github-actions/run-gemini-cli"}
)
_STRANGERS_TEXT = re.compile(
    r"github\.event\.(issue|pull_request|comment|discussion)\.(?:title|body|head\.ref)"
    r"|github\.(head_ref)"
)
_CARRIED_BY = {
    "issues": ("issue",),
    "issue_comment": ("issue", "comment"),
    "pull_request_target": ("pull_request", "head_ref"),
    "discussion": ("discussion",),
    "discussion_comment": ("discussion", "comment"),
}
_STRANGERS_CODE = re.compile(r"pull_request\.head\.(?:sha|ref)|head_ref|refs/pull/")
_FETCHED_TEXT = re.compile(r"\bgh (?:issue|pr) (?:view|diff|list)\b")
_CHECKED_BEFORE = re.compile(
    r"CollaboratorPermission|collaborators/|permission[-_ ]?(?:level|check)"
    r"|check[-_ ]?(?:user[-_ ])?permission|author_?association|MembershipFor|memberships/"
    r"|has[-_]permission|is[-_]?(?:member|authorized|maintainer)|require[-_]?permission"
    r"|team[-_]?member",
    re.IGNORECASE,
)
_MODEL_KEY = re.compile(
    r"(?:anthropic|claude|openai|codex|gemini|google|vertex|openrouter|cursor|amp|factory|mistral|groq"
    r"|deepseek|xai|llm|azure_openai|dashscope|opencode|aws_bearer_token_bedrock|augment|qwen|copilot"
    r"|continue)\w*?_?(?:key|token|auth)?\w*",
    re.IGNORECASE,
)
_SECRET = re.compile(
    r"secrets\.([A-Za-z_]\w{0,100})|github\.token|steps\.[\w-]+\.outputs\.\w*token\w*"
)
_TOKEN_NAMES = ("secrets.GITHUB_TOKEN", "github.token")
_MOST_NAMED = 3
_MOST_NEEDED = 50
_INSTEAD = (
    "let the job run only for people with write access (an `if:` on author_association), or leave"
    " the agent a read-only token and no secret but the model's key, and act on its answer in a"
    " second job that checks it"
)


def workflow_concerns(tree: Tree, agents: Sequence[AgentFile]) -> tuple[Concern, ...]:
    """One concern for each job and agent, by path, line and agent. Unreadable files have none."""
    gathering = Gathering(tree)
    found = {
        concern
        for job in agent_jobs(gathering, actions_of(agents))
        for step in job.steps
        if (concern := _judge(job, step)) is not None
    }
    return tuple(sorted(found, key=lambda one: (one.path, one.line or 0, one.agent)))


def _judge(job: AgentJob, step: AgentStep) -> Concern | None:
    if job.job.get("environment") is not None or not _lets_strangers_in(step):
        return None
    held = [*_secrets(job, step), *_write_token(job, step)]
    needed = _needed(job)
    if not held or needed is None:
        return None
    events = [event for event in _events(job.workflow) if _runs_for(job, step, needed, event)]
    texts = _texts(job, step, events) if events else []
    if not texts or _is_checked_before(job, step, needed):
        return None
    name = job.name if is_name(job.name) else "that is named here"
    triggers = " and ".join(dict.fromkeys(event.name for event in events))
    words = (
        f"anybody can start the job {name} ({triggers}), whose text"
        f" ({', '.join(texts[:_MOST_NAMED])}) reaches {step.agent} while it holds"
        f" {' and '.join(held[: _MOST_NAMED + 1])}, with nobody asked"
    )
    return Concern(
        step.agent,
        ConcernKind.APPROVAL_BYPASS,
        job.path,
        step.node.span.line,
        f"job {name}",
        words,
        _INSTEAD,
        _REFERENCE,
        Basis.DERIVED,
    )


def _events(workflow: Node) -> Iterator[Event]:
    """What a stranger can do that starts the workflow."""
    triggers = workflow.get("on") or workflow.get("true")
    if triggers is None:
        return
    names = [node.text or "" for node in (*triggers.items, *([triggers] if triggers.text else ()))]
    for name in (*names, *triggers.members):
        types = {node.text for node in triggers.listed(name, "types")} if triggers.is_map else set()
        allowed = types or _DEFAULT_TYPES.get(name)
        for action in _OPEN_EVENTS.get(name, ()):
            if not allowed or action in allowed:
                yield Event(name, action)


def _runs_for(job: AgentJob, step: AgentStep, needed: list[Node], event: Event) -> bool:
    conditions = [job.job.string("if"), step.node.string("if")]
    conditions += [one.string("if") for one in needed]
    return all(can_be_true(condition, event) is Can.YES for condition in conditions)


def _needed(job: AgentJob) -> list[Node] | None:
    """The jobs that have to end well before this one runs; None where they are too many."""
    found: dict[str, Node] = {}
    waiting = [job.job]
    while waiting:
        for name in waiting.pop().listed("needs"):
            needed = job.workflow.get("jobs", name.text or "")
            if len(found) > _MOST_NEEDED:
                return None
            if needed is not None and name.text and name.text not in found:
                found[name.text] = needed
                waiting.append(needed)
    return list(found.values())


def _is_checked_before(job: AgentJob, step: AgentStep, needed: list[Node]) -> bool:
    """Whether some step before looks at who it is: what it decides is not known."""
    before = [*list(job.job.listed("steps"))[: step.index], *needed]
    return any(
        _CHECKED_BEFORE.search(node.text or "") for place in before for node in place.scalars()
    )


def _lets_strangers_in(step: AgentStep) -> bool:
    if step.action is None or step.action in _WITHOUT_CHECK:
        return True
    opening = _OPENED_BY.get(step.action)
    return opening is not None and step.node.string("with", opening).strip() == "*"


def _texts(job: AgentJob, step: AgentStep, events: Sequence[Event]) -> list[str]:
    """What of the stranger's the job takes on these events, up to the agent's step."""
    steps = list(job.job.listed("steps"))[: step.index + 1]
    environments = (job.job.get("env"), job.workflow.get("env"))
    carried = {name for event in events for name in _CARRIED_BY.get(event.name, ())}
    found: dict[str, None] = {}
    for place in (*steps, *(node for node in environments if node is not None)):
        for node in place.scalars():
            for match in _STRANGERS_TEXT.finditer(node.text or ""):
                if (match.group(1) or match.group(2)) in carried:
                    found[match.group()] = None
    if "pull_request" in carried and any(
        _STRANGERS_CODE.search(place.string("with", "ref")) for place in steps
    ):
        found["the pull request's code"] = None
    if any(_FETCHED_TEXT.search(node.text or "") for node in step.node.scalars()):
        found["what gh fetches"] = None
    # Without a prompt of its own the action answers what it was called with.
    if step.action == "anthropics/claude-code-action" and not step.node.string("with", "prompt"):
        found["the event's text"] = None
    return list(found)


def _places(job: AgentJob, step: AgentStep) -> Iterator[tuple[str, str]]:
    """Names and values that the agent's process gets."""
    for place, key in (
        (job.workflow, "env"),
        (job.job, "env"),
        (step.node, "env"),
        (step.node, "with"),
    ):
        for name, node in place.pairs(key):
            if node.text:
                yield name, node.text


def _secrets(job: AgentJob, step: AgentStep) -> list[str]:
    """Secrets beside the model's key and the job's own token."""
    found: dict[str, None] = {}
    for name, value in _places(job, step):
        if _MODEL_KEY.fullmatch(name) or judge(value) is None:
            continue
        for match in _SECRET.finditer(value):
            shown = match.group()
            if shown in _TOKEN_NAMES or _MODEL_KEY.fullmatch(match.group(1) or ""):
                continue
            found[shown if is_name(shown) else "a secret"] = None
    return list(found)


def _write_token(job: AgentJob, step: AgentStep) -> list[str]:
    """The job's token, where it may write and the agent can get at it."""
    permissions = job.job.get("permissions") or job.workflow.get("permissions")
    if permissions is None:
        return []  # the repository's settings decide
    written = [name for name, node in permissions.pairs() if node.text == "write"]
    written = [name for name in written if name not in ("id-token", "statuses", "checks")]
    if permissions.text == "write-all":
        written = ["everything"]
    if not written:
        return []
    earlier = list(job.job.listed("steps"))[: step.index]
    persisted = any(
        node.string("uses").partition("@")[0].lower() == CHECKOUT
        and persists_credentials(node)
        and node.get("with", "token") is None
        for node in earlier
    )
    given = any(name in value for _, value in _places(job, step) for name in _TOKEN_NAMES)
    if not persisted and not given:
        return []
    # git's commands use the checked-out token for contents only, but the token itself can be read.
    return [f"a token that may write {', '.join(written[:_MOST_NAMED])}"]
