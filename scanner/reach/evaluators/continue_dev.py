"""Continue: a built-in list of file names that its read tools refuse, and its searches partly do.

The extension refuses by the file's name and its last directory. Its search leaves out hidden files,
ignored files and, because of how the list is handed over, names of the list at the root only. The
command line's search does not know the list. So the list never closes the file tools of both.
"""

import re
from collections.abc import Iterator, Sequence

from scanner.model import Basis, Channel, ConcernKind, Verdict
from scanner.reach.evaluator import Answer, Evaluator, git_ignored
from scanner.reach.formats import jsonc, yaml_nodes
from scanner.reach.matching.gitignore import Hit, decide, parse_file
from scanner.reach.matching.links import Links
from scanner.reach.matching.literal import literal_pattern
from scanner.reach.settings.endpoints import diverted_host
from scanner.reach.settings.given_ignore import ignore_of
from scanner.reach.tree import Place, Unreadable
from scanner.rules.context import LoadRule, LoadWhen

IGNORE = ".continueignore"
LEGACY = ".continuerc.json"
PERMISSIONS = ".continue/permissions.yaml"
_NAMES = (
    "*.env *.env.* .env* config.json config.yaml config.yml settings.json appsettings.json"
    " appsettings.*.json *.key *.pem *.p12 *.pfx *.crt *.cer *.jks *.keystore *.truststore *.db"
    " *.sqlite *.sqlite3 *.mdb *.accdb *.secret *.secrets auth.json *.token *.bak *.backup *.old"
    " *.orig docker-compose.override.yml docker-compose.override.yaml id_rsa id_dsa id_ecdsa"
    " id_ed25519 *.ppk *.gpg"
)
_DIRECTORIES = (
    ".env/ env/ .aws/ .gcp/ .azure/ .kube/ .docker/ secrets/ .secrets/ private/ .private/ certs/"
    " certificates/ keys/ .ssh/ .gnupg/ .gpg/ tmp/secrets/ temp/secrets/ .tmp/"
)
NAMES = parse_file("", _NAMES.replace(" ", "\n"))
REFUSED = parse_file("", f"{_NAMES} {_DIRECTORIES}".replace(" ", "\n"))
"""Names and directories that the vendor's source lists for security."""
_MEANT_FOR_SECRETS = re.compile(r"env|secret|credential|passw|token|private|\.pem|\.key|_rsa", re.I)
_BLOCKS = ("agents", "assistants", "configs", "models")
UNSEEN = "settings of the user are not read"


class AgentEvaluator(Evaluator):
    """The extensions for editors and the command line."""

    def read(self) -> None:
        """The ignore file, and settings that lead elsewhere."""
        self.ignore = ignore_of(self, IGNORE)
        self.links = Links(self.tree)
        self._point_out_ignores()
        for block in _BLOCKS:
            for suffix in ("yaml", "yml"):
                for path in self.tree.find(f"/.continue/{block}/*.{suffix}"):
                    self._read_block(path)
        self._read_legacy()
        self.allowed = self._allowed()

    def _point_out_ignores(self) -> None:
        for pattern in self.ignore.patterns if self.ignore is not None else ():
            if not pattern.negated and _MEANT_FOR_SECRETS.search(pattern.text):
                self.concern(
                    ConcernKind.DEAD_CONTROL,
                    IGNORE,
                    pattern.line,
                    IGNORE,
                    "it keeps files from the index and the search, not from being read",
                    "move secrets out of the workspace, or into names of the built-in list",
                    "ignore",
                )
                return

    def _read_block(self, path: str) -> None:
        text = self.tree.text(path)
        if not isinstance(text, str):
            if isinstance(text, Unreadable):
                self.problem(path, text.reason)
            return
        document = yaml_nodes.parse(text)
        if document.error:
            self._reject(path, document.line, document.error)
            return
        self._models(path, jsonc.get(document.root, "models"))

    def _read_legacy(self) -> None:
        text = self.tree.text(LEGACY)
        if not isinstance(text, str):
            return
        document = jsonc.parse(text)
        if document.error or not isinstance(document.root, jsonc.Object):
            self._reject(LEGACY, document.line, document.error or "it is no object")
            return
        self._models(LEGACY, document.root.members.get("models"))

    def _models(self, path: str, models: jsonc.Node | None) -> None:
        for model in models.items if isinstance(models, jsonc.Array) else ():
            vendor = jsonc.string(jsonc.get(model, "provider")) or ""
            for text, line in jsonc.strings(jsonc.get(model, "apiBase")):
                if (host := diverted_host(vendor, text)) is not None:
                    self.concern(
                        ConcernKind.REDIRECTED_ENDPOINT,
                        path,
                        line,
                        f"{vendor}: apiBase",
                        f"prompts and the key for {vendor} go to {host}",
                        "remove apiBase, or leave the model to each user's own settings",
                        "config",
                        grade=Basis.CONFIG,
                    )

    def _reject(self, path: str, line: int | None, reason: str) -> None:
        self.concern(
            ConcernKind.REJECTED_SETTINGS,
            path,
            line,
            path,
            f"Continue does not load the file: {reason}",
            "repair the file; nothing in it counts until then",
            "config",
        )

    def _allowed(self) -> str | None:
        """Where the user's permissions of the command line let every command run."""
        text = self.home.text(PERMISSIONS) if self.home is not None else None
        root = yaml_nodes.parse(text).root if isinstance(text, str) else None
        for rule, line in jsonc.strings(jsonc.get(root, "allow")):
            if rule.replace(" ", "") in ("Bash", "Bash(*)", "*"):
                self.concern(
                    ConcernKind.BLANKET_APPROVAL,
                    f"~/{PERMISSIONS}",
                    line,
                    rule,
                    "the command line runs every command without asking",
                    "allow single commands, such as Bash(npm test*)",
                    "policies",
                    grade=Basis.CONFIG,
                    personal=True,
                )
                return f"~/{PERMISSIONS}:{line}"
        return None

    # ------------------------------------------------------------------ file tools

    def file_tools(self, place: Place) -> Answer:
        """Reads are free unless the built-in list refuses the name."""
        refusal = refused(place.path)
        answer = self.default(Channel.FILE_TOOLS)
        if refusal is None:
            return answer.noting(*self._notes(place))
        other = next((name for name in self.links.names(place.path) if refused(name) is None), "")
        if other:
            return answer.noting(f"the link {other} leads to it, and that name is not refused")
        source = self.reference("security")
        if not self._unsearched(place):
            basis = f"the built-in list refuses to read it ({refusal}), but the search prints its"
            return Answer(
                Verdict.NO_PROMPT, f"{basis} lines", self.reference("search"), Basis.DERIVED
            )
        basis = f"the extension refuses to read it by its built-in list ({refusal}) and does not"
        basis += " search it; the search of the command line does not know that list"
        return Answer(Verdict.UNKNOWN, basis, source, Basis.DERIVED)

    def _unsearched(self, place: Place) -> bool:
        """Whether the extension's search leaves the file out."""
        if any(part.startswith(".") for part in place.path.split("/")):
            return True
        if "/" not in place.path and decide((NAMES,), place.path) is not None:
            return True
        hits = (git_ignored(self.tree, place), self._hit(place.path))
        return any(hit is not None and not hit.negated for hit in hits)

    def _hit(self, path: str) -> Hit | None:
        return decide((self.ignore,), path, fold=True) if self.ignore is not None else None

    def _notes(self, place: Place) -> Iterator[str]:
        whole = decide((REFUSED,), place.path, fold=True)
        if whole is not None:
            words = "a directory above it is on the built-in list, but with a full path"
            yield f"{words} only the last directory counts ({whole.text})"
        hit = self._hit(place.path)
        if hit is not None and not hit.negated:
            yield f"{hit.source} keeps it from the index and the search only"

    # ------------------------------------------------------------------ other channels

    def index(self, place: Place) -> Answer | None:
        """Not the built-in list, nor what an ignore file names."""
        hits = (
            decide((REFUSED,), place.path, fold=True),
            git_ignored(self.tree, place, fold=True),
            self._hit(place.path),
            *self._nested(place.path),
        )
        if any(hit is not None and not hit.negated for hit in hits):
            return None
        return super().index(place)

    def _nested(self, path: str) -> Iterator[Hit | None]:
        """What each ignore file below the root says: one of them is enough to leave a file out."""
        parts = path.split("/")[:-1]
        for depth in range(1, len(parts) + 1):
            base = "/".join(parts[:depth])
            patterns = self.tree.patterns(f"{base}/{IGNORE}", base)
            yield decide((patterns,), path, fold=True) if patterns is not None else None

    def shell(self, place: Place) -> Answer:
        """Asked about; the built-in list does not look into commands."""
        return self._command(Channel.SHELL)

    def git_objects(self, place: Place) -> Answer:
        """git is a command like any other."""
        return self._command(Channel.GIT_OBJECTS)

    def _command(self, channel: Channel) -> Answer:
        if self.allowed is not None:
            basis = "the user's permissions let the command line run everything without asking"
            return Answer(Verdict.NO_PROMPT, basis, self.allowed, Basis.CONFIG)
        return self.default(channel).noting(UNSEEN if self.home is None else "")

    # ------------------------------------------------------------------ prompt

    def loads(self) -> Sequence[LoadRule]:
        """Rules by their heads, then what is loaded by its name."""
        return (*self._rules(), *self.context.loads)

    def _rules(self) -> Iterator[LoadRule]:
        for directory in ("rules", "prompts"):
            for path in self.tree.find(f"/.continue/{directory}/**/*.md"):
                when, basis = _rule_when(self.tree.plain_text(path))
                yield LoadRule(
                    path=literal_pattern(path), when=when, basis=basis, reference="rules"
                )


def refused(path: str) -> str | None:
    """The entry of the built-in list that refuses a path however it is spelled.

    With a full path only the last directory and the name are compared, and a model may give one.
    """
    hit = decide((REFUSED,), "/".join(path.split("/")[-2:]), fold=True)
    return hit.text if hit is not None else None


def _rule_when(text: str) -> tuple[LoadWhen, str]:
    """When a rules file joins the prompt, by its head."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    parts = re.split(r"(?m)^---[ \t]*$", text, maxsplit=2)
    root = yaml_nodes.parse(parts[1]).root if len(parts) == 3 else None
    always = jsonc.boolean(jsonc.get(root, "alwaysApply"))
    narrowed = any(jsonc.get(root, key) is not None for key in ("globs", "regex"))
    if jsonc.boolean(jsonc.get(root, "invokable")):
        return LoadWhen.MANUAL, "a person calls it by name"
    if always or (always is None and not narrowed):
        return LoadWhen.START, "rules that are not narrowed are loaded for every request"
    if narrowed:
        return LoadWhen.MATCHING, "it is loaded when a file that its head names is in play"
    return LoadWhen.DESCRIBED, "the model may ask for it by its description"


__all__ = ["NAMES", "REFUSED", "AgentEvaluator", "refused"]
