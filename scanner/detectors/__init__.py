"""Finds credentials in contents: one multi-pattern pass, then each rule's own judgement."""

from scanner.detectors.secret_detector import DetectorSession, SecretDetector

__all__ = ["DetectorSession", "SecretDetector"]
