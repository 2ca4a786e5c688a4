"""Patterns as the Rust crate `globset` reads them with its defaults, matched in bounded time.

With those defaults `*`, `?` and `[...]` match `/` too (docs.rs/globset, `literal_separator`).
`**/` at the start, `/**/` and `/**` at the end stand for directories; `{a,b}` for alternatives.
Used where an agent builds its globs with `Glob::new`, as Amazon Q Developer CLI does.
"""

from itertools import pairwise, product

import msgspec

from scanner.reach.matching.glob import Glob, parse_segment, segment_matches

MOST_FORMS = 256
"""Spelled-out forms of one pattern; a pattern that needs more is not evaluated."""
_LONGEST = 512


class GlobSet(msgspec.Struct, frozen=True):
    """One pattern, spelled out into forms without alternatives and `**`."""

    forms: tuple[Glob, ...]

    def matches(self, text: str) -> bool:
        """Whether the pattern matches the whole text."""
        return any(segment_matches(form, text) for form in self.forms)


def compile_glob(pattern: str) -> GlobSet | None:
    """None for a pattern that `globset` refuses or that is too large to evaluate."""
    if len(pattern) > _LONGEST:
        return None
    alternatives = _alternatives(pattern)
    if alternatives is None:
        return None
    forms: list[Glob] = []
    for alternative in alternatives:
        spelled = _without_double_stars(alternative)
        if spelled is None or len(forms) + len(spelled) > MOST_FORMS:
            return None
        for text in spelled:
            form = parse_segment(text)
            if form is None:
                return None
            forms.append(form)
    return GlobSet(tuple(forms))


def _alternatives(pattern: str) -> list[str] | None:
    """`a{b,c}d` as `abd` and `acd`; None where braces do not pair or there are too many."""
    start = _find(pattern, 0, "{")
    if start is None:
        return None if _find(pattern, 0, "}") is not None else [pattern]
    cuts, depth, at = [start], 0, start
    while True:
        found = _find(pattern, at, "{},")
        if found is None:
            return None
        char = pattern[found]
        depth += {"{": 1, "}": -1}.get(char, 0)
        if depth < 0:
            return None
        if depth == 0 or (char == "," and depth == 1):
            cuts.append(found)
        if depth == 0:
            break
        at = found + 1
    rests = _alternatives(pattern[cuts[-1] + 1 :])
    if rests is None:
        return None
    results: list[str] = []
    for low, high in pairwise(cuts):
        inner = _alternatives(pattern[low + 1 : high])
        if inner is None or len(results) + len(inner) * len(rests) > MOST_FORMS:
            return None
        results += [pattern[:start] + middle + rest for middle in inner for rest in rests]
    return results


def _find(pattern: str, at: int, chars: str) -> int | None:
    """The next of some characters that no backslash protects and no bracket encloses."""
    while at < len(pattern):
        char = pattern[at]
        if char == "\\":
            at += 2
            continue
        if char == "[":
            end = pattern.find("]", at + 2)
            at = end + 1 if end > 0 else len(pattern)
            continue
        if char in chars:
            return at
        at += 1
    return None


def _without_double_stars(pattern: str) -> list[str] | None:
    """Each `**` component once as nothing and once as any directories."""
    parts = pattern.split("/")
    count = sum(part == "**" for part in parts)
    if count > 6:
        return None
    if pattern == "**":
        return ["*"]
    forms: list[str] = []
    for choice in product((False, True), repeat=count):
        spelled = _spell(parts, choice)
        if spelled is not None:
            forms.append(spelled)
    return forms


def _spell(parts: list[str], choice: tuple[bool, ...]) -> str | None:
    """One form: a `**` that is chosen becomes `*`, one that is not disappears with its slash."""
    kept: list[str] = []
    choices = iter(choice)
    last = len(parts) - 1
    for index, part in enumerate(parts):
        if part != "**":
            kept.append(part)
            continue
        chosen = next(choices)
        if index == last:
            if not chosen:
                return None  # `a/**` is what lies inside a, never a itself
            kept.append("*")
        elif chosen:
            kept.append("*")
    return "/".join(kept)
