"""What the name beside a value says: is the value a credential, and of which kind?"""

import re
from enum import Enum
from typing import Final

_PIECE: Final = re.compile(rb"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[0-9]+")
_TRANSLATION: Final = re.compile(rb"i18n|l10n|^(?:messages?|labels?|lang|locale)\.", re.IGNORECASE)
_LONGEST_NAME: Final = 160


class NameKind(Enum):
    """What a name claims its value to be."""

    PASSWORD = "password"  # noqa: S105 - a person may have chosen it, so words and short values count
    SECRET = "secret"  # noqa: S105 - made by a program or a person
    TOKEN = "token"  # noqa: S105 - made by a program; also what parsers and pagers call their items
    KEY = "key"  # a key of a service; made by a program
    PLAIN_KEY = "plain key"  # `key`: also what maps have
    NONE = "none"


_PASSWORD_PIECES: Final = frozenset(
    (
        b"password", b"passwd", b"passphrase", b"passcode", b"pwd", b"pass", b"passwort",
        b"userpass", b"dbpass", b"userpassword", b"dbpassword", b"dbpasswd", b"dbpwd", b"pswd",
        b"keypass", b"storepass", b"passw", b"psw", b"mypassword", b"rootpassword", b"bindpw",
        b"adminpassword", b"pgpassword", b"pass1", b"pass2", b"requirepass", b"masterauth",
        b"sshpass", b"passin", b"passout", b"rootpw", b"identified", b"passwords", b"motdepasse",
        b"userpw", b"authpass", b"rediscli",
    )
)  # fmt: skip
_SECRET_PIECES: Final = frozenset(
    (b"secret", b"secrets", b"credential", b"credentials", b"clientsecret", b"appsecret", b"creds")
)
_TOKEN_PIECES: Final = frozenset(
    (b"token", b"tokens", b"authtoken", b"accesstoken", b"apitoken", b"bearer", b"authorization",
     b"usertoken", b"refreshtoken", b"auth", b"jwt")
)  # fmt: skip
_KEY_PIECES: Final = frozenset(
    (b"apikey", b"accesskey", b"authkey", b"secretkey", b"privatekey", b"apikeys", b"appkey")
)
_KEY_QUALIFIERS: Final = frozenset(
    (
        b"api", b"access", b"auth", b"private", b"signing", b"encryption", b"master", b"account",
        b"service", b"subscription", b"secret", b"shared", b"client", b"app", b"application",
        b"session", b"license", b"aes", b"hmac", b"crypto", b"cipher", b"des", b"encrypt",
        b"decryption", b"symmetric", b"sign", b"token", b"jwt", b"storage", b"admin", b"write",
        b"ingest", b"integration", b"server", b"rsa", b"validation", b"machine", b"consumer",
        b"maps", b"customer", b"unlock", b"nwk", b"password", b"crypt", b"user", b"deploy",
        b"ssh", b"root", b"aws", b"enc",
    )
)  # fmt: skip

# As the last piece of a name: the value describes the secret, or leads to it.
_DESCRIBING_LAST: Final = frozenset(
    (
        b"hash", b"hashed", b"digest", b"checksum", b"sha", b"md", b"etag", b"fingerprint",
        b"commit", b"revision", b"cache", b"id", b"ids", b"name", b"names", b"url", b"urls",
        b"uri", b"path", b"file", b"filename", b"field", b"fields", b"param", b"parameter",
        b"params", b"type", b"types", b"kind", b"label", b"labels", b"prefix", b"suffix", b"regex",
        b"regexp", b"pattern", b"header", b"headers", b"length", b"len", b"size", b"count",
        b"limit", b"expiry", b"expires", b"expiration", b"expire", b"ttl", b"version", b"ref",
        b"refs", b"arn", b"method", b"methods", b"endpoint", b"host", b"policy", b"strength",
        b"reset", b"forgot", b"usage", b"budget", b"address", b"cursor", b"integrity", b"index",
        b"title", b"text", b"message", b"msg", b"description", b"desc", b"help", b"hint", b"error",
        b"errors", b"idempotency", b"partition", b"shortcut", b"property", b"prop", b"attribute",
        b"attr", b"env", b"var", b"variable", b"column", b"col", b"format", b"encoding",
        b"algorithm", b"alg", b"class", b"placeholder", b"selector", b"input", b"page", b"route",
        b"link", b"template", b"location", b"dir", b"directory", b"mode", b"scheme", b"style",
        b"status", b"state", b"provider", b"manager", b"store", b"storage", b"backend", b"group",
        b"role", b"scope", b"scopes", b"option", b"options", b"enabled", b"required", b"date",
        b"time", b"timeout", b"age", b"at", b"created", b"changed", b"updated", b"prompt", b"rule",
        b"rules", b"validator", b"pk", b"tag", b"locator", b"xpath", b"css", b"icon", b"button",
        b"key", b"issuer", b"audience", b"subject", b"request", b"response", b"action", b"event",
        b"config", b"settings", b"plugin", b"module", b"bytes", b"strategy", b"context", b"domain",
        b"realm", b"charset", b"hasher", b"encoder", b"crypto", b"source", b"target", b"mask",
        b"parser", b"handler", b"service", b"suite", b"keyword", b"keywords", b"color", b"tooltip",
        b"caption", b"heading", b"validation", b"resolver", b"generator", b"factory", b"section",
        b"uuid", b"guid", b"position", b"rotation", b"change", b"changes", b"recovery", b"sent",
        b"warning", b"info", b"uid", b"namespace", b"confirm", b"bcrypt", b"crypt", b"spec",
        b"argon", b"characters", b"chars", b"alphabet",
    )
)  # fmt: skip
# Anywhere in a name.
_DESCRIBING: Final = frozenset(
    (
        b"public", b"csrf", b"xsrf", b"encrypted", b"hashed", b"pagination", b"continuation",
        b"placeholder", b"checksum", b"fingerprint", b"idempotency", b"sri", b"nonce", b"etag",
        b"antiforgery", b"requestverification", b"tokenizer", b"verification", b"pubkey",
        b"hash", b"digest", b"authenticity", b"salt", b"bypass",
    )
)  # fmt: skip
_PAGING: Final = frozenset(
    (b"next", b"page", b"sync", b"previous", b"prev", b"lock", b"start", b"starting", b"end",
     b"continue", b"delta", b"update", b"creation", b"upload", b"max", b"min",
     b"client_request", b"eof", b"special", b"pad", b"bos",
     b"eos", b"unk", b"mask", b"cls", b"sep", b"change", b"request", b"line", b"current", b"import",
     b"import_", b"resume", b"cancel", b"cancellation", b"paging", b"sample")
)  # fmt: skip
_STAND_IN: Final = frozenset(
    (b"example", b"sample", b"dummy", b"fake", b"mock", b"expected", b"invalid", b"wrong", b"bad",
     b"incorrect", b"unknown", b"nonexistent", b"bogus")
)  # fmt: skip
_NEUTRAL_LAST: Final = frozenset(
    (b"value", b"default", b"string", b"str", b"plain", b"plaintext", b"base", b"raw", b"data",
     b"equals", b"equal", b"to", b"literal", b"content", b"b", b"base64", b"hex", b"is", b"set",
     b"v", b"test", b"new", b"old", b"current", b"again", b"repeat", b"char", b"array",
     b"confirmation")
)  # fmt: skip


class Name:
    """A name taken apart; `kind` is NONE where its value cannot be a credential."""

    __slots__ = ("described", "kind", "pieces", "qualified", "stand_in")

    def __init__(self, name: bytes) -> None:
        self.pieces = tuple(piece.lower() for piece in _PIECE.findall(name[-_LONGEST_NAME:]))
        words = [piece for piece in self.pieces if not piece.isdigit()]
        while len(words) > 1 and words[-1] in _NEUTRAL_LAST:
            words.pop()
        self.kind, self.qualified = _kind(words)
        self.described = (
            self.kind is NameKind.NONE
            or _describes(words, self.kind)
            or _TRANSLATION.search(name) is not None
        )
        """The value says something about a secret, and is none."""
        self.stand_in = not _STAND_IN.isdisjoint(words)
        """The name itself calls the value a fake or a wrong one."""


def _kind(words: list[bytes]) -> tuple[NameKind, bool]:
    """The kind by the last telling word, and whether another word narrows it."""
    for index in range(len(words) - 1, -1, -1):
        word = words[index]
        before = words[index - 1] if index else b""
        if word == b"pass" and before in (b"by", b"com", b"sur", b"tres", b"first", b"second"):
            continue
        if word in _PASSWORD_PIECES:
            return NameKind.PASSWORD, index > 0
        if word in (b"word", b"phrase", b"code") and before == b"pass":
            return NameKind.PASSWORD, index > 1
        if word in _KEY_PIECES:
            return NameKind.KEY, True
        if word in _SECRET_PIECES:
            return NameKind.SECRET, index > 0
        if word in (b"key", b"keys"):
            if before in _KEY_QUALIFIERS:
                return NameKind.KEY, True
            if index == len(words) - 1:
                return NameKind.PLAIN_KEY, index > 0
        if word in _TOKEN_PIECES:
            return NameKind.TOKEN, index > 0 and before not in _PAGING
    return NameKind.NONE, False


def _describes(words: list[bytes], kind: NameKind) -> bool:
    last = words[-1] if words else b""
    if last in _DESCRIBING_LAST and not (
        last == b"key" and kind in (NameKind.KEY, NameKind.PLAIN_KEY)
    ):
        return True
    if not _DESCRIBING.isdisjoint(words):
        return True
    return kind is NameKind.TOKEN and not _PAGING.isdisjoint(words)
