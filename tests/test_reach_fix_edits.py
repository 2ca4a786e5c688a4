"""Edits of settings files: what is put in is there, and what was there is still there."""

import json
import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.reach.editing import edit_json, edit_lines, edit_toml
from scanner.reach.editing.edit_refused import EditRefusedError
from scanner.reach.formats import jsonc

DENY = ("permissions", "deny")


def plain(node: jsonc.Node | None) -> object:
    if isinstance(node, jsonc.Object):
        return {key: plain(value) for key, value in node.members.items()}
    if isinstance(node, jsonc.Array):
        return [plain(item) for item in node.items]
    return node.value if node is not None else None


def is_within(old: str, new: str) -> bool:
    """Every character of the old text stands in the new one, in the same order; blanks apart."""
    rest = iter("".join(new.split()))
    return all(char in rest for char in "".join(old.split()))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(
            '{\n  "permissions": {\n    "deny": [\n      "a"\n    ]\n  }\n}\n',
            '{\n  "permissions": {\n    "deny": [\n      "a",\n      "b"\n    ]\n  }\n}\n',
            id="a list over lines",
        ),
        pytest.param(
            '{"permissions": {"deny": ["a"]}}',
            '{"permissions": {"deny": ["a", "b"]}}',
            id="all in one line, no line feed at the end",
        ),
        pytest.param(
            '{\n\t"permissions": {\n\t\t"allow": ["x"] // mine\n\t}\n}\n',
            '{\n\t"permissions": {\n\t\t"allow": ["x"], // mine\n\t\t"deny": [\n\t\t\t"b"\n\t\t]\n'
            "\t}\n}\n",
            id="tabs, and a comment behind the last member",
        ),
        pytest.param(
            '{\n  "permissions": {\n    "deny": [\n      "a", // why\n    ],\n  },\n}\n',
            '{\n  "permissions": {\n    "deny": [\n      "a", // why\n      "b",\n    ],'
            "\n  },\n}\n",
            id="trailing commas stay a habit",
        ),
        pytest.param(
            '{\r\n  "permissions": {\r\n    "deny": []\r\n  }\r\n}\r\n',
            '{\r\n  "permissions": {\r\n    "deny": [\r\n      "b"\r\n    ]\r\n  }\r\n}\r\n',
            id="an empty list, line endings of Windows",
        ),
        pytest.param(
            '{\n  "permissions": {\n    "deny": [\n      // nothing yet\n    ]\n  }\n}\n',
            '{\n  "permissions": {\n    "deny": [\n      // nothing yet\n      "b"\n    ]'
            "\n  }\n}\n",
            id="a list with a comment only",
        ),
        pytest.param(
            '{\n    "a": 1,\n    "permissions": {"deny": ["a"]}\n}\n',
            '{\n    "a": 1,\n    "permissions": {"deny": ["a", "b"]}\n}\n',
            id="a short list inside a long text",
        ),
        pytest.param(
            '{\n  "a": 1}',
            '{\n  "a": 1,\n  "permissions": {\n    "deny": [\n      "b"\n    ]\n  }}',
            id="the closing bracket on the last line",
        ),
        pytest.param(
            '{"permissions": {"deny": [\n"a" /* , */] /* ] */\n}}', None, id="two comments"
        ),
        pytest.param("{}\n", None, id="empty object"),
        pytest.param("\ufeff{}\n", None, id="byte order mark"),
        pytest.param('{"permissions": {"deny": ["a",]}}', None, id="comma in one line"),
        pytest.param('{"permissions": {"deny": ["x"], "deny": ["a"]}}', None, id="a key twice"),
        pytest.param('{"permissions":{"deny":["a" /* , "no" */]}}', None, id="comment in line"),
        pytest.param('{"permissions": {"deny": [/* none */]}}', None, id="comment in empty list"),
        pytest.param('/* a\n b */ {"a": "]}//"} // end', None, id="brackets in texts"),
    ],
)
def test_a_text_is_put_at_the_end_of_a_list(before: str, after: str | None) -> None:
    changed = edit_json.append(before, DENY, ["b"])
    if after is not None:
        assert changed == after
    document = jsonc.parse(changed)
    found = [text for text, _ in jsonc.strings(jsonc.get(document.root, *DENY))]
    old = [text for text, _ in jsonc.strings(jsonc.get(jsonc.parse(before).root, *DENY))]
    assert found == [*old, "b"]
    assert is_within(before, changed)
    assert document.strict or not jsonc.parse(before).strict


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "a value was expected"),
        ("{", "line 1"),
        ("[]", "no object"),
        ('"x"', "no object"),
        ('{"permissions": []}', "permissions is no object"),
        ('{"permissions": null}', "permissions is no object"),
        ('{"permissions": {"deny": "a"}}', "permissions.deny is no list"),
        ('{"permissions": {"deny": {}}}', "permissions.deny is no list"),
        ('{"permissions": {"deny": ["a]}}', "a string"),
        ("[" * 200 + "]" * 200, "nested too deeply"),
    ],
)
def test_a_text_of_another_shape_is_refused(text: str, reason: str) -> None:
    with pytest.raises(
        EditRefusedError, match=reason if reason != "the file ends too early" else ""
    ):
        edit_json.append(text, DENY, ["b"])


def test_a_missing_file_is_made_and_values_are_put() -> None:
    assert edit_json.append(None, DENY, ["b"]) == (
        '{\n  "permissions": {\n    "deny": [\n      "b"\n    ]\n  }\n}\n'
    )
    text = '{\n  // off\n  "sandbox": {"enabled": false} // here\n}\n'
    changed = edit_json.put(text, ("sandbox", "enabled"), True)
    assert changed == '{\n  // off\n  "sandbox": {"enabled": true} // here\n}\n'
    with pytest.raises(EditRefusedError):
        edit_json.put('{"sandbox": {"enabled": []}}', ("sandbox", "enabled"), True)


def test_a_rule_is_put_in_front() -> None:
    text = '{\n  "rules": [\n    // first\n    {"a": 1}\n  ]\n}\n'
    changed = edit_json.prepend(text, ("rules",), [{"b": ["c"]}])
    assert plain(jsonc.parse(changed).root) == {"rules": [{"b": ["c"]}, {"a": 1}]}
    assert "// first" in changed
    assert edit_json.prepend('{"rules": [1, 2]}', ("rules",), ["x"]) == '{"rules": ["x", 1, 2]}'
    assert json.loads(edit_json.prepend('{"rules": []}', ("rules",), ["x"])) == {"rules": ["x"]}


SCALARS = st.sampled_from(["a", "]", "//", "/*", ",", "{", '"', "\\", 1, -2.5, True, False, None])
SPACES = st.sampled_from(["", " ", "\n", "\r\n", "\t", " // c,]}\n", "/* , ] */", "\n\n    "])


@st.composite
def written(draw: st.DrawFn, value: object) -> str:
    """A value as a person may have written it: blanks, comments and commas anywhere."""
    if isinstance(value, list):
        opening, closing = "[]"
        parts = [draw(written(item)) for item in value]
    elif isinstance(value, dict):
        opening, closing = "{}"
        parts = [
            f"{json.dumps(key)}{draw(SPACES)}:{draw(written(item))}" for key, item in value.items()
        ]
    else:
        return draw(SPACES) + json.dumps(value) + draw(SPACES)
    inner = "".join(
        draw(SPACES) + part + draw(SPACES) + ("," if index < len(parts) - 1 else "")
        for index, part in enumerate(parts)
    )
    trailing = draw(st.sampled_from(["", ","])) if parts else ""
    return f"{draw(SPACES)}{opening}{inner}{trailing}{draw(SPACES)}{closing}{draw(SPACES)}"


VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(["a", "k", "permissions", "deny"]), inner, max_size=3),
    ),
    max_leaves=8,
)


@given(st.data())
def test_whatever_the_text_looks_like_only_the_list_changes(data: st.DataObject) -> None:
    deny = data.draw(st.lists(SCALARS, max_size=3))
    value: dict[str, Any] = data.draw(
        st.dictionaries(st.sampled_from(["a", "k"]), VALUES, max_size=2)
    )
    if data.draw(st.booleans()):
        other: dict[str, object] = {"k": 1} if data.draw(st.booleans()) else {}
        value["permissions"] = {**other, "deny": deny}
    text = data.draw(written(value))
    changed = edit_json.append(text, DENY, ["new", "more"])
    held = value.get("permissions", {})
    expected = [*held.get("deny", []), "new", "more"]
    value["permissions"] = {**held, "deny": expected}
    assert plain(jsonc.parse(changed).root) == value
    assert is_within(text, changed)


@given(st.text(alphabet='{}[]",:/*\\ \nab1-', max_size=40))
def test_no_text_breaks_the_editor(text: str) -> None:
    try:
        changed = edit_json.append(text, DENY, ["b"])
    except EditRefusedError:
        return
    assert [one for one, _ in jsonc.strings(jsonc.get(jsonc.parse(changed).root, *DENY))][-1] == "b"


# ---------------------------------------------------------------------- ignore files


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (None, "x\ny\n"),
        ("", "x\ny\n"),
        ("a", "a\nx\ny\n"),
        ("a\n", "a\nx\ny\n"),
        ("a\r\nb", "a\r\nb\r\nx\r\ny\r\n"),
        ("\ufeff", "\ufeffx\ny\n"),
        ("# only\n\n", "# only\n\nx\ny\n"),
    ],
)
def test_lines_are_put_behind_the_last(before: str | None, after: str) -> None:
    assert edit_lines.append(before, ["x", "y"]) == after


# ---------------------------------------------------------------------- TOML


TABLE = ("permissions", "safe", "filesystem", ":workspace_roots")


@pytest.mark.parametrize(
    "before",
    [
        "",
        "model = 1",
        '[permissions.safe.filesystem]\n":minimal" = "read"  # keep\n\n[tui]\n# about\nx = 1\n',
        '[permissions.safe.filesystem.":workspace_roots"]\n"." = "write"\n# end\n\n[tui]\nx = 1\n',
        "[permissions.safe.filesystem.':workspace_roots']\r\n'.' = 'write'\r\n[tui]\r\nx = 1\r\n",
        'note = """\n[permissions.safe.filesystem.":workspace_roots"]\n"""\n',
        "permissions.safe.description = 'x'\n",
        '[permissions.safe.filesystem.":workspace_roots"]',
    ],
)
def test_keys_are_put_into_a_table(before: str) -> None:
    changed = edit_toml.put(before, TABLE, {"a/.env": "deny"})
    found = tomllib.loads(changed)
    for key in TABLE:
        found = found[key]
    assert found["a/.env"] == "deny"
    assert is_within(before, changed)
    assert edit_toml.put(changed, TABLE, {"a/.env": "deny"}) == changed


@pytest.mark.parametrize(
    "text",
    [
        "x = ",
        "permissions = 1\n",
        'permissions = {safe = {filesystem = {":workspace_roots" = {"." = "write"}}}}\n',
        "permissions = []\n",
    ],
)
def test_a_table_that_cannot_be_added_to_is_refused(text: str) -> None:
    with pytest.raises(EditRefusedError):
        edit_toml.put(text, TABLE, {"a": "deny"})
