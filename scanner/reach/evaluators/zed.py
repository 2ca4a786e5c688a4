"""Zed's own agent: lists of private files for its tools, a question before its terminal.

The project's settings count in a trusted folder only, and trust is kept in Zed's database: what
rests on them is unknown, unless the user trusts every folder.
"""

from collections.abc import Sequence

from scanner.model import Basis, Channel, Verdict
from scanner.reach.evaluator import Answer, Evaluator
from scanner.reach.matching.first_match import regex_is_everything
from scanner.reach.matching.links import Links
from scanner.reach.settings.link_doubt import doubt_by_link
from scanner.reach.settings.zed_settings import BUILT_IN, EXCLUDED, PRIVATE, Entry, read_zed
from scanner.reach.tree import Place
from scanner.rules.context import LoadRule

UNSEEN = "user settings not read"


class AgentEvaluator(Evaluator):
    """External agents that run inside Zed have their own."""

    def read(self) -> None:
        """User and project settings."""
        self.settings = read_zed(self)
        self.built_in = tuple(
            Entry(key, glob, "") for key, globs in BUILT_IN.items() for glob in globs
        )
        self.links = Links(self.tree)
        self.unseen = "" if self.settings.user_known else UNSEEN

    def loads(self) -> Sequence[LoadRule]:
        """The first file of the list that is there, and no other."""
        found = (rule for rule in self.context.loads if any(self.tree.find(rule.path)))
        first = next(found, None)
        return (first,) if first is not None else ()

    # ------------------------------------------------------------------ file tools

    def file_tools(self, place: Place) -> Answer:
        """The tools look the name they are given up in the user's and the project's lists."""
        if (off := self._switched_off()) is not None:
            return off
        return doubt_by_link(self.links, place.path, self._is_refused, self._by_lists(place.path))

    def _is_refused(self, path: str) -> bool:
        return self._by_lists(path).verdict is Verdict.BLOCKED

    def _by_lists(self, path: str) -> Answer:
        if (mine := _covering(self.settings.user, path)) is not None:
            return _blocked(mine)
        if (built_in := _covering(self.built_in, path)) is not None and not (
            built_in.key == EXCLUDED and self.settings.replaced
        ):
            return self._by_built_in(built_in)
        if (theirs := _covering(self.settings.project, path)) is not None:
            if self.settings.trusted:
                return _blocked(theirs)
            basis = f"{theirs.key} has {theirs.glob}, which counts once the folder is trusted"
            return Answer(Verdict.UNKNOWN, basis, theirs.source, Basis.CONFIG)
        answer = self.default(Channel.FILE_TOOLS)
        basis = f"no pattern covers {path}; {answer.basis}"
        return Answer(answer.verdict, basis, answer.source).noting(self.unseen)

    def _by_built_in(self, entry: Entry) -> Answer:
        """In force unless the user's settings replace the list, which needs a look at them."""
        basis = f"Zed's built-in {entry.key} has {entry.glob}"
        replaces = entry.key == PRIVATE and any(one.key == PRIVATE for one in self.settings.user)
        if self.settings.user_known and not replaces:
            return self.documented(Verdict.BLOCKED, basis, "lists")
        why = UNSEEN
        if self.settings.user_known:
            why = "in older versions the user's own list takes its place"
        elif entry.key == PRIVATE:
            why += "; in older versions they may replace the list, in newer ones only add to it"
        else:
            why += "; they may replace the list"
        return self.documented(Verdict.UNKNOWN, f"{basis}; {why}", "lists")

    # ------------------------------------------------------------------ terminal

    def shell(self, place: Place) -> Answer:
        """The terminal tool's permissions; lists of files do not hold there."""
        return self._terminal(Channel.SHELL)

    def git_objects(self, place: Place) -> Answer:
        """As the terminal: the file tools do not look into objects."""
        return self._terminal(Channel.GIT_OBJECTS)

    def _terminal(self, channel: Channel) -> Answer:
        if (off := self._switched_off()) is not None:
            return off
        mode, source = self.settings.terminal
        allows = self.settings.terminal_allows
        every = next((one for one in allows if regex_is_everything(one[0])), None)
        if mode == "allow" or every is not None:
            basis = "the user's settings let every command of the terminal tool run unasked"
            return Answer(Verdict.NO_PROMPT, basis, every[1] if every else source, Basis.CONFIG)
        if allows:
            basis = "some commands run unasked by the user's always_allow; what they can print is"
            return Answer(Verdict.UNKNOWN, f"{basis} not known", allows[0][1], Basis.CONFIG)
        if mode == "deny":
            basis = "the user's settings deny the terminal tool"
            return Answer(Verdict.BLOCKED, basis, source, Basis.CONFIG)
        return self.default(channel).noting(self.unseen)

    def _switched_off(self) -> Answer | None:
        """`disable_ai`: once true anywhere, nothing makes it false again."""
        if self.settings.no_ai:
            basis = "disable_ai takes all of Zed's AI away"
            return Answer(Verdict.BLOCKED, basis, self.settings.no_ai, Basis.CONFIG)
        source = self.settings.project_no_ai
        if not source:
            return None
        if self.settings.trusted:
            basis = "disable_ai takes all of Zed's AI away"
            return Answer(Verdict.BLOCKED, basis, source, Basis.CONFIG)
        basis = "disable_ai takes Zed's AI away once the folder is trusted"
        return Answer(Verdict.UNKNOWN, basis, source, Basis.CONFIG)

    def environment(self, place: Place) -> Answer | None:
        """direnv's file at the root."""
        return self.default(Channel.ENVIRONMENT) if place.path == ".envrc" else None


def _covering(entries: Sequence[Entry], path: str) -> Entry | None:
    return next((entry for entry in entries if entry.covers(path)), None)


def _blocked(entry: Entry) -> Answer:
    basis = f"{entry.key} has {entry.glob}, which Zed's file tools refuse"
    return Answer(Verdict.BLOCKED, basis, entry.source, Basis.CONFIG)
