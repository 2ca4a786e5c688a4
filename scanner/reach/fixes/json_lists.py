"""Lists of texts in JSON settings, one text a file that is denied."""

from collections.abc import Callable, Sequence

from scanner.reach.editing import edit_json
from scanner.reach.fixes.control import Control, Denial
from scanner.reach.formats import jsonc
from scanner.reach.tree import Tree

Form = Callable[[Denial], str]


class JsonList(Control):
    """A list under nested keys of a settings file."""

    def __init__(
        self,
        path: str,
        keys: Sequence[str],
        form: Form,
        *,
        new: bool = True,
        takes_names: bool = True,
        begin: Sequence[str] = (),
    ) -> None:
        """`path`: a file, or a pattern of which the first match is taken. `new`: whether the file
        may be made. `begin`: what a list that is not there yet has to begin with."""
        self.path = path
        self.keys = tuple(keys)
        self.form = form
        self.new = new
        self.takes_names = takes_names
        self.begin = tuple(begin)

    def file(self, tree: Tree) -> str | None:
        """The file that is there, else the one that may be made."""
        found = next(iter(tree.find(f"/{self.path}")), None)
        return found or (self.path if self.new else None)

    def write(self, text: str | None, denials: Sequence[Denial]) -> str:
        """Behind the texts that are there."""
        node = edit_json.value_at(text, self.keys) if text is not None else None
        there = {value for value, _ in jsonc.strings(node)}
        wanted = [form for form in map(self.form, denials) if form not in there]
        if not wanted and text is not None:
            return text
        return edit_json.append(text, self.keys, [*(() if node else self.begin), *wanted])

    def entry(self, denial: Denial) -> str:
        """The text in the list."""
        return self.form(denial)


def relative_path(denial: Denial) -> str:
    """`./a/b`: relative to the project; a name alone cannot be written so."""
    return f"./{denial.path}"


def glob(denial: Denial) -> str:
    """`a/b`, and `**/name` for a name in any directory."""
    return f"**/{denial.name}" if denial.by_name else denial.path


def read_glob(denial: Denial) -> str:
    """`Read(a/b)`: the rule of the command lines of Cursor and Devin."""
    return f"Read({glob(denial)})"
