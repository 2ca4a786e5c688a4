"""The way from configuration to a finding and its record: how a value gets into processes."""

from pathlib import Path

import pytest

from scanner.incidents.entry import entry_route
from scanner.model import Channel, Location, Verdict, Where
from tests.test_reach import Site


@pytest.fixture
def site(tmp_path: Path) -> Site:
    root = tmp_path / "site"
    root.mkdir()
    return Site(root)


def test_a_value_in_an_agents_settings_is_in_its_environment(site: Site) -> None:
    site.write(".claude/settings.json", '{"env": {\n"TOKEN": "a-value-1234"}}')
    place = Location(Where.WORKTREE, ".claude/settings.json", line=2)
    way = site.model().way_in(place)
    assert way is not None
    assert (way.route, way.source) == ("environment-variable", ".claude/settings.json:2")
    answers = {one.channel: one for one in site.model().reach(place, ["claude-code"])}
    # Loaded is not sent: that takes a command that prints it.
    assert answers[Channel.ENVIRONMENT].verdict is Verdict.NO_PROMPT


def test_a_value_in_a_managers_template_is_a_misconfiguration(site: Site) -> None:
    site.write(
        "deploy/keys.yaml",
        "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata:\n  name: keys\n"
        "spec:\n  target:\n    template:\n      data:\n        TOKEN: a-value-1234\n",
    )
    way = site.model().way_in(Location(Where.WORKTREE, "deploy/keys.yaml", line=9))
    assert way is not None and way.route == "secrets-manager-misconfiguration"


def test_where_nothing_carries_it_nothing_is_said(site: Site) -> None:
    site.write("deploy/app.yaml", "kind: Deployment\ntoken: a-value-1234\n")
    assert site.model().way_in(Location(Where.WORKTREE, "deploy/app.yaml", line=2)) is None


def test_gits_own_configuration_writes_it_out() -> None:
    fact = entry_route([Location(Where.GIT_FILE, ".git/config", line=7)])
    assert fact.value == "hardcoded"
    assert entry_route([Location(Where.GIT_FILE, ".git/COMMIT_EDITMSG", line=1)]).value is None
