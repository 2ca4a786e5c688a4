"""Settings that are damaged or of the wrong type: no crash, and no "blocked" out of them."""

import pytest

from scanner.model import Location, Tracking, Verdict, Where
from scanner.reach import ReachModel, Surroundings, Tree
from scanner.rules.agents import load_agents

AGENTS = load_agents()
FILES = {
    "aider": (".aider.conf.yml", ".aiderignore", ".aider.model.settings.yml", ".env"),
    "cline": (".clineignore", ".clinerules/a.md", ".cline/data/globalState.json"),
    "continue": (
        ".continueignore",
        ".continuerc.json",
        ".continue/agents/a.yaml",
        ".continue/rules/a.md",
        ".continue/permissions.yaml",
    ),
    "kilo-code": (".kilocodeignore", "kilo.jsonc", ".kilo/agents/a.md", ".config/kilo/kilo.jsonc"),
    "opencode": ("opencode.json", ".opencode/opencode.jsonc", ".opencode/agents/a.md"),
    "roo-code": (".rooignore", ".roo/mcp.json", ".roomodes", ".vscode/settings.json"),
}
TEXTS = {
    "nothing": b"",
    "not-utf-8": b"\xff\xfe\x00{",
    "null": b"null",
    "number": b"1e999",
    "open": b'{"permission": {"read": {"*": "deny"',
    "deep": b"[" * 3000,
    "deep-yaml": b"a:\n" + b"".join(b" " * n + b"- a:\n" for n in range(1, 300)),
    "wrong-types": b'{"permission": 1, "agent": [], "mcpServers": 3, "instructions": {"a": 1}}',
    "wrong-inside": b'{"agent": {"a": {"permission": []}}, "provider": {"x": 1}, "mcp": [1]}',
    "permissions-object": b'{"permissions": {"read": "deny"}}',
    "long": b"x" * (2 << 20),
    "lines": b"\n" * 5000 + b"!\n\\\n[\n/\n",
    "head": b"---\npermission: deny\n",
    "bad-head": b"---\npermission:\n  read: [deny]\n---\n",
    "aliases": b"a: &a [*a, *a]\n",
    "control": bytes(range(1, 32)),
}


class Memory:
    """`Files` with one text under test."""

    def __init__(self, path: str, data: bytes) -> None:
        self.files = {path: data, "src/app.py": b"x", "secrets/key.pem": b"x"}

    def read(self, path: str) -> bytes | None:
        return self.files.get(path)

    def paths(self) -> list[str]:
        return sorted(self.files)

    def tracking(self, path: str) -> Tracking:
        return Tracking.TRACKED


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("agent", FILES)
def test_damaged_settings_block_nothing(agent: str, text: str) -> None:
    for path in FILES[agent]:
        files = Memory(path, TEXTS[text])
        for home in (None, Tree(files)):
            model = ReachModel.build(
                files, AGENTS, history={agent: 1}, surroundings=Surroundings(home)
            )
            found = [
                reach
                for place in ("src/app.py", "secrets/key.pem", path)
                for reach in model.reach(Location(Where.WORKTREE, place), [agent])
            ]
            model.concerns([agent])
            own = {".rooignore"}  # Roo's ignore file keeps itself away as soon as there is one.
            assert all(reach.verdict is not Verdict.BLOCKED or path in own for reach in found), (
                path,
                text,
                found,
            )
