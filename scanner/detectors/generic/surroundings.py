"""What the text around a candidate is: a table of UI texts, a program, a configuration."""

import re
from typing import Final

_PAIR: Final = re.compile(
    rb"""^[ \t]*(?:(?:"[^"\n]{1,120}"|'[^'\n]{1,120}'|[\w.-]{1,80})[ \t]*(?:[:=]|=>)[ \t]*"""
    rb"""|<[\w-]+[^>\n]{0,80}>)["']?([^\n<]{1,200})""",
    re.MULTILINE,
)
_TEXT: Final = re.compile(
    rb"[A-Za-z]{2,}[,.!?:]? [A-Za-z]{1,}|[\xc3-\xf4][\x80-\xbf]|\\u[0-9a-f]{4}|&[a-z]{4,6};"
)
_LEAST_TEXTS: Final = 3
_SHARE_OF_TEXTS: Final = 0.4

_CODE_LINE: Final = re.compile(
    rb"^[ \t]*(?:(?:def|class|import|from|return|if|else|elif|for|while|func|function|var|let"
    rb"|const|public|private|protected|static|package|using|try|catch|end|begin|require|include|fn"
    rb"|impl|pub|struct|type|interface|raise|throw|self\.|this\.|assert\w*)\b|[\w.>-]+\([^)\n]*\)|[{}]|\);?|\}\);?|@\w+|\*/).*$"
    rb"|^[^\n#=]*[;{}][ \t]*$",
    re.MULTILINE,
)
_CONFIG_LINE: Final = re.compile(
    rb"^[ \t]*(?:-[ \t]+)?[\w./-]{1,80}[ \t]*(?::(?:[ \t]+[^({\n]*)?|=[^=({\n]*)$|^[ \t]*[#;].*$"
    rb"|^\[[^\]\n]+\]$|^[ \t]*$",
    re.MULTILINE,
)
_COMMENT: Final = re.compile(
    rb"[ \t]*(?:#|//|/?\*|--[ \t]|;|<!--|%|rem[ \t]|\.\.[ \t])", re.IGNORECASE
)
_EXAMPLE: Final = re.compile(rb"(?i)\b(?:examples?|e\.g\.|sample|for instance|such as|like so)\b")
_TO_REPLACE: Final = re.compile(
    rb"(?i)[ \t](?:#|//|--|;|<!--|/\*)[ \t]*(?:please )?(?:replace|change|update|set|use|put"
    rb"|insert|fill in|enter) (?:it|this|me|with|by|to|in|your|an?|the)\b"
)
_FAIL: Final = re.compile(rb"\bfail(?:s|ure)?[\"']?[ \t]{0,4}(?:[:=]|=>)")


def is_table_of_texts(data: bytes) -> bool:
    """Whether the pairs of name and value around are mostly texts that people read: a file of
    messages in one language, a form's labels."""
    values = _PAIR.findall(data)
    texts = sum(1 for value in values if _TEXT.search(value))
    return texts >= _LEAST_TEXTS and texts >= _SHARE_OF_TEXTS * len(values)


def is_code(data: bytes) -> bool:
    """Whether more of the lines around are statements of a program than settings."""
    return len(_CODE_LINE.findall(data)) > len(_CONFIG_LINE.findall(data))


def in_comment(before: bytes) -> bool:
    """Whether a line starts as comments do in one of the usual languages."""
    return _COMMENT.match(before) is not None


def is_example(before: bytes, after: bytes) -> bool:
    """Whether a line says that it shows an example, or a comment behind the value that the reader
    must put another in its place."""
    return _EXAMPLE.search(before) is not None or _TO_REPLACE.search(after) is not None


def is_pass(name: bytes) -> bool:
    """Whether a name may be the opposite of a `fail`, and no password's."""
    return name.lower() in (b"pass", b"passes")


def has_fail(data: bytes) -> bool:
    """Whether a `fail` stands around."""
    return _FAIL.search(data) is not None
