"""Who made a commit, as far as the marks on it tell."""

from scanner.attribution.attributor import Attributor

__all__ = ["Attributor"]
