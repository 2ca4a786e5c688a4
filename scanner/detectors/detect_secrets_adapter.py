"""detect-secrets' plugins and filters on the lines of candidates.

Its plugins are run as plain objects, one line at a time: its own scanner reads process-wide
settings and writes filtered secrets into its log. Nothing is verified, so nothing goes over the
network. The package takes about a tenth of a second to import; that happens when the first
candidate line comes.
"""

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, Final

import msgspec

from scanner.detectors import placeholder
from scanner.model import Confidence, Match, Severity
from scanner.rules.secrets import SecretRule

_LONGEST_LINE: Final = 400
_MOST_LINES_A_CONTENT: Final = 64
_MOST_REMEMBERED: Final = 32_768

_REFERENCE: Final = "https://github.com/Yelp/detect-secrets"

# Plugins for one provider's format: id of the rule, and what the plugin calls the secret.
_STRUCTURAL: Final = {
    "ArtifactoryDetector": "Artifactory credential",
    "AWSKeyDetector": "AWS access key",
    "AzureStorageKeyDetector": "Azure storage account key",
    "CloudantDetector": "Cloudant credential",
    "DiscordBotTokenDetector": "Discord bot token",
    "GitHubTokenDetector": "GitHub token",
    "GitLabTokenDetector": "GitLab token",
    "IbmCloudIamDetector": "IBM Cloud IAM key",
    "IbmCosHmacDetector": "IBM COS HMAC credential",
    "MailchimpDetector": "Mailchimp access key",
    "NpmDetector": "npm credential",
    "OpenAIDetector": "OpenAI token",
    "PypiTokenDetector": "PyPI token",
    "SendGridDetector": "SendGrid API key",
    "SlackDetector": "Slack token",
    "SoftlayerDetector": "SoftLayer credential",
    "SquareOAuthDetector": "Square OAuth secret",
    "StripeDetector": "Stripe access key",
    "TelegramBotTokenDetector": "Telegram bot token",
    "TwilioKeyDetector": "Twilio API key",
}
# These judge the shape of a value; on their own they report too much, so they only agree.
_AGREEING: Final = (
    "Base64HighEntropyString",
    "BasicAuthDetector",
    "HexHighEntropyString",
    "JwtTokenDetector",
    "KeywordDetector",
    "PrivateKeyDetector",
)
_FILTERS: Final = (
    "is_sequential_string",
    "is_potential_uuid",
    "is_templated_secret",
    "is_prefixed_with_dollar_sign",
    "is_not_alphanumeric_string",
)
# These are also given the line: the first with the value, the second alone.
_CONTEXT_FILTER: Final = "is_likely_id_string"
_LINE_FILTER: Final = "is_indirect_reference"


class _Sighting(msgspec.Struct, frozen=True):
    """What one plugin saw on a line; offsets in the line."""

    plugin: str
    start: int
    end: int


class _Tools(msgspec.Struct, frozen=True):
    structural: tuple[tuple[str, Any], ...]
    all: tuple[tuple[str, Any], ...]
    filters: tuple[Callable[[str], bool], ...]
    context_filter: Callable[[str, str], bool]
    line_filter: Callable[[str], bool]


@cache
def adapter_rules() -> tuple[SecretRule, ...]:
    """The rules that matches of detect-secrets' own plugins name; their patterns stay with it."""
    return tuple(
        SecretRule(
            id=_rule_id(plugin),
            name=f"{name} (found by detect-secrets)",
            pattern="",
            references=(_REFERENCE,),
            examples=(),
            counter_examples=(),
            severity=Severity.MEDIUM,
            confidence=Confidence.LOW,
            rotate="Revoke it at its provider and create a new one.",
        )
        for plugin, name in _STRUCTURAL.items()
    )


def _rule_id(plugin: str) -> str:
    words = "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in plugin)
    return "detect-secrets" + words.removesuffix("-detector").replace("-a-w-s-", "-aws-")


class DetectSecretsAdapter:
    """Shared by threads. Remembers what it saw on a line, so that history costs each line once."""

    def __init__(self) -> None:
        self._seen: dict[tuple[bool, int], tuple[_Sighting, ...]] = {}
        self._lock = threading.Lock()
        self._tools: _Tools | None = None

    def load(self) -> None:
        """Import the package now. Otherwise that is done when first needed."""
        self._loaded()

    def merge(
        self,
        matches: Sequence[Match],
        lines: Sequence[tuple[int, bytes]],
        dropped: Sequence[tuple[int, int]],
    ) -> list[Match]:
        """The matches of one content, with detect-secrets' agreement as evidence, and its own finds
        where no match is. `lines` are (offset in the content, text) of candidates; what a check has
        `dropped` (spans in the content) stays dropped."""
        merged = list(matches)
        agreed: dict[int, set[str]] = {}
        for offset, line in dict(lines[:_MOST_LINES_A_CONTENT]).items():
            if len(line) > _LONGEST_LINE or b"\n" in line:
                continue
            # Where there is nothing to agree with, only what stands for itself is of interest.
            end = offset + len(line)
            alone = not any(one.start < end and offset < one.end for one in matches)
            for sighting in self._look(line, alone=alone):
                self._place(merged, agreed, dropped, offset, sighting)
        for index, plugins in agreed.items():
            evidence = f"detect-secrets agrees: {', '.join(sorted(plugins))}"
            merged[index] = msgspec.structs.replace(
                merged[index], evidence=(*merged[index].evidence, evidence)
            )
        return sorted(merged, key=lambda match: match.start)

    @staticmethod
    def _place(
        merged: list[Match],
        agreed: dict[int, set[str]],
        dropped: Sequence[tuple[int, int]],
        offset: int,
        sighting: _Sighting,
    ) -> None:
        start, end = offset + sighting.start, offset + sighting.end
        for index, match in enumerate(merged):
            if match.start < end and start < match.end:
                if not match.rule.startswith("detect-secrets-"):
                    agreed.setdefault(index, set()).add(sighting.plugin)
                return
        if sighting.plugin not in _STRUCTURAL:
            return
        if not any(low < end and start < high for low, high in dropped):
            evidence = (f"only detect-secrets' {sighting.plugin} sees it",)
            merged.append(Match(_rule_id(sighting.plugin), start, end, Confidence.LOW, evidence))

    def _look(self, line: bytes, *, alone: bool) -> tuple[_Sighting, ...]:
        key = (alone, hash(line))
        known = self._seen.get(key)
        if known is None:
            known = _sightings(self._loaded(), line, alone=alone)
            if len(self._seen) >= _MOST_REMEMBERED:
                self._seen = {}
            self._seen[key] = known
        return known

    def _loaded(self) -> _Tools:
        with self._lock:
            if self._tools is None:
                self._tools = _load_tools()
            return self._tools


def _load_tools() -> _Tools:
    logging.getLogger("detect_secrets").disabled = True
    from detect_secrets.core.plugins.util import get_mapping_from_secret_type_to_class
    from detect_secrets.filters import heuristic

    wanted = {*_STRUCTURAL, *_AGREEING}
    mapping: Mapping[str, Any] = get_mapping_from_secret_type_to_class()
    classes = {kind.__name__: kind for kind in mapping.values()}
    plugins = tuple((name, classes[name]()) for name in sorted(classes) if name in wanted)
    return _Tools(
        structural=tuple(plugin for plugin in plugins if plugin[0] in _STRUCTURAL),
        all=plugins,
        filters=tuple(getattr(heuristic, name) for name in _FILTERS),
        context_filter=getattr(heuristic, _CONTEXT_FILTER),
        line_filter=getattr(heuristic, _LINE_FILTER),
    )


def _sightings(tools: _Tools, line: bytes, *, alone: bool) -> tuple[_Sighting, ...]:
    """Latin-1 keeps one character a byte, so offsets in the text are offsets in the line."""
    text = line.decode("latin-1").rstrip("\r")
    found: set[_Sighting] = set()
    for name, plugin in tools.structural if alone else tools.all:
        for value in plugin.analyze_string(text):
            start = text.find(value)
            if not value or start < 0 or _filtered(tools, value, text):
                continue
            if placeholder.stand_in(line[start : start + len(value)]) is None:
                found.add(_Sighting(name, start, start + len(value)))
    if not found or tools.line_filter(text):
        return ()
    return tuple(sorted(found, key=lambda sighting: (sighting.start, sighting.plugin)))


def _filtered(tools: _Tools, value: str, line: str) -> bool:
    return any(judge(value) for judge in tools.filters) or tools.context_filter(value, line)
