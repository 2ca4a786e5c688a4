"""The engines behind OpenCode, Kilo Code, Aider, Cline and Roo Code, each by itself."""

import warnings

import pytest

from scanner.reach.formats import jsonc, yaml_nodes
from scanner.reach.matching.first_word import remark, stops
from scanner.reach.matching.gitignore import Hit, excludes, parse, parse_file
from scanner.reach.matching.last_match import (
    Action,
    PermissionsError,
    Rule,
    decide,
    flatten,
    merge,
    permissions_of,
    shadowed,
    widest,
    wildcard_matches,
)
from scanner.reach.matching.literal import inside, literal_pattern
from scanner.reach.matching.pathspec_match import decide_by_last_line, invalid_line
from scanner.reach.settings.endpoints import diverted_host


@pytest.mark.parametrize(
    "pattern, text, expected",
    [
        ("*", "", True),
        ("*", "a/b\nc", True),
        ("*.env", ".env", True),
        ("*.env", "a/b/.env", True),
        ("*.env", ".env.local", False),
        ("*.env.*", "a/.env.local", True),
        ("*.ENV", ".env", False),
        ("src/?.py", "src/a.py", True),
        ("src/?.py", "src/ab.py", False),
        ("src/*.py", "src/deep/a.py", True),
        ("a.c", "abc", False),
        ("a[b]", "a[b]", True),
        ("(a|b)", "a", False),
        ("git status *", "git status", True),
        ("git status *", "git status --porcelain", True),
        ("git status *", "git statusx", False),
        ("git status", "git status -s", False),
        ("grep *", "grep", True),
        ("src\\*", "src/a", True),
        ("", "", True),
        ("", "a", False),
        ("a*b*c", "axxbxxc", True),
        ("a*b*c", "axxcxxb", False),
    ],
)
def test_wildcards(pattern: str, text: str, expected: bool) -> None:
    assert wildcard_matches(pattern, text) is expected


def test_a_hostile_pattern_takes_little_work() -> None:
    assert not wildcard_matches("*a" * 400, "a" * 300 + "b")
    assert not wildcard_matches("*" * 2000, "a"), "a pattern beyond the limit matches nothing"


def rules(text: str) -> tuple[Rule, ...]:
    return flatten(permissions_of(jsonc.parse(text).root, "f"))


def test_the_last_rule_that_matches_decides() -> None:
    found = rules('{"*": "ask",\n"read": {"*": "allow",\n"*.env": "deny"}}')
    deciding = decide(found, "read", "x/.env")
    assert deciding == Rule("read", "*.env", Action.DENY, "f:3")
    assert decide(found, "edit", "x") == Rule("*", "*", Action.ASK, "f:1")
    assert decide((), "edit", "x") is None


def test_a_word_for_all_permissions() -> None:
    assert rules('"allow"') == (Rule("*", "*", Action.ALLOW, "f:1"),)


@pytest.mark.parametrize("text", ['"no"', "true", "[]", '{"read": 1}', '{"read": {"a": "no"}}'])
def test_what_the_schema_refuses(text: str) -> None:
    with pytest.raises(PermissionsError):
        rules(text)


def test_merging_keeps_the_place_of_a_key() -> None:
    earlier = permissions_of(jsonc.parse('{"read": {"a": "deny", "*": "allow"}}').root, "e")
    later = permissions_of(jsonc.parse('{"read": {"a": "ask", "b": "deny"}}').root, "l")
    assert [
        (rule.pattern, rule.action.value, rule.source) for rule in flatten(merge(earlier, later))
    ] == [
        ("a", "ask", "l:1"),
        ("*", "allow", "e:1"),
        ("b", "deny", "l:1"),
    ]
    word = permissions_of(jsonc.parse('{"read": "deny"}').root, "w")
    assert flatten(merge(earlier, word)) == (Rule("read", "*", Action.DENY, "w:1"),)


def test_the_widest_rule_is_the_one_a_model_may_aim_at() -> None:
    assert widest(rules('{"bash": {"a": "allow", "*": "deny"}}'), "bash").action is Action.DENY  # type: ignore[union-attr]
    assert widest(rules('{"bash": {"*": "deny", "a": "ask"}}'), "bash").action is Action.ASK  # type: ignore[union-attr]
    assert widest(rules('{"edit": "deny"}'), "bash") is None


def test_rules_that_never_decide() -> None:
    found = list(shadowed(rules('{"read": {"*.env": "deny",\n"*": "allow"}}')))
    assert [(one.pattern, later.source) for one, later in found] == [("*.env", "f:2")]
    assert not list(shadowed(rules('{"read": {"*": "allow", "*.env": "deny"}}')))
    assert not list(shadowed(rules('{"read": {"*": "ask", "?": "allow"}}')))
    assert not list(shadowed(rules('{"read": {"*.env": "deny"}, "edit": "allow"}')))


IGNORES = [
    "secrets/\n!secrets/readme.md\n",
    "/*\n!foo/\n!bar/\n",
    "*.pem\n!public.pem\n",
    "a/**/z\n",
    "**/b\n",
    "docs/*.md\n",
    "!x\nx\n",
    "build/**\n!build/keep\n",
    "# c\n\n\\#odd\nfoo\\ bar\n",
    "foo/*\n!foo/bar/\n",
]
PATHS = [
    "secrets/key",
    "secrets/readme.md",
    "a/secrets/deep/key",
    "foo/x",
    "foo/bar/x",
    "bar/y/z",
    "top.txt",
    "x.pem",
    "k/public.pem",
    "a/z",
    "a/b/c/z",
    "b",
    "q/b/c",
    "docs/a.md",
    "docs/deep/a.md",
    "x",
    "build/a/b",
    "build/keep",
    "#odd",
    "foo bar",
    "X.PEM",
]


@pytest.mark.parametrize("text", IGNORES)
def test_the_last_line_decides_as_pathspec_has_it(text: str) -> None:
    import pathspec

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        spec = pathspec.PathSpec.from_lines("gitwildmatch", text.splitlines())
    file = parse_file(".aiderignore", text)
    for path in PATHS:
        hit = decide_by_last_line(file, path)
        assert (hit is not None and not hit.negated) == spec.match_file(path), (text, path, hit)


@pytest.mark.parametrize(
    "command, expected",
    [
        ("cat .env", True),
        ("CAT .env", True),
        ("grep -n KEY .env", True),
        ("Get-Content .env", True),
        ("/bin/cat .env", False),
        ("cat ./.env", False),
        ("python3 print.py .env", False),
        ("true && cat .env", False),
        ("cat readme | cat - .env", True),
        ("git show HEAD:.env", False),
        ("", False),
    ],
)
def test_commands_are_known_by_their_first_word(command: str, expected: bool) -> None:
    assert stops(command, ".env") is expected


def test_the_remark_names_the_line() -> None:
    hit = Hit(".rooignore", 3, ".env", False)
    assert ".rooignore:3" in remark(hit, ".env")
    assert remark(hit, "with space.env") == ""


@pytest.mark.parametrize(
    "vendor, address, host",
    [
        ("openai", "https://llm.attacker.dev/v1", "llm.attacker.dev"),
        ("OpenAI", "https://api.openai.com.attacker.dev", "api.openai.com.attacker.dev"),
        ("openai", "https://user:word@x.attacker.dev/?key=word", "x.attacker.dev"),
        ("openai", "https://api.openai.com/v1", None),
        ("openai", "https://eu.api.openai.com", None),
        ("openai", "http://localhost:11434/v1", None),
        ("openai", "http://192.168.1.9/v1", None),
        ("openai", "http://model.local", None),
        ("openai", "https://api.example.com", None),
        ("openai", "{env:BASE}", None),
        ("openai", "https://${HOST}/v1", None),
        ("openai", "not an address", None),
        ("openai", "https://[::1", None),
        ("ollama", "https://llm.attacker.dev", None),
        ("anthropic", "https://evil-anthropic.com", "evil-anthropic.com"),
    ],
)
def test_addresses_that_lead_elsewhere(vendor: str, address: str, host: str | None) -> None:
    assert diverted_host(vendor, address) == host


def test_yaml_keeps_lines_and_bounds() -> None:
    document = yaml_nodes.parse("a: 1\nb:\n  - yes\n  - 'yes'\n  -\n")
    assert document.error == ""
    items = jsonc.get(document.root, "b")
    assert isinstance(items, jsonc.Array)
    assert [(one.value, one.line) for one in items.items if isinstance(one, jsonc.Scalar)] == [
        (True, 3),
        ("yes", 4),
        (None, 5),
    ]
    bomb = "a: &a [x, x, x, x, x, x, x, x, x]\n"
    for name, other in zip("bcdefg", "abcdef", strict=True):
        bomb += f"{name}: &{name} [{', '.join([f'*{other}'] * 9)}]\n"
    assert yaml_nodes.parse(bomb).error
    assert yaml_nodes.parse("[" * 5000).error
    assert yaml_nodes.parse("a: b: c\n").line == 1
    assert yaml_nodes.parse("").root is None
    assert yaml_nodes.parse("a: !!python/object:os.system x\n").error == ""


@pytest.mark.parametrize(
    "permission, pattern, shown",
    [
        ("read", "*.env", '"*.env"'),
        ("bash", "*", '"*"'),
        ("bash", "git *", '"git *"'),
        ("bash", "git", '"git"'),
        ("bash", "curl -H 'Authorization: Bearer hidden' *", '"curl \N{HORIZONTAL ELLIPSIS}"'),
        ("bash", "PGPASSWORD=hidden psql *", '"\N{HORIZONTAL ELLIPSIS}"'),
        ("bash", "", '"\N{HORIZONTAL ELLIPSIS}"'),
    ],
)
def test_a_rule_for_commands_shows_their_first_word(
    permission: str, pattern: str, shown: str
) -> None:
    assert Rule(permission, pattern, Action.ALLOW).text == f"{permission} {shown}: allow"


@pytest.mark.parametrize(
    "line", ["!", "a\\", "a\\\\", "\\!x", "# a\\", "foo\\ ", "[", "/", "a/", "!a"]
)
def test_what_pathspec_refuses_is_known(line: str) -> None:
    import pathspec

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        try:
            pathspec.PathSpec.from_lines("gitwildmatch", ["ok", line])
            expected = None
        except ValueError:
            expected = 2
    assert invalid_line(f"ok\n{line}\n") == expected


def test_paths_of_settings_stay_inside() -> None:
    assert inside("./a/../b.md") == "b.md"
    assert inside("b.md", "docs") == "docs/b.md"
    assert inside("../b.md", "docs") == "b.md"
    for path in ("../x", "a/../../x", "/etc/passwd", "~/x", "", ".", "..", "a\0b"):
        assert inside(path) is None


@pytest.mark.parametrize("path", ["a b.md", "a[1].md", "a*.md", "a?\\b", "!a", "#a", "a/b/c "])
def test_a_path_as_a_pattern_names_itself_only(path: str) -> None:
    pattern = parse(literal_pattern(path))
    assert pattern is not None and excludes(pattern, path)
    assert not excludes(pattern, "x" + path) and not excludes(pattern, "x/" + path)
