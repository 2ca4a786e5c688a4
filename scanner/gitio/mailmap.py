"""What the mailmap of a repository calls people."""

from collections.abc import Sequence

from scanner.gitio.repository import Repository
from scanner.model import Identity


def mailmapped(repository: Repository, people: Sequence[Identity]) -> list[Identity]:
    """The people as the `.mailmap` of HEAD calls them, in the order given. One git process.

    One that git could not read as a person stays as it is.
    """
    runner = repository._runner
    asked = [person for person in people if _well_formed(person)]
    lines = "".join(f"{person.name} <{person.email}>\n" for person in asked)
    output = runner.output(["check-mailmap", "--stdin"], stdin=lines.encode("utf-8", "replace"))
    answers = output.decode("utf-8", "replace").split("\n")[:-1]
    if len(answers) != len(asked):
        return list(people)
    known = {person: _person(line) for person, line in zip(asked, answers, strict=True)}
    return [known.get(person, person) for person in people]


def _person(line: str) -> Identity:
    name, _, email = line.rpartition("<")
    return Identity(name.strip(), email.rstrip(">").strip())


def _well_formed(person: Identity) -> bool:
    text = person.name + person.email
    return bool(person.email) and text.isprintable() and not set("<>") & set(text)
