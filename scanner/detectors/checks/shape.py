"""What any value can be asked: its alphabet, its regularity, a check digit."""

import math
import re

from scanner.detectors import placeholder, randomness
from scanner.detectors.candidate import Candidate
from scanner.detectors.verdict import KEEP, Verdict, drop


def entropy(candidate: Candidate, argument: str) -> Verdict:
    """At least so many bits a character; a short value need only come near what its length allows.

    A random value of n characters has at most log2(n) bits a character, and hex of 12 about 80 %.
    """
    value = candidate.secret
    least = min(float(argument), 0.75 * math.log2(max(len(value), 2)))
    if randomness.shannon(value) < least:
        return drop("too regular for a random value")
    return KEEP


def mixed(candidate: Candidate, argument: str) -> Verdict:
    """Both letters and digits."""
    del argument
    value = candidate.secret
    if not re.search(rb"[0-9]", value) or not re.search(rb"[A-Za-z]", value):
        return drop("not both letters and digits")
    return KEEP


def luhn(candidate: Candidate, argument: str) -> Verdict:
    """The digits end with their Luhn check digit (ISO/IEC 7812-1)."""
    del argument
    digits = [byte - 48 for byte in candidate.secret if 48 <= byte <= 57]
    total = 0
    for index, digit in enumerate(reversed(digits)):
        doubled = digit * 2 if index % 2 else digit
        total += doubled - 9 if doubled > 9 else doubled
    if len(digits) < 2 or total % 10:
        return drop("the check digit does not fit")
    return Verdict("check digit valid")


def not_placeholder(candidate: Candidate, argument: str) -> Verdict:
    """No placeholder's word, run or sequence. Applied to every rule; naming it does no harm."""
    del argument
    reason = placeholder.stand_in(candidate.secret)
    return drop(reason) if reason else KEEP
