"""What a program that an agent may start unasked can do: print a file, or run anything at all.

For allow rules that name commands. The sets are ours and not complete: a program that is missing
here is taken for one of unknown reach, never for a harmless one.
"""

READERS = frozenset(
    {
        "ag",
        "awk",
        "base64",
        "bat",
        "cat",
        "cut",
        "diff",
        "egrep",
        "fgrep",
        "findstr",
        "gawk",
        "gc",
        "get-content",
        "grep",
        "head",
        "hexdump",
        "less",
        "more",
        "nl",
        "od",
        "rev",
        "rg",
        "sed",
        "sort",
        "strings",
        "tac",
        "tail",
        "tr",
        "type",
        "uniq",
        "xxd",
    }
)
"""Programs that print what stands in a file they are given."""
RUNNERS = frozenset(
    {
        "bash",
        "bun",
        "bunx",
        "cmd",
        "dash",
        "deno",
        "env",
        "eval",
        "exec",
        "fish",
        "invoke-expression",
        "ksh",
        "node",
        "nohup",
        "npx",
        "osascript",
        "perl",
        "php",
        "powershell",
        "pwsh",
        "python",
        "python2",
        "python3",
        "ruby",
        "sh",
        "sudo",
        "uvx",
        "xargs",
        "zsh",
    }
)
"""Programs that run any other program or code they are given."""


def program_of(command: str) -> str:
    """The program that a command line starts with, in lower case and without its directory."""
    words = command.split(None, 1)
    word = words[0].strip("\"'").replace("\\", "/").rpartition("/")[2].lower() if words else ""
    return word.removesuffix(".exe")
