"""Is the value one that everybody can look up?"""

from scanner.detectors.candidate import Candidate
from scanner.detectors.verdict import KEEP, Verdict, drop
from scanner.rules.published import publisher


def published_sample(candidate: Candidate, argument: str) -> Verdict:
    """Drops an emulator's key, a development node's account, a test vector, a documentation's
    sample: it opens nothing that is not open. Known by their SHA-256 (`published-samples.yaml`)."""
    del argument
    source = publisher(candidate.secret)
    return drop(f"published by {source}") if source else KEEP
