"""Ids that decode: to an account, a bot, or a time."""

import base64
import re
import time
from typing import Final

from scanner.detectors.candidate import Candidate
from scanner.detectors.checks._decoding import base64_bytes
from scanner.detectors.verdict import KEEP, Verdict, drop

_AWS_PREFIX: Final = 4
_AWS_NEW: Final = 0x800000000000
_AWS_ACCOUNT: Final = 0x7FFFFFFFFF80
_AWS_MOST: Final = 999_999_999_999
_DISCORD_EPOCH: Final = 1_420_070_400_000
_SNOWFLAKE: Final = re.compile(rb"[1-9]\d{16,19}")
_SIGNED_UNTIL: Final = re.compile(rb"[?&]se=(20\d\d)-(\d\d)-(\d\d)")


def aws_account(candidate: Candidate, argument: str) -> Verdict:
    """Reads the account that an AWS access key id belongs to out of the id itself.

    Ids made since 2019 set the first bit of the base-32 value behind the prefix and hold the
    account in the 40 behind it (observed and published by security researchers; AWS confirms the
    mapping by `sts get-access-key-info`). No account has more than twelve digits.
    """
    del argument
    try:
        decoded = base64.b32decode(candidate.secret[_AWS_PREFIX:].upper())
    except ValueError:
        return drop("not base 32")
    number = int.from_bytes(decoded[:6], "big")
    if not number & _AWS_NEW:
        return Verdict("an id from before 2019")
    account = (number & _AWS_ACCOUNT) >> 7
    if account > _AWS_MOST:
        return drop("belongs to no possible AWS account")
    return Verdict(f"belongs to the AWS account that ends in {account % 10_000:04d}")


def discord_token(candidate: Candidate, argument: str) -> Verdict:
    """The first part is Base64 of the bot's id, which holds the time it was made.

    The id is documented (https://discord.com/developers/docs/reference#snowflakes), its place in
    the token observed.
    """
    del argument
    first = base64_bytes(candidate.secret.split(b".")[0]) or b""
    if not _SNOWFLAKE.fullmatch(first):
        return Verdict("its first part is no id", step=-1)
    made = ((int(first) >> 22) + _DISCORD_EPOCH) / 1000
    if made > time.time() + 86_400:
        return Verdict("its first part is an id from the future", step=-1)
    return Verdict(f"a bot of {time.strftime('%Y', time.gmtime(made))}", step=1)


def signed_until(candidate: Candidate, argument: str) -> Verdict:
    """The end of an Azure shared access signature, from the `se` beside it.

    Source: https://learn.microsoft.com/en-us/rest/api/storageservices/create-service-sas
    """
    del argument
    around = candidate.lead + b"&" + candidate.after[:400]
    found = _SIGNED_UNTIL.search(around.replace(b"%3A", b":"))
    if found is None:
        return KEEP
    day = b"-".join(found.groups()).decode()
    if day < time.strftime("%Y-%m-%d", time.gmtime()):
        return Verdict(f"expired on {day}", step=-1)
    return Verdict(f"valid until {day}")


def canonical_base64(candidate: Candidate, argument: str) -> Verdict:
    """Base64 that some encoder wrote: the unused bits of its last character are zero.

    The argument is the number of bytes that must come out. A value chosen at random from the
    alphabet fails this for three of four or fifteen of sixteen (RFC 4648, section 3.5).
    """
    decoded = base64_bytes(candidate.secret)
    if decoded is None or (argument.isdigit() and len(decoded) != int(argument)):
        return drop("no base64 of the right length")
    text = candidate.secret.rstrip(b"=").replace(b"-", b"+").replace(b"_", b"/")
    if base64.b64encode(decoded).rstrip(b"=") != text:
        return Verdict("no encoder writes this base64", step=-1)
    return KEEP
