"""Findings that a person has already judged: comments beside them, and baselines."""

from scanner.suppress.accepted import AcceptedPlace
from scanner.suppress.baseline import (
    SCHEMA,
    Baseline,
    BaselineEntry,
    split_by_baseline,
    write_baseline,
)
from scanner.suppress.detect_secrets_form import (
    LegacyHandle,
    legacy_handle,
    write_detect_secrets_baseline,
)
from scanner.suppress.inline import InlineIgnore, inline_ignore

__all__ = [
    "SCHEMA",
    "AcceptedPlace",
    "Baseline",
    "BaselineEntry",
    "InlineIgnore",
    "LegacyHandle",
    "inline_ignore",
    "legacy_handle",
    "split_by_baseline",
    "write_baseline",
    "write_detect_secrets_baseline",
]
