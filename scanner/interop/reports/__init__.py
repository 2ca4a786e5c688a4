"""Reports of other secret scanners, read into one form without the secrets."""

from scanner.interop.reports.raw import Digests
from scanner.interop.reports.reader import read_report
from scanner.interop.reports.values import ImportedReport, ImportedSecret

__all__ = ["Digests", "ImportedReport", "ImportedSecret", "read_report"]
