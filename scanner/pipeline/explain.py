"""Explains one line of a file, or one rule on a file: what was considered, what became of it, and
why; never values."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec

from scanner.config import Config, Settings, load_settings
from scanner.detectors import SecretDetector
from scanner.detectors.explain import Explained, Judged, Refused, explain, refusals
from scanner.errors import ConfigError
from scanner.gitio import open_repository
from scanner.model import Confidence, Match
from scanner.pipeline.locate import described, masked
from scanner.rules.secrets import SecretRule, load_secret_rules
from scanner.suppress import inline_ignore


class Consideration(msgspec.Struct, frozen=True):
    """One value that some rule matched."""

    rule: str
    name: str
    line: int
    column: int
    """Where the value begins, counted from 1; columns in bytes."""
    masked: str
    steps: tuple[str, ...]
    """What was looked at, in order, in words."""
    outcome: str
    reported: bool


class LineExplanation(msgspec.Struct, frozen=True):
    """Everything about one line."""

    path: str
    line: int
    considered: tuple[Consideration, ...]
    wrapped: tuple[Consideration, ...]
    """What was found inside an encoding that stands on the line."""
    notes: tuple[str, ...]
    """What else decides whether it is shown."""


def explain_line(config: Config, path: Path, line: int, revision: str | None) -> LineExplanation:
    """Explain a line (counted from 1) of a file on disk, or as it is in a commit.

    Raises `ConfigError` for a file that cannot be read and a line that is not there, `GitError`
    for a commit that is not there.
    """
    content = _on_disk(path) if revision is None else _committed(path, revision)
    low, high = _line_span(content, line, path)
    detector = SecretDetector(
        load_secret_rules(cached_in=config.cache_directory),
        cache_directory=config.cache_directory,
        archives=config.archives,
    )
    explained = explain(detector, content, low, high)
    settings = _settings(path) if config.project_settings else Settings()
    return LineExplanation(
        path=str(path),
        line=line,
        considered=tuple(_considered(explained, content, detector)),
        wrapped=tuple(_wrapped(explained, content, detector)),
        notes=tuple(_notes(content, (low, high), explained, config, settings)),
    )


def explain_rule(
    rule: SecretRule, beside: Sequence[SecretRule], content: bytes
) -> tuple[Consideration, ...]:
    """What one rule makes of a content when it is alone, by position: every place where its
    pattern matches, also where its boundary or a check then says no, and what it finds inside
    encodings. `beside` is where its companion's rule is found.

    Raises `RuleError` for a rule that cannot be used.
    """
    wanted = rule.companion.rule if rule.companion is not None else None
    rules = [rule, *(one for one in beside if one.id == wanted and one.id != rule.id)]
    detector = SecretDetector(rules, adapter=False)
    explained = explain(detector, content, 0, len(content))
    considered = [*_considered(explained, content, detector)]
    taken = [(one.start, one.end) for one in explained.candidates if one.rule == rule.id]
    considered += [
        _refused(rule, one, content)
        for one in refusals(rule, content)
        if not any(start < one.end and one.start < end for start, end in taken)
    ]
    considered += _wrapped(explained, content, detector)
    considered.sort(key=lambda one: (one.line, one.column, one.rule != rule.id))
    return tuple(considered)


def _on_disk(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from None


def _committed(path: Path, revision: str) -> bytes:
    directory = path.parent if path.parent.is_dir() else Path()
    with open_repository(directory) as repository:
        name = _in_repository(path, repository.root)
        for entry in repository.tree_entries(repository.resolve(revision)):
            if entry.path == name:
                data = repository.read_blob(entry.blob)
                if data is None:
                    raise ConfigError(f"{name}: too large to be read, or missing, in {revision}")
                return data
    raise ConfigError(f"{name}: not in {revision}", hint="give the path as it was in that commit")


def _in_repository(path: Path, root: Path | None) -> str:
    if root is None:
        return path.as_posix()
    whole = (Path.cwd() / path).resolve()
    if not whole.is_relative_to(root.resolve()):
        raise ConfigError(f"{path}: not in the repository {root}")
    return whole.relative_to(root.resolve()).as_posix()


def _line_span(content: bytes, line: int, path: Path) -> tuple[int, int]:
    start = 0
    for _ in range(line - 1):
        start = content.find(b"\n", start) + 1
        if start == 0:
            lines = content.count(b"\n") + 1
            raise ConfigError(f"{path}: has no line {line}", hint=f"its last line is {lines}")
    end = content.find(b"\n", start)
    return start, len(content) if end < 0 else end


def _considered(
    explained: Explained, content: bytes, detector: SecretDetector
) -> Iterator[Consideration]:
    """The candidates, and what is reported without being one: by detect-secrets, or as the other
    half of a credential."""
    for judged in explained.candidates:
        yield _consideration(judged, explained, content, detector)
    told = {(one.rule, one.start, one.end) for one in explained.candidates}
    for match in explained.reported:
        if not match.layers and (match.rule, match.start, match.end) not in told:
            yield _stated(match, content, content, match.start, detector, match.evidence)


def _consideration(
    judged: Judged, explained: Explained, content: bytes, detector: SecretDetector
) -> Consideration:
    rule = detector.rules[judged.rule]
    line, column = _position(content, judged.start)
    return Consideration(
        rule=rule.id,
        name=rule.name,
        line=line,
        column=column,
        masked=masked(content[judged.start : judged.end], rule),
        steps=tuple(_steps(judged)),
        outcome=_outcome(judged, explained),
        reported=judged.reported or judged.whole is not None,
    )


def _stated(
    match: Match,
    content: bytes,
    holder: bytes,
    at: int,
    detector: SecretDetector,
    steps: tuple[str, ...],
) -> Consideration:
    """A match that is reported; its span is in `holder`, and it is shown at `content[at]`."""
    rule: SecretRule = detector.rules[match.rule]
    line, column = _position(content, at)
    return Consideration(
        rule=rule.id,
        name=rule.name,
        line=line,
        column=column,
        masked=masked(holder[match.start : match.end], rule),
        steps=steps,
        outcome=f"reported, {match.confidence.value} confidence",
        reported=True,
    )


def _refused(rule: SecretRule, refused: Refused, content: bytes) -> Consideration:
    sides = [
        side
        for side, touches in (("before", refused.before), ("behind", refused.behind))
        if touches
    ]
    line, column = _position(content, refused.start)
    return Consideration(
        rule=rule.id,
        name=rule.name,
        line=line,
        column=column,
        masked=masked(content[refused.start : refused.end], rule),
        steps=(
            "the rule's pattern matches",
            f"boundary: a character of [{rule.boundary}] stands directly {' and '.join(sides)} it",
        ),
        outcome="not reported",
        reported=False,
    )


def _position(content: bytes, at: int) -> tuple[int, int]:
    return content.count(b"\n", 0, at) + 1, at - content.rfind(b"\n", 0, at)


def _steps(judged: Judged) -> Iterator[str]:
    yield f"the rule's pattern matches; by itself that is {judged.base.value} confidence"
    for step in judged.steps:
        move = f" (confidence {step.step:+d})" if step.step else ""
        if step.dropped:
            yield f"{step.check}: {step.reason}: not a secret"
        elif step.reason or step.step:
            yield f"{step.check}: {step.reason or 'passed'}{move}"
        else:
            yield f"{step.check}: passed"


def _outcome(judged: Judged, explained: Explained) -> str:
    if judged.match is None:
        return "not reported"
    if judged.reported:
        match = next(
            one
            for one in explained.reported
            if (one.rule, one.start, one.end) == (judged.rule, judged.start, judged.end)
        )
        return f"reported, {match.confidence.value} confidence"
    other = next(
        (
            one.rule
            for one in explained.reported
            if not one.layers and one.start < judged.end and judged.start < one.end
        ),
        None,
    )
    if judged.whole is not None:
        return f"reported as a part of {judged.whole.rule}, the other half of the credential"
    if other is not None:
        return f"not reported by itself: {other} speaks for the same characters"
    if any(_encoded(judged, one) for one in explained.reported):
        return "not reported by itself: what is encoded here is"
    return "not reported: a more specific rule has shown that this is no secret"


def _encoded(judged: Judged, match: Match) -> bool:
    spans = match.layers[0].spans if match.layers else ()
    return any(start < judged.end and judged.start < end for start, end in spans)


def _wrapped(
    explained: Explained, content: bytes, detector: SecretDetector
) -> Iterator[Consideration]:
    from scanner.detectors.layers import position, unwrap

    for match in explained.reported:
        if match.layers:
            inner = unwrap(content, match.layers)
            at = position(content, match.layers, match.start)
            way = f"unwrapped: {', then '.join(described(layer) for layer in match.layers)}"
            yield _stated(match, content, inner, at, detector, (way, *match.evidence))


def _notes(
    content: bytes,
    span: tuple[int, int],
    explained: Explained,
    config: Config,
    settings: Settings,
) -> Iterator[str]:
    low, high = span
    previous = content[content.rfind(b"\n", 0, max(0, low - 1)) + 1 : max(0, low - 1)]
    for rule in sorted({match.rule for match in explained.reported}):
        ignore = inline_ignore(content[low:high], previous, rule)
        if ignore is not None:
            verb = "hides" if ignore.honoured else "does not hide"
            yield f"an ignore comment {verb} {rule}: {ignore.note}"
        if rule in settings.disable:
            yield f"{rule} is disabled in .agentreach.yml: a scan leaves it out and says so"
    shown = config.min_confidence or settings.min_confidence or Confidence.MEDIUM
    for match in explained.reported:
        if match.confidence.rank < shown.rank:
            yield (
                f"{match.rule} has {match.confidence.value} confidence: a scan counts it and shows "
                f"it with --min-confidence {match.confidence.value}"
            )
    most = config.max_bytes or settings.max_bytes
    if len(content) > most:
        yield f"the file has more than {most} bytes: a scan leaves it out and says so"


def _settings(path: Path) -> Settings:
    """Those of the repository that the file is in, or of its directory where it is in none."""
    directory = path.resolve().parent
    roots = (one for one in (directory, *directory.parents) if (one / ".git").exists())
    return load_settings(next(roots, directory))
