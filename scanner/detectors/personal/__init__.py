"""Finds personal data in bulk: rows of addresses, numbers, ids and dates of birth.

Single mentions are left alone. What leaves this package are counts, kinds and headings; never a
value. docs/personal-data.md says what is recognised, and how sure each verdict is.
"""

from scanner.detectors.personal.detector import PersonalDetector
from scanner.detectors.personal.triggers import triggers

__all__ = ["PersonalDetector", "triggers"]
