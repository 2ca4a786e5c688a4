"""Microsoft's marked keys: a signature at a fixed place and a checksum with a seed for each kind.

Sources: https://github.com/microsoft/security-utilities (IdentifiableSecrets, IdentifiableMetadata,
LegacyCommonAnnotatedSecurityKey, AdoLegacyPat) and
https://learn.microsoft.com/en-us/purview/sit-defn-azure-storage-account-key.
"""

import base64
import zlib
from typing import Final

from scanner.detectors.candidate import Candidate
from scanner.detectors.verdict import KEEP, Verdict, drop
from scanner.rules.checksums import BASE62, in_base, marvin32

_WRONG: Final = drop("the checksum does not fit")

_REWRITTEN: Final = "Azure Cache for Redis"

# Signature in front of the checksum; what the key is for; the names its seeds are made of. A seed
# is the eight characters of its name as one big-endian number.
_MARKED: Final[dict[str, tuple[str, tuple[str, ...]]]] = {
    "+ASt": ("Azure Storage", ("Default0",)),
    "ACDb": ("Azure Cosmos DB", ("MastRW00", "MastRO00", "SystRW00", "SystRO00", "SysAll00",
                                 "Resour00", "Encryp00")),
    "+ABa": ("Azure Batch", ("AbAcct00",)),
    "+ASb": ("Azure Service Bus", ("Send0000", "Listen00", "Manage00", "System00", "Unknown0")),
    "+AEh": ("Azure Event Hubs", ("Send0000", "Listen00", "Manage00", "System00", "Unknown0")),
    "+ARm": ("Azure Relay", ("Send0000", "Listen00", "Manage00", "System00", "Unknown0")),
    "AzCa": (_REWRITTEN, ("Access00",)),
    "AzFu": ("Azure Functions", ("Functi00", "Master00", "System00")),
    "AzSe": ("Azure AI Search", ("Query000", "PAdmin00")),
    "+AMC": ("Azure Machine Learning", ("Classic0",)),
    "+ACR": ("Azure Container Registry", ("ACRDflt0",)),
    "+SQL": ("Azure SQL", ("UsrPwd00",)),
    "AIoT": ("Azure IoT", ("IoTHub00", "DpsKey00", "Device00")),
    "APIM": ("Azure API Management", ("Tenant00", "IoTHub00", "Gatewy00", "GitKey00")),
}  # fmt: skip
_ENCODED_CHECKSUM: Final = 6
_ENTRA_SEED: Final = "AadPwd00"
_ENTRA_ALPHABET: Final = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ1234567890.-_~"
_ANNOTATED_SIGNATURE: Final = b"JQQJ9"
_ANNOTATED_AT: Final = 52
_ANNOTATED_COVERED: Final = 80
_ANNOTATED_SEED: Final = "Default0"
_DEVOPS_SEEDS: Final = {0xE0B9692D: "a user", 0x1019F92E: "an application"}
_DEVOPS_LENGTH: Final = 52


def azure_marked_key(candidate: Candidate, argument: str) -> Verdict:
    """Proves a key that carries its service's signature; with `required`, drops one without.

    Keys made before 2022 have neither signature nor checksum, so a rule for all keys of a service
    keeps those.
    """
    text = candidate.secret.decode("ascii", "replace")
    known = _MARKED.get(text.rstrip("=")[-_ENCODED_CHECKSUM - 4 : -_ENCODED_CHECKSUM])
    if known is None:
        return drop("no signature of an Azure service") if argument == "required" else KEEP
    service, seeds = known
    raw = _decode(text)
    if len(raw) < 24:
        return _WRONG
    for seed in seeds:
        if marvin32(raw[:-4], _seed(seed)).to_bytes(4, "little") == raw[-4:]:
            return Verdict(f"checksum valid; a key of {service}", step=1, proven=True)
    # Redis keys have + and / replaced by letters after the checksum was made.
    return KEEP if service == _REWRITTEN else _WRONG


def azure_annotated_key(candidate: Candidate, argument: str) -> Verdict:
    """A common annotated security key: 52 characters, `JQQJ9`, its date and owner, a checksum.

    The argument is the service's signature before the checksum, e.g. `AZDO`; any when left out.
    """
    text = candidate.secret.decode("ascii", "replace")
    if len(text) not in {84, 88} or not candidate.secret.startswith(
        _ANNOTATED_SIGNATURE, _ANNOTATED_AT
    ):
        return drop("no annotated key")
    if argument and text[76:80].lower() != argument.lower():
        return drop("an annotated key of another service")
    covered = _decode(text[:_ANNOTATED_COVERED])
    checksum = marvin32(covered, _seed(_ANNOTATED_SEED)).to_bytes(4, "little")
    # The writer pads a short checksum on the right.
    written = in_base(int.from_bytes(checksum, "big"), BASE62, 0).ljust(6, "0")
    encoded = _reencoded(written)
    tail = text[_ANNOTATED_COVERED:].rstrip("=")
    plain = base64.b64encode(checksum[: 4 if len(text) == 88 else 3]).decode().rstrip("=")
    if tail not in {encoded[: len(tail)], plain}:
        return _WRONG
    month = ord(text[59]) - ord("A") + 1
    year = 2024 + _base64_digit(text[58])
    made = f"; made in {year}-{month:02d}" if 1 <= month <= 12 and year < 2086 else ""
    return Verdict(f"checksum valid{made}", step=1, proven=True)


def azure_devops_token(candidate: Candidate, argument: str) -> Verdict:
    """The older personal access token: 52 of base 32, with a CRC-32 strewn over 32 bytes.

    Its four bytes stand at 2, 7, 8 and 22, most significant first, combined with a constant.
    """
    del argument
    value = candidate.secret
    try:
        raw = base64.b32decode(value.upper() + b"====")
    except ValueError:
        return drop("not base 32")
    if len(value) != _DEVOPS_LENGTH or len(raw) != 32:
        return _WRONG
    covered = raw[:2] + raw[3:7] + raw[9:22] + raw[23:]
    written = int.from_bytes(bytes((raw[2], raw[7], raw[8], raw[22])), "big")
    owner = _DEVOPS_SEEDS.get(zlib.crc32(covered) ^ written)
    if owner is None:
        return _WRONG
    return Verdict(f"checksum valid; issued for {owner}", step=1, proven=True)


def entra_client_secret(candidate: Candidate, argument: str) -> Verdict:
    """`8Q~` at the fourth character means a checksum in the last three; `7Q~` means none yet."""
    del argument
    value = candidate.secret
    if value[3:6] != b"8Q~":
        return KEEP
    checksum = marvin32(value[:-3], _seed(_ENTRA_SEED))
    if in_base(checksum, _ENTRA_ALPHABET, 6)[:3].encode() != value[-3:]:
        return Verdict("the checksum does not fit", step=-2)
    return Verdict("checksum valid", step=1, proven=True)


def _seed(name: str) -> int:
    return int.from_bytes(name.encode(), "big")


def _decode(text: str) -> bytes:
    body = text.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(body + "=" * (-len(body) % 4), validate=True)
    except ValueError:
        return b""


def _reencoded(written: str) -> str:
    """Six characters through Base64 and back: the last keeps only the two bits that fit."""
    return base64.b64encode(base64.b64decode(written + "==")).decode().rstrip("=")


def _base64_digit(character: str) -> int:
    alphabet = BASE62[10:] + BASE62[:10] + "+/"
    return alphabet.find(character)
