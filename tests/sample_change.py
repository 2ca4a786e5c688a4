"""Commits to attribute, built without git."""

from scanner.model import Change, Identity, Signature, Where

ADA = Identity("Ada Lovelace", "ada@example.org")
CLAUDE = Identity("Claude", "noreply@anthropic.com")
CLAUDE_TRAILER = "Co-authored-by: Claude <noreply@anthropic.com>"
CLAUDE_KEY = "SHA256:32dP45eSMmVSt/G/CGvcxl/P+MO3Nwj9xeTh/GSA2wc"
MARCH = 1_772_323_200  # 2026-03-01


def change(
    message: str = "Round fees",
    author: Identity = ADA,
    committer: Identity | None = None,
    *,
    parents: int = 1,
    key: str | None = None,
    time: int = MARCH,
    ref: str | None = None,
    written: int | None = None,
) -> Change:
    """One commit; `written` is the author's time where it is not the committer's."""
    return Change(
        where=Where.COMMIT,
        commit="c" * 40,
        parents=tuple(str(number) * 40 for number in range(parents)),
        author=author,
        author_time=time if written is None else written,
        committer=committer or author,
        committer_time=time,
        message=message,
        paths=(),
        ref=ref,
        signature=Signature("ssh", key) if key else None,
    )
