"""The check of shell commands that Cline 3, Roo Code and early Kilo Code share: by the first word.

Only where the first word of the whole line is one of these commands are its arguments compared with
the ignore file; arguments that begin with `-` or `/` or hold a `:` are skipped. So a pipe, a second
command, a full path, another program or a wrapper is not looked at.
"""

from scanner.reach.matching.gitignore import Hit

COMMANDS = (
    "cat",
    "less",
    "more",
    "head",
    "tail",
    "grep",
    "awk",
    "sed",
    "get-content",
    "gc",
    "type",
    "select-string",
    "sls",
)


def stops(command: str, ignored: str) -> bool:
    """Whether a command that names this ignored path is refused.

    `ignored` is the path relative to the workspace; of other spellings the agents know nothing.
    """
    words = command.split()
    if not words or words[0].lower() not in COMMANDS:
        return False
    arguments = [word for word in words[1:] if not word.startswith(("-", "/")) and ":" not in word]
    return ignored in arguments


def remark(hit: Hit, path: str) -> str:
    """What an ignore file does to commands, for the basis of an answer; "" if it does nothing."""
    if not stops(f"cat {path}", path):
        return ""
    return f"{hit.source} stops cat, grep and their like by a command's first word, nothing else"
