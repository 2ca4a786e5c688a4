"""Finds credentials in contents: one multi-pattern pass, then each rule's own judgement."""

from scanner.detectors.secret_detector import SecretDetector
from scanner.detectors.session import DetectorSession

__all__ = ["DetectorSession", "SecretDetector"]
