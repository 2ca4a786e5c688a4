"""What may be wrong with one setting, as the modules that read settings say it."""

from collections.abc import Iterable

import msgspec

from scanner.model import ConcernKind
from scanner.reach.evaluator import Evaluator


class SettingNote(msgspec.Struct, frozen=True):
    """As `Concern`, with the reference still a name from the agent's file."""

    kind: ConcernKind
    path: str
    line: int | None
    subject: str
    words: str
    instead: str
    reference: str
    personal: bool = False


def report(evaluator: Evaluator, notes: Iterable[SettingNote]) -> None:
    """Make the notes concerns of an evaluator's agent."""
    for note in notes:
        evaluator.concern(
            note.kind,
            note.path,
            note.line,
            note.subject,
            note.words,
            note.instead,
            note.reference,
            personal=note.personal,
        )
