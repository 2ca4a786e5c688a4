"""Comments beside a finding that ask to ignore it."""

import re

import msgspec

# Ours names the rule (or `*`) and must give a reason.
_OWN = re.compile(
    rb"agentreach:\s*ignore(?P<next>-next-line)?"
    rb"\[(?P<rules>[\w*,\- ]{1,200})\](?P<reason>[^\r\n]{0,200})"
)
# Other tools' comments for the line they stand on; each from the tool's own documentation.
_OTHERS_SAME_LINE = re.compile(
    rb"gitleaks:allow|betterleaks:allow|trufflehog:ignore|kingfisher:(?:ignore|allow)"
    rb"|pragma:\s*(?:allow|white)list[ -]secret|\bggignore\b|\bpragma: no-?secrets?\b"
    rb"|secretlint-disable-line"
)
_OTHERS_NEXT_LINE = re.compile(
    rb"pragma:\s*(?:allow|white)list[ -]nextline[ -]secret|secretlint-disable-next-line"
    rb"|kingfisher:(?:ignore|allow)"
)
_REASON = re.compile(rb"[A-Za-z]{2,}")


class InlineIgnore(msgspec.Struct, frozen=True):
    """A comment that asks to ignore a finding."""

    honoured: bool
    note: str
    """Why it counts, or why it does not, in words."""


def inline_ignore(line: bytes, previous: bytes, rule: str) -> InlineIgnore | None:
    """The ignore comment that applies to a finding of `rule` on `line`, if there is one.

    `previous` is the line above. Our own form needs the rule's id (or `*`) and a reason; without a
    reason it is not honoured, and the finding says so.
    """
    for text, wants_next in ((line, False), (previous, True)):
        for match in _OWN.finditer(text):
            if bool(match["next"]) is not wants_next:
                continue
            rules = {name.strip() for name in match["rules"].decode("ascii", "replace").split(",")}
            if rule not in rules and "*" not in rules:
                continue
            if _REASON.search(match["reason"]):
                return InlineIgnore(True, "agentreach comment with a reason")
            return InlineIgnore(False, "an agentreach ignore comment here gives no reason")
    if _OTHERS_SAME_LINE.search(line) or _OTHERS_NEXT_LINE.search(previous):
        return InlineIgnore(True, "another scanner's ignore comment")
    return None
