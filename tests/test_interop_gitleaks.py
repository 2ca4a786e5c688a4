"""gitleaks configurations: read, and run."""

import re
from collections.abc import Mapping
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.detectors import SecretDetector
from scanner.detectors.foreign import ForeignRules
from scanner.detectors.foreign_join import JoinedSession, join_matches
from scanner.errors import ConfigError
from scanner.interop.gitleaks_config import GitleaksConfig, read_gitleaks_config
from scanner.interop.go_regex import translate
from scanner.interop.go_syntax import UnsupportedExpressionError
from scanner.model import Batch, Confidence, Location, Match, Where
from scanner.rules.examples import expand
from scanner.rules.secrets import load_secret_rules
from scanner.sources.packing import pack

Engine = Literal["auto", "hyperscan", "re"]
ENGINES: tuple[Engine, ...] = ("hyperscan", "re")

ACME = """
[[rules]]
id = "acme"
description = "Acme token"
regex = '''(?i)acme[_-]?key\\s*[:=]\\s*["']?([a-z0-9]{20})\\b'''
keywords = ["ACME"]
"""


def config(text: str, others: Mapping[str, str] | None = None) -> GitleaksConfig:
    files = {".gitleaks.toml": text, **(others or {})}

    def read(path: str) -> bytes:
        if path not in files:
            raise FileNotFoundError(2, "No such file or directory", path)
        return files[path].encode()

    return read_gitleaks_config(".gitleaks.toml", read)


def running(text: str, engine: Engine = "auto") -> ForeignRules:
    found = config(text)
    return ForeignRules(found.rules, found.allowlists, source=".gitleaks.toml", engine=engine)


def batch(*contents: bytes) -> Batch:
    return next(iter(pack((f"blob{index}", data) for index, data in enumerate(contents))))


def secrets(text: str, *contents: bytes, engine: Engine = "auto") -> list[tuple[str, bytes]]:
    """Rule and secret of every match, in order."""
    packed = batch(*contents)
    return [
        (match.rule, packed.content(index)[match.start : match.end])
        for index, match in running(text, engine).session().scan(packed)
    ]


def token(seed: int = 0) -> bytes:
    return expand("{base36:20}", seed)


def line(seed: int = 0) -> bytes:
    return b'ACME_KEY = "' + token(seed) + b'"\n'


# ---------------------------------------------------------------- what rules mean


@pytest.mark.parametrize("engine", ENGINES)
def test_a_rule_finds_its_group(engine: Engine) -> None:
    contents = (b"nothing here\n", b"x\n" * 50 + line() + line(1), line(2))
    assert secrets(ACME, *contents, engine=engine) == [
        ("gitleaks:acme", token()),
        ("gitleaks:acme", token(1)),
        ("gitleaks:acme", token(2)),
    ]


@pytest.mark.parametrize("engine", ENGINES)
def test_the_named_group_is_the_secret(engine: Engine) -> None:
    rule = "[[rules]]\nid='two'\nregex='''(user)=(\\w+) pass=(\\w+)'''\nsecretGroup=3\n"
    assert secrets(rule, b"user=anna pass=hollow42", engine=engine) == [
        ("gitleaks:two", b"hollow42")
    ]


@pytest.mark.parametrize("engine", ENGINES)
def test_without_groups_the_whole_match_is(engine: Engine) -> None:
    rule = "[[rules]]\nid='one'\nregex='''\\nkey-[0-9]{4}\\n'''\n"
    assert secrets(rule, b"a\nkey-1234\nb", engine=engine) == [("gitleaks:one", b"key-1234")]


@pytest.mark.parametrize("engine", ENGINES)
def test_a_keyword_must_be_there_in_any_case(engine: Engine) -> None:
    rule = "[[rules]]\nid='k'\nregex='''key-[0-9]{6}'''\nkeywords=['WIDGET']\n"
    assert secrets(rule, b"key-123456", engine=engine) == []
    assert len(secrets(rule, b"wIdGeT key-123456", engine=engine)) == 1


@pytest.mark.parametrize("engine", ENGINES)
def test_entropy_is_asked_of_the_secret(engine: Engine) -> None:
    rule = "[[rules]]\nid='e'\nregex='''key=(\\w{8,40})'''\nentropy=3.0\n"
    assert secrets(rule, b"key=aaaaaaaaaaab key=" + token(), engine=engine) == [
        ("gitleaks:e", token())
    ]


def test_anchors_hold_at_the_borders_of_a_content_only() -> None:
    rule = "[[rules]]\nid='a'\nregex='''^key-[0-9]{4}$'''\n"
    assert len(secrets(rule, b"key-1234", b"key-5678\n", b"x key-9999")) == 1
    multiline = rule.replace("^", "(?m)^")
    assert len(secrets(multiline, b"a\nkey-1234\nb", b"x key-9999")) == 1


def test_matches_do_not_cross_contents() -> None:
    rule = "[[rules]]\nid='x'\nregex='''begin\\s+end[0-9]{4}'''\n"
    assert secrets(rule, b"begin", b"end1234") == []


@pytest.mark.parametrize(
    ("near", "found"),
    [("", True), ("withinLines=1", True), ("withinLines=0", False), ("withinColumns=3", False)],
)
def test_required_rules(near: str, found: bool) -> None:
    rules = (
        "[[rules]]\nid='pass'\nregex='''pass=(\\w{6})'''\n[[rules.required]]\nid='user'\n"
        f"{near}\n[[rules]]\nid='user'\nregex='''user=(\\w+)'''\nskipReport=true\n"
    )
    assert secrets(rules, b"     user=anna\npass=hollow\n") == (
        [("gitleaks:pass", b"hollow")] if found else []
    )
    assert secrets(rules, b"pass=hollow\n") == []


def test_a_path_rule_names_files() -> None:
    rules = running("[[rules]]\nid='p12'\npath='''(?i)\\.p12$'''\n")
    paths = [path for _, path in rules.fitting_paths(["a/b.P12", "b.pem", "c.p12.txt"])]
    assert paths == ["a/b.P12"]


def test_a_rule_with_a_path_reports_only_there() -> None:
    rules = running(ACME + "path='''^src/'''\n")
    assert rules.reports("gitleaks:acme", Location(Where.WORKTREE, "src/a.py"))
    assert not rules.reports("gitleaks:acme", Location(Where.WORKTREE, "docs/src/a.py"))
    assert rules.reports("github-personal-access-token", Location(Where.WORKTREE, "docs/a.py"))


# ---------------------------------------------------------------- allowlists

OWN = [("gitleaks:acme", token())]


@pytest.mark.parametrize(
    ("allowlist", "expected"),
    [
        (f"regexes=['''^{token()[:4].decode()}''']", []),
        ("regexes=['''ACME''']", OWN),
        ("regexTarget='match'\nregexes=['''^ACME''']", []),
        ("regexTarget='line'\nregexes=['''# test only$''']", []),
        (f"stopwords=['{token()[5:9].decode().upper()}']", []),
        ("stopwords=['nowhere']", OWN),
        ("condition='AND'\nregexes=['''.''']\nstopwords=['nowhere']", OWN),
        ("condition='&&'\nregexes=['''.''']\ncommits=['0123']", OWN),
        ("paths=['''.''']", OWN),
    ],
)
@pytest.mark.parametrize("table", ["[[rules.allowlists]]", "[rules.allowlist]", "[[allowlists]]"])
def test_what_an_allowlist_says_of_contents(
    allowlist: str, expected: list[tuple[str, bytes]], table: str
) -> None:
    content = line().rstrip() + b" # test only\n"
    assert secrets(f"{ACME}\n{table}\n{allowlist}\n", content) == expected


def test_an_allowlist_for_places() -> None:
    rules = running(f"{ACME}\n[[allowlists]]\npaths=['''/fixtures/''']\ncommits=['ABC']\n")
    reported = "src/a", "x/fixtures/a"
    places = [Location(Where.COMMIT, path, commit="f00") for path in reported]
    assert [rules.reports("gitleaks:acme", place) for place in places] == [True, False]
    assert not rules.reports("gitleaks:acme", Location(Where.COMMIT, "src/a", commit="abc"))
    assert not rules.reports("ours", Location(Where.COMMIT, "x/fixtures/a"))


def test_an_allowlist_that_asks_for_contents_and_place() -> None:
    rules = running(
        f"{ACME}\n[[rules.allowlists]]\ncondition='AND'\npaths=['''^test/''']\n"
        f"stopwords=['{token()[:5].decode()}']\n"
    )
    content = b"\n" + line() + line(1)
    found = [match for _, match in rules.session().scan(batch(content))]
    assert len(found) == 2

    def reported(match: Match, path: str) -> bool:
        start = content.rfind(b"\n", 0, match.start)
        place = Location(
            Where.WORKTREE,
            path,
            line=content.count(b"\n", 0, match.start) + 1,
            column=match.start - start,
            blob="blob0",
        )
        return rules.reports(match.rule, place)

    assert [reported(match, "test/a") for match in found] == [False, True]
    assert [reported(match, "src/a") for match in found] == [True, True]


def test_target_rules() -> None:
    other = ACME.replace('"acme"', '"other"')
    text = f"{ACME}{other}[[allowlists]]\ntargetRules=['other']\nstopwords=['{token().decode()}']\n"
    assert secrets(text, line()) == OWN


def test_general_allowlists_hold_for_our_own_matches() -> None:
    rules = running(f"{ACME}\n[[allowlists]]\nstopwords=['{token()[:5].decode()}']\n")
    packed = batch(token() + b" " + token(1))
    session = rules.session()
    first = Match("ours", 0, 20, Confidence.HIGH)
    second = Match("ours", 21, 41, Confidence.HIGH)
    assert session.allows(packed, 0, first)
    assert not session.allows(packed, 0, second)


# ---------------------------------------------------------------- reading


def test_extending_a_file_merges_rules() -> None:
    found = config(
        "[extend]\npath='base.toml'\ndisabledRules=['gone', 'never']\n"
        "[[rules]]\nid='acme'\nkeywords=['more']\nentropy=2.5\n",
        {"base.toml": ACME + "[[rules]]\nid='gone'\nregex='''gone'''\n"},
    )
    assert [rule.id for rule in found.rules] == ["acme"]
    (rule,) = found.rules
    assert (rule.keywords, rule.entropy, rule.description) == (("acme", "more"), 2.5, "Acme token")
    assert rule.pattern is not None
    assert found.warnings == ("[extend] disabledRules: there is no rule 'never'",)


def test_a_chain_of_files_ends() -> None:
    found = config("[extend]\npath='.gitleaks.toml'\n" + ACME)
    assert [rule.id for rule in found.rules] == ["acme"]
    assert "chained too deeply" in found.warnings[0]


def test_what_is_not_honoured_is_named() -> None:
    found = config(
        "title='t'\nminVersion='v9.1.0'\nsurprise=1\n[extend]\nuseDefault=true\nurl='https://x'\n"
        "[[rules]]\nid='builtin'\n[[rules.allowlists]]\nstopwords=['a']\n"
        "[[rules]]\nid='new'\nregex='''new-[0-9]{4}'''\nseverity='high'\n"
        "[[allowlists]]\ndescription='empty'\n"
    )
    text = "\n".join(found.warnings)
    for words in (
        "'surprise'",
        "[rules] the key 'severity'",
        "minVersion v9.1.0",
        "url is not followed",
        "'builtin' changes a built-in rule",
        "stand in for",
        "[[allowlists]][0] names nothing",
    ):
        assert words in text
    assert [rule.id for rule in found.rules] == ["new"]
    assert found.extends_default


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[[rules]]\nid = ", "not valid TOML"),
        ("[[rules]]\nregex='a'\n", "rules[0]: no usable id"),
        ("[[rules]]\nid='a'\n", "neither regex nor path"),
        ("[[rules]]\nid='a'\nregex='(b)'\nsecretGroup=2\n", "no group 2"),
        ("[[rules]]\nid='a'\nregex=5\n", "$.rules[0].regex"),
        ("[extend]\npath='a'\nuseDefault=true\n", "choose one|both path and useDefault"),
        ("[extend]\npath='missing'\n", "toml: [extend] path 'missing': cannot be read"),
        ("[[rules]]\nid='a'\nregex='b'\n[[rules.required]]\nid='c'\n", "requires 'c'"),
        ("[[rules]]\nid='a'\nregex='b'\n[[rules.required]]\nwithinLines=1\n", "without an id"),
        (ACME + "[allowlist]\nstopwords=['a']\n[[allowlists]]\nstopwords=['a']\n", "beside"),
        (ACME + "[allowlist]\ncondition='XOR'\nstopwords=['a']\n", "not OR or AND"),
        (ACME + "[allowlist]\nregexTarget='file'\nregexes=['a']\n", "not secret, match or line"),
    ],
)
def test_what_gitleaks_would_refuse_is_refused(text: str, words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        config(text)
    assert re.search(words.replace("[", r"\[").replace("$", r"\$"), str(caught.value))
    assert str(caught.value).startswith(".gitleaks.toml: ")


def test_a_rule_that_cannot_be_run_is_a_problem_and_the_others_run() -> None:
    found = config("[[rules]]\nid='bomb'\nregex='''(a+)+$'''\n" + ACME)
    assert [rule.id for rule in found.rules] == ["acme"]
    assert "rule 'bomb' is not run: regex: its repeats" in found.problems[0].reason


def test_an_allowlist_never_allows_more_for_an_expression_that_cannot_be_run() -> None:
    table = "[[allowlists]]\nregexes=['''(a+)+$''']\nstopwords=['nowhere']\n"
    assert len(config(ACME + table).allowlists) == 1
    strict = config(ACME + table + "condition='AND'\n")
    assert strict.allowlists == ()
    assert "would allow more" in "\n".join(strict.warnings)


def test_a_rule_that_takes_too_long_is_stopped_and_named() -> None:
    found = config(ACME)
    rules = ForeignRules(found.rules, source="x.toml", seconds_for_a_rule=-1.0)
    assert rules.session().scan(batch(line())) == []
    assert [problem.where for problem in rules.problems] == ["x.toml"]
    assert "'acme' took more than" in rules.problems[0].reason


@given(st.binary(max_size=300))
def test_reading_never_fails_on_bytes(data: bytes) -> None:
    try:
        read_gitleaks_config("x", lambda _: data)
    except ConfigError as error:
        assert str(error).startswith("x: ")


_VALUES = st.recursive(
    st.one_of(
        st.integers(),
        st.booleans(),
        st.text("ab(?*[|", max_size=6).map(lambda text: f"'{text}'"),
    ),
    lambda inner: st.lists(inner, max_size=2).map(lambda items: f"[{', '.join(map(str, items))}]"),
    max_leaves=4,
)
_KEYS = st.sampled_from(
    [
        *("id", "regex", "path", "secretGroup", "entropy", "keywords", "tags", "condition"),
        *("paths", "regexes", "stopwords", "commits", "regexTarget", "targetRules", "title"),
        "useDefault",
    ]
)
_TABLES = st.sampled_from(
    [
        *("[[rules]]", "[rules.allowlist]", "[[rules.allowlists]]", "[extend]", "[other]"),
        *("[[allowlists]]", "[allowlist]", "[[rules.required]]", "[rules]"),
    ]
)


@given(
    st.lists(
        st.tuples(_TABLES, st.dictionaries(_KEYS, _VALUES, max_size=3)), min_size=1, max_size=4
    )
)
def test_reading_never_fails_on_tables(tables: list[tuple[str, dict[str, object]]]) -> None:
    text = "".join(
        f"{table}\n" + "".join(f"{key} = {str(value).lower()}\n" for key, value in fields.items())
        for table, fields in tables
    )
    try:
        config(text)
    except ConfigError as error:
        assert "toml" in str(error) or "'" in str(error)


# ---------------------------------------------------------------- expressions


@pytest.mark.parametrize(
    ("source", "hits", "misses"),
    [
        (r"(?i)key", ["KEY", "kEy"], ["ke"]),
        (r"a(?i)b|c", ["aB", "C"], ["AB"]),
        (r"a(?i:b)c", ["aBc"], ["aBC"]),
        (r"(?s)a.b", ["a\nb"], ["ab"]),
        (r"a.b", ["axb"], ["a\nb"]),
        (r"\Aab\z", ["ab"], ["ab\n", "xab"]),
        (r"^ab$", ["ab"], ["ab\n"]),
        (r"(?m)^ab$", ["x\nab\ny", "ab\n"], ["xab"]),
        (r"[[:alpha:]]{3}[[:^digit:]]", ["abc-"], ["abc1"]),
        (r"\pL\p{Lu}\PN", ["aBc"], ["ab1"]),
        (r"\p{Greek}x", ["\u03b1x"], ["ax"]),
        (r"[^\pL]x", ["1x"], ["ax"]),
        (r"(?P<name>ab)(?<other>c)", ["abc"], ["ac"]),
        (r"\Qa.b\E+", ["a.b"], ["axb"]),
        (r"\x41\x{42}\103\t", ["ABC\t"], ["ABC"]),
        (r"(?U)a+b", ["aab"], ["b"]),
        (r"[]a-]{2}", ["]-"], ["bb"]),
        (r"a{,2}", ["a{,2}"], ["aa"]),
        ("\u00e9[\u00e9\u00e8]", ["\u00e9\u00e8"], ["\u00e9e"]),
        (r"\s", ["\f"], ["\v"]),
        (r"(?:\.[a-z]+)+x", [".ab.cdx"], ["abx"]),
        (r"[a-c[:digit:]_]{4}", ["a1_c"], ["a1-c"]),
        (r"(?i)[^A]", ["b"], ["a", "A"]),
    ],
)
def test_what_an_expression_means(source: str, hits: list[str], misses: list[str]) -> None:
    pattern = re.compile(translate(source).pattern.expression)
    assert [text for text in hits if not pattern.search(text.encode())] == []
    assert [text for text in misses if pattern.search(text.encode())] == []


@pytest.mark.parametrize(
    ("source", "words"),
    [
        (r"a(?=b)", "no look-around"),
        (r"(?>a)", "no look-around"),
        (r"(a", "too early|not closed"),
        (r"a)", "no opening"),
        (r"a**", "directly behind"),
        (r"*a", "nothing to repeat"),
        (r"\1", "means nothing"),
        (r"[z-a]", "swapped"),
        (r"[[:word", "too early"),
        (r"\p{Klingon}", "Klingon"),
        (r"a{1001}", "more than 1000"),
        (r"(a+)+$", "too many ways"),
        (r"(a|ab)*c", "too many ways"),
        (r"(x*)*y", "too many ways"),
        (r"(?:a?){30}a{30}", "too many ways"),
        (r"((a{0,100}){0,100}){0,100}b", "longer than"),
        ("(" * 100 + ")" * 100, "too deeply"),
        ("a" * 30_000, "longer than"),
    ],
)
def test_what_cannot_be_run(source: str, words: str) -> None:
    with pytest.raises(UnsupportedExpressionError, match=words):
        translate(source)


@given(st.text(r"ab01(|)[]{},*+?.^$\-dwspL:iQE", max_size=24))
def test_translating_never_fails(source: str) -> None:
    for yes_or_no in (False, True):
        try:
            pattern = translate(source, yes_or_no=yes_or_no).pattern
        except UnsupportedExpressionError as error:
            assert str(error)
        else:
            re.compile(pattern.expression)


_ATOMS = st.sampled_from(["a", "b", "[ab]", "[^a]", r"\d", r"\w", ".", r"\b", "1"])
_EXPRESSIONS = st.recursive(
    _ATOMS,
    lambda inner: st.one_of(
        st.tuples(inner, inner).map("".join),
        st.tuples(inner, inner).map(lambda pair: f"(?:{pair[0]}|{pair[1]})"),
        inner.map(lambda text: f"({text})"),
        st.tuples(inner, st.sampled_from(["?", "{2}", "{1,3}", "??"])).map(
            lambda pair: f"(?:{pair[0]}){pair[1]}"
        ),
    ),
    max_leaves=6,
)


@given(_EXPRESSIONS, st.text("ab1- \n", max_size=12))
def test_what_both_languages_share_means_the_same(source: str, text: str) -> None:
    try:
        pattern = re.compile(translate(source).pattern.expression)
        simpler = re.compile(translate(source, yes_or_no=True).pattern.expression)
    except UnsupportedExpressionError:
        return
    data = text.encode()
    expected = re.compile(source.encode()).search(data)
    found = pattern.search(data)
    assert (found and (found.span(), found.groups())) == (
        expected and (expected.span(), expected.groups())
    )
    assert bool(simpler.search(data)) == bool(expected)


@given(_EXPRESSIONS, st.lists(st.text("ab1- \n", max_size=16), min_size=1, max_size=3))
def test_both_engines_find_the_same(source: str, texts: list[str]) -> None:
    rule = f"[[rules]]\nid='r'\nregex='''{source}1ab1'''\n"
    contents = [text.replace("-", "1ab1").encode() for text in texts]
    found = [secrets(rule, *contents, engine=engine) for engine in ENGINES] if contents else []
    assert found[0] == found[1]


# ---------------------------------------------------------------- beside our own rules


def test_our_rule_speaks_for_what_both_see() -> None:
    foreign = [
        (0, Match("gitleaks:generic", 0, 30, Confidence.MEDIUM, ("rule of x.toml",))),
        (0, Match("gitleaks:special", 2, 20, Confidence.MEDIUM, ("rule of x.toml",))),
        (0, Match("gitleaks:special", 40, 60, Confidence.MEDIUM, ("rule of x.toml",))),
        (2, Match("gitleaks:special", 5, 9, Confidence.MEDIUM, ("rule of x.toml",))),
    ]
    own = [(0, Match("ours", 42, 50, Confidence.LOW)), (1, Match("ours", 0, 9, Confidence.HIGH))]
    joined = join_matches(own, foreign)
    assert [(content, match.rule, match.start) for content, match in joined] == [
        (0, "gitleaks:special", 2),
        (0, "ours", 42),
        (1, "ours", 0),
        (2, "gitleaks:special", 5),
    ]
    assert joined[1][1].confidence is Confidence.MEDIUM
    assert joined[1][1].evidence == ("special, a rule of x.toml, agrees",)
    assert join_matches(own, []) == own
    yielding = join_matches(own, foreign, {"ours"})
    assert [match.rule for _, match in yielding][1:3] == ["gitleaks:special", "ours"]
    assert yielding[1][1].evidence == ("rule of x.toml", "ours agrees")


def test_both_scan_as_one_session() -> None:
    github = expand("{github:ghp_}", 3)
    rules = running(f"{ACME}\n[[allowlists]]\nstopwords=['{github[4:12].decode()}']\n")
    detector = SecretDetector(load_secret_rules(), engine="re", adapter=False)
    generic = {name for name, rule in detector.rules.items() if rule.generic}
    session = JoinedSession(detector.session(), rules.session(), generic)
    content = line() + b"G = '" + github + b"'\nH = '" + expand("{github:ghp_}", 4) + b"'\n"
    found = [match for _, match in session.scan(batch(content))]
    assert [match.rule for match in found if match.start < len(line())] == ["gitleaks:acme"]
    own = [content[match.start : match.end] for match in found if match.start > len(line())]
    assert own == [expand("{github:ghp_}", 4)]
