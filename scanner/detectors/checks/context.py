"""What the text around a value says about it."""

import re
from typing import Final

from scanner.detectors import generic_value
from scanner.detectors.candidate import Candidate
from scanner.detectors.verdict import KEEP, Verdict, drop

_CONNECTION_KEY: Final = re.compile(
    rb"(?:server|data source|host|addr|address|endpoint|user id|uid|username|user) ?= ?[^;\s]",
    re.IGNORECASE,
)


def url_password(candidate: Candidate, argument: str) -> Verdict:
    """The password in a URL or connection string is a real-looking one, for a real host."""
    del argument
    return generic_value.judge_url_password(candidate)


def connection_string(candidate: Candidate, argument: str) -> Verdict:
    """The line also names a server or a user, as an ADO.NET connection string does."""
    del argument
    if _CONNECTION_KEY.search(candidate.before) or _CONNECTION_KEY.search(candidate.after):
        return KEEP
    return drop("no connection string around it")


def named_value(candidate: Candidate, argument: str) -> Verdict:
    """The value of a `name = value` line looks like a secret, and its name like a secret's."""
    del argument
    return generic_value.judge_named_value(candidate)
