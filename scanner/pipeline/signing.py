"""Attribution that looks into the repository, and what signatures say against a commit."""

from collections.abc import Callable, Iterable, Mapping
from typing import Final, NamedTuple

import msgspec

from scanner.attribution import Attributor
from scanner.attribution.screen import Screen
from scanner.attribution.signing import VendorKey, Verifier
from scanner.attribution.signing_webflow import WebFlow, WebFlowReport
from scanner.gitio import Repository
from scanner.gitio.branches import reached_alone
from scanner.gitio.signed_objects import ReadCommit, commit_reader
from scanner.model import (
    Attribution,
    Basis,
    Category,
    Change,
    Confidence,
    Event,
    Evidence,
    Finding,
    Location,
    Severity,
)
from scanner.model.attribution import SignatureState
from scanner.pipeline.digest import Digester
from scanner.pipeline.places import with_fingerprint
from scanner.rules.agents import AgentFile

_CAP: Final = 1000
"""Findings of one rule; a history of forgeries needs no longer list."""


class SignatureRule(msgspec.Struct, frozen=True):
    """What one kind of finding about signatures says."""

    id: str
    title: str
    severity: Severity
    confidence: Confidence
    remediation: tuple[str, ...]
    references: tuple[str, ...]


BAD_SIGNATURE: Final = SignatureRule(
    id="vendor-signature-bad",
    title="A commit carries a signature of an agent's vendor that does not verify",
    severity=Severity.MEDIUM,
    confidence=Confidence.HIGH,
    remediation=(
        "Check it with git verify-commit and the vendor's published key. Compare the commit with "
        "the one that the agent pushed, if the pull request still shows it.",
        "A tool that rewrites histories and keeps signatures explains it; otherwise find out who "
        "pushed the commit, and do not count it as the agent's.",
    ),
    references=("https://git-scm.com/docs/gitformat-signature",),
)
UNSIGNED_WEB_FLOW: Final = SignatureRule(
    id="web-flow-without-signature",
    title="A commit claims to be made by GitHub and carries no signature by it",
    severity=Severity.INFO,
    confidence=Confidence.LOW,
    remediation=(
        "Open the commit on GitHub: its pull request shows whether the merge button made it. "
        "Anyone can write GitHub's name into the committer, and what has it looks reviewed.",
    ),
    references=(
        "https://docs.github.com/en/authentication/managing-commit-signature-verification/"
        "about-commit-signature-verification",
    ),
)
SIGNATURE_RULES: Final = (BAD_SIGNATURE, UNSIGNED_WEB_FLOW)


class RepositoryAttributor(Attributor):
    """Attributes the changes of one repository with more than a change tells by itself.

    Vendors' signatures are verified, and a squash commit gets the marks that `learn` was given for
    it. Takes the place of an `Attributor`; for one thread.
    """

    def __init__(self, agents: Iterable[AgentFile], read: ReadCommit) -> None:
        agents = tuple(agents)
        super().__init__(agents)
        self.verifier = Verifier(agents, read)
        self._recovered: Mapping[str, Attribution] = {}
        self._branches: Mapping[str, str] = {}

    @classmethod
    def of(cls, repository: Repository, agents: Iterable[AgentFile]) -> "RepositoryAttributor":
        """With what the repository's branches tell of the commits that they alone reach."""
        attributor = cls(agents, commit_reader(repository))
        attributor._branches = reached_alone(repository, attributor.branch_marks)
        return attributor

    @property
    def has_learned(self) -> bool:
        """Whether some commits have marks that nothing in them tells of."""
        return bool(self._recovered or self._branches)

    def learn(self, recovered: Mapping[str, Attribution]) -> None:
        """Take these attributions, by commit id, for what the commits' own marks would say."""
        self._recovered = recovered

    def attribute(
        self, change: Change, *, branches: Iterable[str] = (), notes: Iterable[str] = ()
    ) -> Attribution:
        """As `Attributor.attribute`."""
        if self._branches and (branch := self._branches.get(change.commit or "")):
            branches = (*branches, branch)
        if self._recovered and change.commit and change.commit in self._recovered:
            return self._recovered[change.commit]
        plain = super().attribute
        if change.signature is None or change.signature.format != "ssh":
            return plain(change, branches=branches, notes=notes)
        refs, noted = tuple(branches), tuple(notes)
        return self.verifier.attribute(change, lambda one: plain(one, branches=refs, notes=noted))


class MarkScreen(Screen):
    """Tells commits that get no mark for sure, for `CommitLog.screened`."""

    def __init__(self, attributor: Attributor, expressions: Iterable[str] = ()) -> None:
        """Commits in which one of the expressions stands are not for sure without a mark."""
        super().__init__(attributor.words, expressions=expressions)
        self.is_quiet = attributor.is_quiet
        self.is_quiet_merge = attributor.is_quiet_merge


class _Suspect(NamedTuple):
    change: Change
    attribution: Attribution
    evidence: tuple[Evidence, ...]


class SignaturePass:
    """Takes the changes of a scan, in any order; keeps those that a signature speaks against."""

    def __init__(self, verifier: Verifier) -> None:
        self._verifier = verifier
        self._web_flow = WebFlow()
        self._bad: list[_Suspect] = []
        self._marks: dict[str, Attribution] = {}
        self.states: dict[SignatureState, int] = dict.fromkeys(SignatureState, 0)
        """Commits that name a vendor's published key, by what checking them brought."""

    def add(self, change: Change, attribution: Attribution) -> None:
        """Take a change, with the marks on it."""
        key, check = self._verifier.key(change), self._verifier.check(change)
        if key is not None and check is not None:
            self.states[check.state] += 1
            if check.state is SignatureState.BAD and len(self._bad) < _CAP:
                self._bad.append(_Suspect(_small(change), attribution, _bad_evidence(key, change)))
        if self._web_flow.add(change, attribution):
            self._marks[change.commit or ""] = attribution

    @property
    def web_flow(self) -> WebFlowReport:
        """What the changes so far say about the forge's own signatures."""
        return self._web_flow.report()

    def findings(self, open_digester: Callable[[], Digester]) -> list[Finding]:
        """One finding a commit: bad signatures, then unsigned web flow, each in the order of the
        changes."""
        report = self.web_flow
        evidence = _web_flow_evidence(report)
        unsigned = [
            _Suspect(change, self._marks[change.commit or ""], evidence) for change in report.claims
        ]
        if not self._bad and not unsigned:
            return []
        digester = open_digester()
        found = [_finding(BAD_SIGNATURE, suspect, digester) for suspect in self._bad]
        return found + [_finding(UNSIGNED_WEB_FLOW, suspect, digester) for suspect in unsigned]


def _finding(rule: SignatureRule, suspect: _Suspect, digester: Digester) -> Finding:
    change = suspect.change
    commit = change.commit or ""
    place = Location(change.where, "", commit=change.commit, ref=change.ref)
    return Finding(
        fingerprint=digester.subject("signature", rule.id, commit),
        rule=rule.id,
        category=Category.AGENT_OVERREACH,
        severity=rule.severity,
        confidence=rule.confidence,
        title=rule.title,
        locations=(with_fingerprint(place, digester.subject("place", rule.id, commit)),),
        introduced=Event(
            commit=commit,
            path="",
            author=change.author,
            time=change.author_time,
            committed=change.committer_time,
            subject=change.subject,
        ),
        attribution=suspect.attribution,
        evidence=suspect.evidence,
        remediation=rule.remediation,
        references=rule.references,
    )


def _small(change: Change) -> Change:
    return msgspec.structs.replace(change, paths=(), message=change.subject)


def _bad_evidence(key: VendorKey, change: Change) -> tuple[Evidence, ...]:
    text = (
        f"the signature names {key.fingerprint}, which {key.agent.vendor} publishes for "
        f"{key.agent.name}; that key did not sign this commit as it stands"
    )
    return (Evidence(text, Basis.OBSERVED, change.commit),)


def _web_flow_evidence(report: WebFlowReport) -> tuple[Evidence, ...]:
    claimed = (
        "the committer is GitHub <noreply@github.com>, author's and committer's time are the same "
        "as the merge button sets them, and there is no signature"
    )
    usual = (
        f"of {report.signed + report.unsigned} such commits in this history since 2020, "
        f"{report.signed} name GitHub's key (read, not verified) and {report.unsigned} have none"
    )
    doubt = (
        "a merge on a day when GitHub signed nothing, or an imported commit, would look the same"
    )
    return (Evidence(claimed), Evidence(usual, Basis.DERIVED), Evidence(doubt, Basis.UNKNOWN))
