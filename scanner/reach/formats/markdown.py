"""What agents take from an instruction file: imports, the YAML head, what is not loaded.

Code spans and fences follow CommonMark closely enough to tell an import from a mention.
"""

import re
from collections.abc import Iterator

import msgspec

_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})(.*)")
_TICKS = re.compile(r"`+")
_IMPORT = re.compile(r"(?:^|(?<=\s))@((?:[^\s\\]|\\ )+)")
_LARGEST_HEAD = 16_384


class Import(msgspec.Struct, frozen=True):
    """An `@path` mention that is loaded."""

    target: str
    line: int


class Head(msgspec.Struct, frozen=True):
    """The scalar and list-of-text entries of a YAML head. Lists given as one text are split."""

    values: dict[str, tuple[str, ...]]
    true: frozenset[str]
    """Keys whose value is true."""


def imports(text: str, skip: tuple[tuple[int, int], ...] = ()) -> Iterator[Import]:
    """The imports outside code, in order. `skip`: line ranges, both ends included, to leave out."""
    for first, paragraph in _paragraphs(text):
        blanked = _without_code_spans(paragraph)
        for match in _IMPORT.finditer(blanked):
            line = first + blanked.count("\n", 0, match.start())
            if not any(low <= line <= high for low, high in skip):
                yield Import(match.group(1).replace("\\ ", " "), line)


def comment_lines(text: str) -> tuple[tuple[int, int], ...]:
    """The line ranges of block-level HTML comments outside fences."""
    ranges: list[tuple[int, int]] = []
    opened = 0
    for number, line, fenced in _lines(text):
        if opened:
            if "-->" in line:
                ranges.append((opened, number))
                opened = 0
        elif not fenced and line[:7].lstrip(" ").startswith("<!--"):
            if line.rstrip().endswith("-->"):
                ranges.append((number, number))
            elif "-->" not in line:
                opened = number
    return tuple(ranges)


def head(text: str) -> Head | None:
    """The YAML head between `---` lines at the start, or None."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    if not text.startswith("---\n"):
        return None
    end = text.find("\n---", 3)
    if end < 0 or end > _LARGEST_HEAD:
        return None
    block = text[4:end]
    values = _load(block)
    values = _relaxed(block) if values is None else values
    return Head(values, _truths(values))


def _load(block: str) -> dict[str, tuple[str, ...]] | None:
    import yaml

    try:
        raw = yaml.safe_load(block)
    except (yaml.YAMLError, RecursionError, ValueError):
        return None
    if not isinstance(raw, dict):
        return None
    return {str(key): _texts(value) for key, value in raw.items()}


def _relaxed(block: str) -> dict[str, tuple[str, ...]]:
    """`key: value` lines as they stand: agents accept unquoted globs, which are no valid YAML."""
    found: dict[str, tuple[str, ...]] = {}
    for line in block.split("\n"):
        key, colon, value = line.partition(":")
        if colon and re.fullmatch(r"[A-Za-z][A-Za-z0-9_-]*", key):
            found[key] = _texts(value.strip().strip("\"'"))
    return found


def _texts(value: object) -> tuple[str, ...]:
    if isinstance(value, list):
        return tuple(str(item) for item in value if isinstance(item, str | int))
    if isinstance(value, bool):
        return ("true",) if value else ("false",)
    if value is None:
        return ()
    return tuple(part.strip().strip("\"'") for part in str(value).split(",") if part.strip())


def _truths(values: dict[str, tuple[str, ...]]) -> frozenset[str]:
    return frozenset(key for key, texts in values.items() if texts == ("true",))


def _lines(text: str) -> Iterator[tuple[int, str, bool]]:
    """Every line with its number and whether it belongs to a fenced code block."""
    fence = ""
    for number, line in enumerate(text.split("\n"), 1):
        match = _FENCE.match(line)
        if fence:
            closes = match is not None and not match.group(2).strip()
            yield number, line, True
            if match and closes and match.group(1).startswith(fence):
                fence = ""
        elif match and not (match.group(1)[0] == "`" and "`" in match.group(2)):
            fence = match.group(1)
            yield number, line, True
        else:
            yield number, line, False


def _paragraphs(text: str) -> Iterator[tuple[int, str]]:
    """Runs of lines outside fences and between blank lines, with the number of the first."""
    first, lines = 0, list[str]()
    for number, line, fenced in _lines(text):
        if fenced or not line.strip():
            if lines:
                yield first, "\n".join(lines)
            lines = []
            continue
        first = first if lines else number
        lines.append(line)
    if lines:
        yield first, "\n".join(lines)


def _without_code_spans(paragraph: str) -> str:
    """Code spans blanked out: a run of backticks up to the next run of the same length."""
    runs = [(match.start(), match.end()) for match in _TICKS.finditer(paragraph)]
    closers: dict[int, list[int]] = {}
    for index, (start, end) in enumerate(runs):
        closers.setdefault(end - start, []).append(index)
    out: list[str] = []
    at = index = 0
    while index < len(runs):
        start, end = runs[index]
        same = closers[end - start]
        while same and same[0] <= index:
            same.pop(0)
        if not same:
            index += 1
            continue
        close = runs[same[0]][1]
        out.append(paragraph[at:start])
        out.append(re.sub(r"[^\n]", " ", paragraph[start:close]))
        at = close
        index = same[0] + 1
    out.append(paragraph[at:])
    return "".join(out)
