"""From bytes to tables, one family of formats a module. None of them ever raises on any content."""

from scanner.detectors.personal.readers.delimited import read_delimited
from scanner.detectors.personal.readers.lines import read_lines
from scanner.detectors.personal.readers.pairs import read_pairs
from scanner.detectors.personal.readers.sql import read_sql
from scanner.detectors.personal.sample import Sample
from scanner.detectors.personal.tables import Table

__all__ = ["read"]


def read(sample: Sample) -> list[Table]:
    """The tables of a content, by the first reader that understands it; in order of position."""
    for reader in (read_sql, read_pairs, read_delimited, read_lines):
        tables = reader(sample)
        if tables:
            return tables
    return []
