"""Values without a format of their own: what follows a name like `password`, and URLs' passwords.

Here precision is everything: most of what a program calls a token is a word, a path, a call or a
reference. A value is reported only if it looks drawn at random, and a generic match never has more
than medium confidence unless its entropy says so.
"""

import re
from typing import Final

from scanner.detectors import placeholder, randomness
from scanner.detectors.candidate import Candidate
from scanner.detectors.verdict import KEEP, Verdict, drop

_LEAST_LENGTH: Final = 10
_LONGEST_LINE: Final = 2000

_UUID: Final = re.compile(rb"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_NUMBER: Final = re.compile(rb"[0-9][0-9.,:_/+-]*(?:[a-z]{1,3}|[eE][+-]?[0-9]+)?")
_VERSION: Final = re.compile(rb"[v^~=<>]{0,3}\d+\.\d+[\w.+~^-]*|[\w.-]+-\d+\.\d+(?:\.\d+)*[\w.+-]*")
_DATE: Final = re.compile(rb"\d{4}-\d{2}-\d{2}|\d{2}:\d{2}:\d{2}")
_PATH: Final = re.compile(
    rb"^(?:[a-z][a-z0-9+.-]{1,20}:/|\.{0,2}/|~/|[A-Za-z]:\\|@?[\w.-]+/[\w.@-]+/|[\w-]+(?:\.[\w-]+)*@)"
    rb"|\.(?:pem|key|crt|json|ya?ml|js|ts|tsx|py|rb|go|java|php|md|txt|html?|png|svg|com|org|net|io|dev)\b",
    re.IGNORECASE,
)
_DIGEST_PREFIX: Final = re.compile(
    rb"^(?:sha(?:1|224|256|384|512)|md5|h1)[-:=]|^\$(?:2[aby]?|5|6|1|y|apr1|argon2\w{1,2}|pbkdf2[\w-]*)\$"
    rb"|^(?:pbkdf2|bcrypt|argon2|scrypt)[_$:]|^\{[A-Z0-9-]{3,20}\}",
    re.IGNORECASE,
)
_CODE: Final = re.compile(
    rb"[(){}\[\]<>|;\\]|\?\.|=>|:=|\w\.\w+\.\w|,\w|^[&*!@#]\w+$|^[A-Za-z_]+\.[A-Za-z_]"
)

# A name that says that the value is not the secret itself.
_INNOCENT_NAME: Final = re.compile(
    rb"(?:hash|digest|checksum|sha\d*|md5|etag|fingerprint|commit|revision|public|pub_?key|cache"
    rb"|nonce|placeholder|id(?:_?base64)?|name|url|uri|path|file|field|param|type|kind|label|prefix|suffix|regex"
    rb"|pattern|header|length|size|count|limit|expir\w{0,8}|ttl|version|ref|arn|tokenizer|method"
    rb"|endpoint|host|policy|strength|reset|forgot|usage|budget|max_?tokens|address|cursor"
    rb"|continuation|page_?token|next_?token|sync_?token|integrity(?:_?token)?|index|title|text"
    rb"|message|description|help|hint|error|idempotency_?\w{0,8}|partition_?key|shortcut)$"
    rb"|public|example|sample|dummy|fake|mock|expected|invalid|wrong|encrypted|csrf|xsrf",
    re.IGNORECASE,
)
_IDENTIFIER: Final = re.compile(
    rb"([A-Za-z0-9_.-]{1,120})[\"'\]\s]{0,10}(?:=>|:=|=|:)[ \t]{0,8}[\"'`]?$"
)
_PASSWORD_NAME: Final = re.compile(rb"pass|pwd", re.IGNORECASE)
_WELL_KNOWN: Final = frozenset(
    (
        b"password", b"passw0rd", b"p4ssw0rd", b"pa55word", b"secret", b"hunter2", b"admin",
        b"root", b"test", b"token", b"changeme", b"letmein", b"welcome", b"default", b"guest",
        b"user", b"pass", b"pwd", b"postgres", b"mysql", b"mongo", b"redis", b"rabbitmq", b"s3cr3t",
        b"s3cret", b"abc123", b"qwerty", b"foobar", b"foo", b"bar", b"baz", b"sekret", b"sekrit",
        b"bob", b"alice", b"derek", b"toto", b"demo", b"dev", b"local", b"mypass", b"mysecret",
        b"super", b"minio", b"minioadmin", b"docker", b"vagrant", b"travis", b"apikey", b"key",
        b"my", b"the", b"this", b"api", b"auth", b"some", b"any", b"new", b"old", b"value", b"long",
        b"client", b"server", b"private", b"access", b"refresh", b"bearer", b"string", b"random",
        b"mytoken", b"mypassword", b"testing", b"tester", b"valid", b"sys", b"app", b"web", b"db",
    )
)  # fmt: skip

_LEET: Final = bytes.maketrans(b"0134578@$!", b"oieastbasi")
# Keys that their providers mean to be published with a page or an app.
_PUBLISHED: Final = re.compile(rb"^(?:phc_|pk_live_|pk_test_|pk\.ey|pub[-_]|public)", re.IGNORECASE)

# A line that is nothing but NAME=VALUE or `name: value`, as in dotenv, INI and YAML files.
_CONFIG_LINE: Final = re.compile(
    rb"^[\s>-]{0,40}(?:export\s+|set\s+|ENV\s+|ARG\s+|-e\s+)?[\w.-]{2,80}(?:=|:[ \t]+|[ \t]=[ \t])$"
)
_CONFIG_REST: Final = re.compile(rb"^\s*(?:[#;].*|\\)?$")
_QUOTES: Final = b"\"'`"
_COMMENT: Final = re.compile(rb"\s*(?:#|//|\*|--|;|<!--|%)")
_EXAMPLE: Final = re.compile(rb"(?i)\b(?:examples?|e\.g\.|sample|for instance)\b")


def judge_named_value(candidate: Candidate) -> Verdict:
    """`name = value`: is the value a secret?"""
    value = candidate.secret
    if not candidate.line_complete or len(candidate.data) > 2 * _LONGEST_LINE + len(value):
        return drop("on a very long line")
    if _INNOCENT_NAME.search(_name(candidate)):
        return drop("the name says it is no secret")
    quoted = candidate.lead[-1:] in _QUOTES and bool(candidate.lead)
    if quoted and not candidate.after.startswith(candidate.lead[-1:]):
        return drop("only the start of a longer text")
    if not quoted and not _is_config_line(candidate):
        return drop("an expression, not a literal")
    reason = _unlike_a_secret(value, quoted=quoted)
    if reason is not None:
        return drop(reason)
    verdict = _by_randomness(value, password=bool(_PASSWORD_NAME.search(candidate.lead)))
    if not verdict.drop and _EXAMPLE.search(candidate.before):
        return Verdict("its line calls it an example", step=verdict.step - 1)
    if not verdict.drop and _COMMENT.match(candidate.before):
        return Verdict("in a comment", step=verdict.step - 1)
    return verdict


def judge_url_password(candidate: Candidate) -> Verdict:
    """The password of `scheme://user:password@host` or of a connection string."""
    value = candidate.secret
    reason = placeholder.reference(value) or _trivial(value) or _formatted(value)
    if reason is not None:
        return drop(reason)
    user = re.search(rb"([\w.%-]{1,64})[:=/]$", candidate.lead)
    if user is not None and user[1].lower() == value.lower():
        return drop("the same as the user's name")
    host = re.match(rb"[@]?(?:\[[0-9a-f:]+\]|[\w.-]+)", candidate.after)
    if host is not None and _is_documentation_host(host[0].lstrip(b"@")):
        return drop("for a host that only stands for one")
    if not randomness.is_random(value):
        if value.replace(b"_", b"").replace(b"-", b"").isalpha() and not _has_both_cases(value):
            return Verdict("an easily guessed password", step=-2)
        return Verdict("a chosen password", step=-1)
    return KEEP


def _formatted(value: bytes) -> str | None:
    """A hole that a program fills in, or a word for what would stand there."""
    if re.search(rb"[{}<>|]|%[a-z]|^[$%:]|^[A-Z][A-Z_]+$", value):
        return "filled in by a program"
    if re.search(rb"pass|token|secret|wrong|invalid|cred|\bpw[d]?\b|key", value.lower()):
        return "names a secret instead of being one"
    return None


def _has_both_cases(value: bytes) -> bool:
    return value.lower() != value and value.upper() != value


def _is_documentation_host(host: bytes) -> bool:
    """RFC 2606's names, and what tests and manuals call a host."""
    name = host.lower().rstrip(b".")
    if re.search(rb"(?:^|\.)(?:example|invalid|test|localhost)(?:\.(?:com|org|net|edu))?$", name):
        return True
    return name in {b"host", b"hostname", b"server", b"domain", b"domain.com"}


def _name(candidate: Candidate) -> bytes:
    """The whole identifier the value is given to; the rule's match may start in its middle."""
    found = _IDENTIFIER.search(candidate.before)
    return found[1] if found else candidate.lead


def _is_config_line(candidate: Candidate) -> bool:
    if not _CONFIG_LINE.match(candidate.before):
        return False
    if not _CONFIG_REST.match(candidate.after):
        return False
    name = candidate.before.strip().rstrip(b"=: \t")
    spaced = candidate.before.endswith((b" = ", b"\t=\t"))
    return not spaced or name.isupper() or b"." in name or b"-" in name or name.islower()


def _unlike_a_secret(value: bytes, *, quoted: bool) -> str | None:
    """Why a value is something else: a reference, a number, a path, a digest, code."""
    if len(value) < _LEAST_LENGTH:
        return "short"
    reason = placeholder.reference(value) or placeholder.stand_in(value) or _trivial(value)
    if reason is not None:
        return reason
    for pattern, what in (
        (_UUID, "a UUID"),
        (_NUMBER, "a number"),
        (_VERSION, "a version"),
    ):
        if pattern.fullmatch(value):
            return what
    if _PUBLISHED.search(value):
        return "a key meant to be public"
    if _DIGEST_PREFIX.search(value):
        return "a digest"
    if _DATE.search(value):
        return "a date"
    if _PATH.search(value):
        return "a path, an address or a file name"
    code = _CODE.search(value)
    if code is not None and (not quoted or not randomness.is_random(value)):
        return "code"
    return None


def _trivial(value: bytes) -> str | None:
    """A password that everyone uses, with the usual decoration."""
    lower = value.lower()
    plain = lower.translate(_LEET)
    if re.search(
        rb"passw|secret|letmein|qwert|xyz\d{3}|abc\d{3}|test|example", plain + b" " + lower
    ):
        return "spells a word"
    core = lower.strip(b"0123456789!@#$%^&*-_.?")
    if lower in _WELL_KNOWN or core in _WELL_KNOWN or not core:
        return "a well-known password"
    words = [word for word in re.split(rb"[^a-z]+", lower) if word]
    if words and all(word in _WELL_KNOWN for word in words):
        return "made of well-known words"
    return None


def _by_randomness(value: bytes, *, password: bool) -> Verdict:
    if not randomness.is_random(value):
        if password and _has_all_kinds(value):
            return Verdict("a chosen password", step=-1)
        return drop("made of words")
    if randomness.hides_words(value):
        return drop("words in base64")
    bits = randomness.shannon(value)
    if bits < 2.8:
        return drop("too regular for a random value")
    if randomness.is_hex(value):
        # What git and SHA-256 make; a digest of another length is rare beside such a name.
        if len(value) in {40, 64}:
            return Verdict("hex digits, perhaps a digest", step=-1)
        return Verdict("random hex digits")
    if bits >= 4.0 and len(value) >= 24:
        return Verdict("high entropy", step=1)
    return KEEP


def _has_all_kinds(value: bytes) -> bool:
    return (
        len(value) >= 12
        and _has_both_cases(value)
        and re.search(rb"[^A-Za-z0-9_-]", value) is not None
    )
