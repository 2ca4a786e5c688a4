"""Reports of every shape, built by hand for the sinks' tests."""

from msgspec.structs import replace

from scanner.model import (
    AgentUse,
    Attribution,
    Basis,
    Category,
    Channel,
    Confidence,
    Coverage,
    Event,
    Evidence,
    Finding,
    Identity,
    Incident,
    Location,
    Mark,
    Problem,
    Reach,
    Report,
    RepositoryInfo,
    Role,
    Secret,
    Severity,
    Tier,
    Tool,
    Tracking,
    Verdict,
    Where,
)

HEAD = "4f2a9c1d20" + "0" * 30
OLD = "9b1e77c0aa" + "1" * 30
JANE = Identity("Jane Doe", "jane@example.com")
MARCH = 1_772_445_600

CLAUDE = Mark(
    "claude-code",
    "Claude Code",
    Role.CO_AUTHOR,
    Tier.TRAILER,
    (Evidence("Co-Authored-By names the agent", source=HEAD),),
)

AGENTS = (
    AgentUse("claude-code", "Claude Code", "strong", (Evidence("has settings"),), commits=41),
    AgentUse("cursor", "Cursor", "medium", (Evidence("has rules"),)),
    AgentUse("codex", "Codex", "weak", (Evidence("AGENTS.md is read by several"),)),
)


def ignored_key() -> Finding:
    """A key on disk that git ignores, with different answers from three agents."""
    default = "no rule covers .env"
    return Finding(
        fingerprint="f1" * 8,
        rule="aws-access-key",
        category=Category.CREDENTIAL_EXPOSURE,
        severity=Severity.CRITICAL,
        confidence=Confidence.HIGH,
        title="AWS access key, complete with its secret",
        locations=(
            Location(
                Where.WORKTREE,
                ".env",
                3,
                19,
                blob="ab" * 20,
                tracking=Tracking.IGNORED,
                fingerprint="0a" * 8,
            ),
        ),
        secret=Secret("d1" * 8, "AWS access key", "AKIA············7Q"),
        reach=(
            Reach("claude-code", Channel.PROMPT, Verdict.NOT_APPLICABLE, "not loaded"),
            Reach("claude-code", Channel.FILE_TOOLS, Verdict.NO_PROMPT, default),
            Reach("claude-code", Channel.SHELL, Verdict.NO_PROMPT, default),
            Reach("codex", Channel.FILE_TOOLS, Verdict.NO_PROMPT, default),
            Reach("codex", Channel.SHELL, Verdict.NO_PROMPT, default),
            Reach(
                "cursor",
                Channel.FILE_TOOLS,
                Verdict.BLOCKED,
                "pattern .env*",
                ".cursorignore:2",
                Basis.CONFIG,
            ),
            Reach("cursor", Channel.SHELL, Verdict.NO_PROMPT, "the terminal ignores .cursorignore"),
            Reach("cursor", Channel.INDEX, Verdict.UNKNOWN, "depends on an account setting"),
        ),
        evidence=(
            Evidence("key id and secret stand together", source=".env:4"),
            Evidence("the pattern is this provider's own", Basis.DOCUMENTED),
        ),
        remediation=(
            "Rotate it: in the IAM console create a new key, deploy it, then delete this one.",
            "Keep agents out of .env: agentreach reach --fix",
        ),
        incident="AR-5c1e",
        references=("https://docs.example.com/access-keys",),
    )


def history_key() -> Finding:
    """A key that an agent's commit brought in and a later one took out."""
    return Finding(
        fingerprint="f2" * 8,
        rule="stripe-secret-key",
        category=Category.CREDENTIAL_EXPOSURE,
        severity=Severity.HIGH,
        confidence=Confidence.MEDIUM,
        title="Stripe secret key in history",
        locations=(
            Location(
                Where.COMMIT,
                "services/billing/src/main/resources/config/environments/production/app.properties",
                12,
                8,
                OLD,
                "cd" * 20,
                in_head=False,
                fingerprint="0b" * 8,
            ),
            Location(Where.STASH, "conf/app.ini", 4, 3, OLD, ref="refs/stash", fingerprint="0c"),
            Location(Where.MESSAGE, "", 7, 2, OLD, fingerprint="0d" * 8),
            *(
                Location(
                    Where.COMMIT, f"conf/{n}.ini", n, 1, OLD, in_head=False, fingerprint=str(n)
                )
                for n in range(1, 8)
            ),
        ),
        secret=Secret("d2" * 8, "Stripe secret key", "sk_live_············"),
        introduced=Event(OLD, "conf/app.ini", JANE, MARCH, MARCH, "add billing", exact=False),
        removed=Event(HEAD, "conf/app.ini", JANE, MARCH + 90_000, MARCH, "drop the old config"),
        attribution=Attribution((replace(CLAUDE, model="opus"),)),
        evidence=(Evidence("no placeholder, entropy 4.9 bits a character"),),
        remediation=("Revoke it: it stays in history.",),
    )


def widened_permissions() -> Finding:
    """An agent's commit outside its task; one thing cannot be known."""
    return Finding(
        fingerprint="f3" * 8,
        rule="ci-permissions-widened",
        category=Category.AGENT_OVERREACH,
        severity=Severity.HIGH,
        confidence=Confidence.HIGH,
        title="CI permissions widened, outside the declared task",
        locations=(
            Location(
                Where.COMMIT,
                ".github/workflows/deploy.yml",
                8,
                commit=HEAD,
                in_head=True,
                fingerprint="0e" * 8,
            ),
        ),
        attribution=Attribution((CLAUDE,)),
        evidence=(
            Evidence("contents: read became write-all", source=".github/workflows/deploy.yml:8"),
            Evidence(
                "task PAY-142 allows src/payments/**",
                Basis.CONFIG,
                ".agentreach/tasks/PAY-142.yml:3",
            ),
            Evidence("whether a review allowed it: not in git, ask the host", Basis.UNKNOWN),
        ),
        remediation=("git show --stat 4f2a9c1d20",),
        task="PAY-142",
        incident="AR-91b0",
    )


def rows_to_a_model(steps: int = 3) -> Finding:
    """Personal data that flows into a prompt."""
    return Finding(
        fingerprint="f4" * 8,
        rule="personal-data-to-model",
        category=Category.DATA_EXFILTRATION,
        severity=Severity.MEDIUM,
        confidence=Confidence.MEDIUM,
        title="Customer rows flow into a model call",
        locations=(
            Location(
                Where.WORKTREE, "src/assist.py", 40, 5, tracking=Tracking.TRACKED, fingerprint="0f"
            ),
        ),
        evidence=tuple(
            Evidence(f"step {n}: rows are passed on", Basis.DERIVED, f"src/assist.py:{n + 30}")
            for n in range(steps)
        ),
        attribution=None,
        remediation=("Drop the columns the model does not need.",),
    )


def full_report() -> Report:
    """One finding of each kind, problems, notes, three agents."""
    findings = (ignored_key(), history_key(), widened_permissions(), rows_to_a_model())
    return Report(
        tool=Tool("0.1.0", "1f" * 8, "hyperscan"),
        repository=RepositoryInfo("payments-api", ".", HEAD, "main", partial=True),
        agents=AGENTS,
        findings=findings,
        incidents=(
            Incident(
                "AR-5c1e",
                Category.CREDENTIAL_EXPOSURE,
                "AWS access key within reach of three agents",
                Severity.CRITICAL,
                "secret:" + "d1" * 8,
                ("f1" * 8,),
                record=".agentreach/records/AR-5c1e.yml",
            ),
            Incident(
                "AR-91b0",
                Category.AGENT_OVERREACH,
                "CI permissions widened",
                Severity.HIGH,
                "task:PAY-142",
                ("f3" * 8, "f9" * 8),
            ),
        ),
        problems=(
            Problem("git", "ab" * 20, "missing from this partial clone", "git fetch --refetch"),
            Problem("git", "cd" * 20, "missing from this partial clone", "git fetch --refetch"),
            Problem("dataflow", "src/legacy.py", "not valid Python 3: line 12"),
        ),
        coverage=Coverage(
            commits=1204,
            blobs=8811,
            files=312,
            bytes=34_200_000,
            agent_commits=41,
            undeclared_commits=37,
            suppressed=1,
            baselined=10,
            notes=("Submodules are listed, not entered.",),
        ),
        started=MARCH,
        seconds=1.84,
    )


def clean_report() -> Report:
    """Nothing found, everything read."""
    report = full_report()
    return replace(
        report,
        repository=replace(report.repository, partial=False),
        findings=(),
        incidents=(),
        problems=(),
        coverage=Coverage(commits=12, blobs=40, files=9, bytes=5120),
    )


def many(number: int) -> Report:
    """A report with so many findings, most severe first, in few rules."""
    seed = history_key()
    severities = sorted(Severity, key=lambda severity: -severity.rank)
    per_level = number // len(severities) + 1
    findings = tuple(
        replace(
            seed,
            fingerprint=f"{n:016x}",
            severity=severities[n // per_level],
            rule=f"rule-{n % 30}",
            locations=(replace(seed.locations[0], fingerprint=f"{n:016x}", path=f"p/{n}"),),
        )
        for n in range(number)
    )
    return replace(full_report(), findings=findings, incidents=())


def hostile(text: str) -> Report:
    """A report in which every string that may come from the repository is this one."""
    report = full_report()
    finding, history = report.findings[0], report.findings[1]
    event = Event("a" * 40, text, Identity(text, text), 10**18, -(10**18), text)
    hurt = replace(
        finding,
        title=text or "x",
        task=text,
        incident=text,
        locations=(
            Location(Where.WORKTREE, text or "x", 1, ref=text),
            Location(Where.COMMIT, text or "x", 1, 2, "a" * 40, ref=text, in_head=False),
            Location(Where.STASH, text or "x", ref=text),
            Location(Where.TAG, text, ref=text),
        ),
        introduced=event,
        removed=event,
        reach=tuple(replace(view, basis=text, source=text, agent=text) for view in finding.reach),
        evidence=(Evidence(text, source=text), Evidence(text, source=f"{text or 'x'}:3")),
        remediation=(text, text),
        references=(f"https://{text}",),
    )
    return replace(
        report,
        repository=replace(report.repository, name=text, path=text, branch=text),
        agents=tuple(replace(agent, name=text) for agent in report.agents),
        findings=(hurt, replace(hurt, secret=None, fingerprint="f0" * 8), history),
        incidents=tuple(
            replace(incident, id=text, title=text, record=text) for incident in report.incidents
        ),
        problems=(Problem("git", text, text, text),),
        coverage=replace(report.coverage, notes=(text,)),
    )
