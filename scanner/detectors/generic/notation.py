"""Values that are something else than a secret, told by the way they are written."""

import re
from typing import Final

from scanner.detectors import placeholder

_UUID: Final = re.compile(rb"\{?[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\}?", re.IGNORECASE)
_NUMBER: Final = re.compile(
    rb"[+-]?[0-9][0-9.,:_/+-]*(?:[munkMG]?s|[mhdwyk]|[kKMGT]i?[bB]?|px|r?em|pt|min|sec|[eE][+-]?[0-9]+|%|seconds|minutes|hours|days)?|0x[0-9a-f]{1,8}"
)
_VERSION: Final = re.compile(
    rb"[v^~=<>]{0,3}\d+\.\d+[\w.+~^-]*|[\w.-]+-\d+\.\d+(?:\.\d+)*[\w.+-]*"
    rb"|[a-z][a-z0-9.-]{1,30}[-_/]v?\d{1,2}(?:alpha|beta|rc)?\d{0,2}"
)
_DATE: Final = re.compile(rb"\d{4}-\d{2}-\d{2}|\d{2}:\d{2}:\d{2}")
_PATH: Final = re.compile(
    rb"^(?:[a-z][a-z0-9+.-]{1,20}:/|\.{0,2}/[\w.]|~/|[A-Za-z]:\\|@?[\w.-]+/[\w.@-]+/|[\w-]+(?:\.[\w-]+)*@[\w-]+\.)"
    rb"|\.(?:pem|key|crt|cer|jks|p12|pfx|json|ya?ml|toml|xml|js|ts|tsx|jsx|py|rb|go|java|kt|cs|php|sh|c|h|cpp"
    rb"|md|rst|txt|html?|css|png|jpe?g|gif|svg|com|org|net|io|dev|conf|cfg|ini|properties|local|lan)\b"
    rb"|^(?:urn|arn|did|mailto|data|file|tel|oid|spiffe):",
    re.IGNORECASE,
)
_DIGEST: Final = re.compile(
    rb"^(?:sha(?:1|224|256|384|512)|md5|h1)[-:=]|^\$(?:2[aby]?|5|6|1|y|apr1|argon2\w{1,2}|pbkdf2[\w-]*)\$"
    rb"|^(?:pbkdf2|bcrypt|argon2|scrypt)[_$:]|^\{[A-Z0-9-]{3,20}\}|^\*[0-9A-F]{40}$|\$2[aby]\$\d\d\$|^<enc",
    re.IGNORECASE,
)
_KEPT_ELSEWHERE: Final = re.compile(
    rb"^(?:ENC\[|enc\(|\{cipher\}|op://|vault:|ssm:|sm://|gcp:|awssm|secret(?:s|ref|sref)?[:.!]|!(?:Ref|Sub|GetAtt|vault|secret)"
    rb"|@Microsoft\.KeyVault|keyring:|env[:.]|file:|prompt:|pass:|base64:\$|resolve:|\[\[|__[A-Za-z_]+__$|@[\w.-]+@$|%[\w.-]+%$"
    rb"|%\(|%[-0-9.]*[a-zA-Z]$|%[1-9]?[sdv@q]\b|:[a-z_]+$|\?$|@[a-z_][\w.]*$|\$)"
    rb"|\{\{|\}\}|\$\{|<%|#\{|\$\(|\{[A-Za-z_][\w.:-]{0,60}\}|process\.env|os\.environ|getenv|System\.",
    re.IGNORECASE,
)
_ALGORITHM: Final = re.compile(
    rb"with_?(?:hmac|rsa|ecdsa|aes|sha|and)|hmac-?_?sha|^(?:pbe|pbkdf)|^(?:aes|rsa|sha|des|utf|iso|ecdsa|hs|rs|es|ps)[-_/]?\d"
    rb"|^(?:npm|workspace|pypi|docker|urn|amzn1|cn)[.:=]|://|[<>=^~]\d+\.\d",
    re.IGNORECASE,
)
_TIME_FORMAT: Final = re.compile(rb"(?:[^%]{0,3}%[-_0^#]?[A-Za-z]){3}")
_ADDRESS_OF_CHAIN: Final = re.compile(rb"0x[0-9a-fA-F]{40}")
_OPTION: Final = re.compile(rb"^--?[a-z]")
_PUBLISHED: Final = re.compile(
    rb"^(?:phc_|pk_live_|pk_test_|pk\.ey|pub[-_]|public|ssh-(?:rsa|ed25519|dss)|ecdsa-sha2|MII[BCD][A-Za-z0-9+/]{4,}"
    rb"|LS0tLS1CRUdJTi|\.?eyJ[A-Za-z0-9_-]|6L[a-zA-Z0-9_-]{38}$|\\[uf][0-9a-f]{3,4}$)"
)
_CODE: Final = re.compile(
    rb"[(){}\[\]<>|;\\]|\?\.|=>|:=|[A-Za-z_]\.[a-z_]+\.[a-z_]|\w,\w|^[&*]\w+$|^[A-Za-z_]+(?:\.|->|::)[A-Za-z_]"
)
_SELECTOR: Final = re.compile(rb"^[#.][A-Za-z][\w-]*$|^\w+\[|^//|=\"|^input|^\[")
_REGEX: Final = re.compile(rb"\\[dwsb]|\[[A-Za-z0-9^]-|\(\?|\.\*|\.\+|\[\^|^\^")
_HEX: Final = re.compile(rb"(?:0x)?(?:[0-9a-f]+|[0-9A-F]+)")


def is_uuid(value: bytes) -> bool:
    """In the form of RFC 9562, with or without braces."""
    return _UUID.fullmatch(value) is not None


def is_hex(value: bytes) -> bool:
    """Hex digits of one case, with or without `0x`."""
    return _HEX.fullmatch(value) is not None


def reference(value: bytes) -> str | None:
    """Why a value is fetched from elsewhere when the program runs, or None."""
    if _KEPT_ELSEWHERE.search(value) or placeholder.reference(value):
        return "refers to a value kept elsewhere"
    return None


def something_else(value: bytes, *, quoted: bool) -> str | None:
    """Why a value is a number, a path, a digest, code ..., or None."""
    for pattern, what in (
        (_NUMBER, "a number"),
        (_VERSION, "a version"),
        (_ADDRESS_OF_CHAIN, "an address"),
    ):
        if pattern.fullmatch(value):
            return what
    if _PUBLISHED.search(value):
        return "meant to be public, or judged by another rule"
    if _DIGEST.search(value):
        return "a digest"
    if _ALGORITHM.search(value):
        return "an algorithm, a version or an address"
    if _TIME_FORMAT.match(value):
        return "a time's format"
    if _OPTION.search(value):
        return "an option"
    if _DATE.search(value):
        return "a date"
    if _PATH.search(value):
        return "a path, an address or a file name"
    if not quoted and _CODE.search(value):
        return "code"
    if quoted and (_SELECTOR.search(value) or _REGEX.search(value)):
        return "a selector or a pattern"
    return None


def is_code(value: bytes) -> bool:
    """Whether a quoted value has signs that code has; a chosen password may have some too."""
    return _CODE.search(value) is not None
