"""Where a secret can hide in a repository, and that each place is found and named."""

import base64
import os
import re
import subprocess
import zipfile
from pathlib import Path
from typing import NamedTuple

import msgspec
import pytest

from scanner.gitio import open_repository
from scanner.gitio.index_file import parse_index
from scanner.model import Location, Where
from scanner.pipeline.digest import Digester, fingerprint_key
from scanner.pipeline.ways import way, ways
from tests.repo import Repo
from tests.scanning import Json, Run, scan, token

ALL = ("--reflog", "--unreachable", "--min-confidence", "low")


class Spot(NamedTuple):
    """One place as a report names it; None stands for what a report does not say there."""

    where: str
    path: str
    commit: str | None = None
    ref: str | None = None
    inside: tuple[str, ...] = ()


class Haystack:
    """A repository in which every secret stands in one place only."""

    def __init__(self, repo: Repo) -> None:
        self.repo = repo
        self.spots: dict[str, tuple[str, Spot]] = {}
        """By name: the secret and its place."""
        self.lost: set[str] = set()
        """Names of those that only the reflog or nothing names."""

    def secret(self) -> str:
        """A secret that nothing else holds."""
        return token(1000 + len(self.spots))

    def text(self) -> str:
        """A file with the next secret."""
        return f"# file {len(self.spots)}\nTOKEN = '{self.secret()}'\n"

    def hide(self, name: str, spot: Spot, *, lost: bool = False) -> None:
        """Remembers where the next secret was put."""
        assert name not in self.spots
        self.spots[name] = (self.secret(), spot)
        if lost:
            self.lost.add(name)

    def blob(self) -> str:
        """The next secret's text as an object."""
        return self.repo.object("blob", self.text())

    def tree(self, path: str) -> str:
        """A tree, and trees in it, that hold the next secret at a path."""
        *directories, name = path.split("/")
        made = self.repo.git("mktree", stdin=f"100644 blob {self.blob()}\t{name}\n")
        for directory in reversed(directories):
            made = self.repo.git("mktree", stdin=f"040000 tree {made}\t{directory}\n")
        return made

    def orphan(self, tree: str | None = None, message: str = "lost", *parents: str) -> str:
        """A commit that nothing names and no reflog knows."""
        above = [word for parent in parents for word in ("-p", parent)]
        tree = tree or self.repo.git("mktree", stdin="")
        return self.repo.git("commit-tree", *above, "-F", "-", tree, stdin=message)

    def git_file(self, path: str, *, name: str | None = None, text: str = "{}\n") -> None:
        """Writes the next secret into a file of the git directory."""
        target = self.repo.git_dir / path
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("ab") as file:
            file.write(text.format(self.secret()).encode())
        self.hide(name or path, Spot("git-file", f".git/{path}"))


def committed(hay: Haystack) -> None:
    """What branches hold."""
    repo = hay.repo
    repo.commit("root", {"README.md": "# Shop\n", ".gitignore": "*.local\n"})
    here = repo.commit("at hand", {"at_hand.py": hay.text()})
    hay.hide("at hand", Spot("worktree", "at_hand.py", here))
    gone = repo.commit("to go", {"gone.py": hay.text()})
    hay.hide("history", Spot("commit", "gone.py", gone))
    repo.commit("gone", {"gone.py": None})
    repo.checkout("side", new=True)
    side = repo.commit("side", {"side.py": hay.text()})
    hay.hide("other branch", Spot("commit", "side.py", side, "refs/heads/side"))
    repo.checkout("main")
    repo.commit("main goes on", {"main.py": "x = 1\n"})
    repo.merge("side", commit=False)
    evil = repo.commit("merge side", {"evil.py": hay.text(), "side.py": None})
    hay.hide("evil merge", Spot("worktree", "evil.py", evil))
    said = repo.commit(f"say it\n\ntoken {hay.secret()}\n")
    hay.hide("commit message", Spot("message", "", said))
    modules = f'[submodule "a"]\n\turl = https://x:{hay.secret()}@example.com/a.git\n\tpath = a\n'
    url = repo.commit("submodule", {".gitmodules": modules})
    hay.hide("submodule URL", Spot("worktree", ".gitmodules", url))
    author = (f"Ada {hay.secret()}", "ada@example.com")
    person = repo.commit("who", author=author)
    hay.hide("author", Spot("message", "", person, None, ("name of the author",)))
    raw = repo.git("cat-file", "commit", "HEAD")
    lines = raw.split("\n\n")[0] + f"\nmergetag object {repo.head}\n type commit\n tag {{}}\n"
    odd = repo.object("commit", lines.format(hay.secret()) + "\nodd\n")
    repo.branch("odd", odd)
    hay.hide("commit header", Spot("message", "", odd, None, ("header of the commit",)))


def named(hay: Haystack) -> None:
    """Names of files, links and refs."""
    repo = hay.repo
    name = f"backup-{hay.secret()}.txt"
    repo.commit("a name", {name: "nothing"})
    hay.hide("file name", Spot("worktree", name, None, None, ("name of the file",)))
    name = f"old/{hay.secret()}/x"
    commit = repo.commit("a name to go", {name: "nothing"})
    spot = Spot("commit", name, commit, None, ("name of the file",))
    hay.hide("former file name", spot)
    repo.commit("gone", {name: None})
    os.symlink(f"/srv/{hay.secret()}", repo.path / "tracked-link")
    commit = repo.commit("a link", {})
    repo.stage("tracked-link")
    commit = repo.commit("a link")
    hay.hide("link", Spot("worktree", "tracked-link", commit, None, ("target of the link",)))
    ref = f"refs/heads/try-{hay.secret()}"
    repo.git("update-ref", ref, "HEAD")
    inside = ("name of the ref",)
    hay.hide("branch name", Spot("git-file", f".git/{ref}", None, ref, inside))
    ref = f"refs/tags/{hay.secret()}"
    repo.git("update-ref", ref, "HEAD")
    hay.hide("tag name", Spot("git-file", f".git/{ref}", None, ref, inside))
    repo.git("update-ref", f"refs/remotes/o/{hay.secret()}", "HEAD")
    repo.git("pack-refs", "--all")
    hay.hide("packed ref", Spot("git-file", ".git/packed-refs"))


def tagged(hay: Haystack) -> None:
    """Tags, notes, and refs that name no commit."""
    repo = hay.repo
    repo.tag("v1", message=f"first\n\n{hay.secret()}")
    hay.hide("tag message", Spot("tag", "refs/tags/v1", None, "refs/tags/v1"))
    repo.tag("inner", message=f"inner {hay.secret()}")
    hay.hide("nested tag", Spot("tag", "refs/tags/outer", None, "refs/tags/outer"))
    repo.tag("outer", "inner")
    repo.git("tag", "-d", "inner")
    repo.tag("of-tree", hay.tree("deep/in/tree.py"))
    hay.hide("tag of a tree", Spot("commit", "deep/in/tree.py", None, "refs/tags/of-tree"))
    repo.tag("of-blob", hay.blob())
    hay.hide("tag of a blob", Spot("commit", "refs/tags/of-blob", None, "refs/tags/of-blob"))
    repo.git("update-ref", "refs/keep/key", hay.blob())
    hay.hide("ref to a blob", Spot("commit", "refs/keep/key", None, "refs/keep/key"))
    repo.git("update-ref", "refs/keep/tree", hay.tree("kept.py"))
    hay.hide("ref to a tree", Spot("commit", "kept.py", None, "refs/keep/tree"))
    old = repo.object("blob", "replaced\n")
    repo.git("replace", "-f", old, hay.blob())
    replaced = f"refs/replace/{old}"
    hay.hide("replacement", Spot("commit", replaced, None, replaced))
    for ref in ("refs/notes/commits", "refs/notes/review/ci"):
        commit = repo.note(f"deploy with {hay.secret()}\n", ref=ref)
        hay.hide(f"note in {ref}", Spot("note", repo.head, commit, ref))


def stashed(hay: Haystack) -> None:
    """Every part of a stash, and of an older one."""
    repo = hay.repo
    repo.write("at_hand.py", (repo.path / "at_hand.py").read_text() + hay.text())
    older = repo.stash(message="older")
    hay.hide("older stash", Spot("stash", "at_hand.py", older))
    before = (repo.path / "main.py").read_text()
    repo.write("main.py", hay.text())
    repo.stage("main.py")
    staged = hay.secret()
    repo.write("main.py", before + "y = 2\n")
    hay.spots["stashed index"] = (staged, Spot("stash", "main.py"))
    repo.write("scratch.py", hay.text())
    untracked = hay.secret()
    hay.spots["stashed untracked"] = (untracked, Spot("stash", "scratch.py"))
    repo.write("at_hand.py", (repo.path / "at_hand.py").read_text() + hay.text())
    work = repo.stash(untracked=True)
    hay.hide("stashed files", Spot("stash", "at_hand.py", work, "refs/stash"))
    for name, parent in (("stashed index", 2), ("stashed untracked", 3)):
        secret, spot = hay.spots[name]
        commit = repo.git("rev-parse", f"{work}^{parent}")
        hay.spots[name] = (secret, spot._replace(commit=commit, ref="refs/stash"))


def at_hand(hay: Haystack) -> None:
    """The index and files that no commit knows."""
    repo = hay.repo
    repo.write("staged.py", hay.text())
    repo.stage("staged.py")
    repo.remove("staged.py")
    hay.hide("index", Spot("index", "staged.py"))
    repo.write("intended.py", hay.text())
    repo.git("add", "--intent-to-add", "intended.py")
    hay.hide("intent to add", Spot("worktree", "intended.py"))
    for stage in (1, 2, 3):
        entry = f"100644 {hay.blob()} {stage}\tconflict.py\n"
        repo.git("update-index", "--index-info", stdin=entry)
        hay.hide(f"conflict side {stage}", Spot("index", "conflict.py", None, f":{stage}"))
    repo.write("untracked.py", hay.text())
    hay.hide("untracked", Spot("worktree", "untracked.py"))
    repo.write("app.local", hay.text())
    hay.hide("ignored", Spot("worktree", "app.local"))
    os.symlink(f"/srv/{hay.secret()}", repo.path / "loose-link")
    hay.hide("untracked link", Spot("worktree", "loose-link", None, None, ("target of the link",)))


def in_git_files(hay: Haystack) -> None:
    """What the git directory holds beside objects."""
    repo = hay.repo
    url = '[remote "o"]\n\turl = https://x:{}@example.com/o.git\n'
    hay.git_file("config", name="remote's address", text=url)
    hay.git_file("config.worktree", text=url)
    basic = base64.b64encode(f"x-access-token:{hay.secret()}".encode()).decode()
    repo.git("config", "http.https://example.com/.extraheader", f"AUTHORIZATION: basic {basic}")
    hay.hide("extra header", Spot("git-file", ".git/config", None, None, ("base64",)))
    for path in (
        *("COMMIT_EDITMSG", "MERGE_MSG", "SQUASH_MSG", "TAG_EDITMSG", "NOTES_EDITMSG"),
        *("EDIT_DESCRIPTION", "description", "info/exclude", "info/attributes"),
        *("logs/refs/heads/gone", "rebase-merge/message", "rebase-apply/patch", "sequencer/todo"),
        *("rr-cache/0a/preimage", "modules/a/config", "modules/a/hooks/pre-push", "BISECT_LOG"),
        *("worktrees/gone/locked", "objects/info/http-alternates", "ADD_EDIT.patch", "config~"),
        "remotes/origin",
    ):
        hay.git_file(path, text="see {}\n")
    hay.git_file("hooks/pre-push", text="#!/bin/sh\ncurl -H 'Authorization: token {}' x\n")
    (repo.git_dir / "modules/a/HEAD").write_text("ref: refs/heads/main\n")
    (repo.git_dir / "modules/a/objects").mkdir()
    hay.git_file("lfs/objects/ab/cd/abcd", name="LFS object", text="DATA {}\n")
    fetched = hay.orphan(hay.tree("fetched.py"), "fetched")
    hay.hide("fetched commit", Spot("commit", "fetched.py", fetched, "FETCH_HEAD"))
    line = f"{fetched}\tnot-for-merge\tbranch 'x' of https://x:{{}}@example.com/x\n"
    hay.git_file("FETCH_HEAD", text=line)
    (repo.git_dir / "AUTO_MERGE").write_text(hay.tree("half/merged.py") + "\n")
    hay.hide("half a merge", Spot("commit", "half/merged.py", None, "AUTO_MERGE"))
    picked = hay.orphan(hay.tree("picked.py"), "picked")
    (repo.git_dir / "CHERRY_PICK_HEAD").write_text(picked + "\n")
    hay.hide("half a pick", Spot("commit", "picked.py", picked, "CHERRY_PICK_HEAD"))


def in_worktrees(hay: Haystack, path: Path) -> None:
    """A linked worktree's own files, index and head."""
    repo = hay.repo
    repo.git("worktree", "add", "--quiet", "--detach", str(path), "HEAD")
    linked = Repo(path)
    linked.time = repo.time
    head = linked.commit("detached", {"detached.py": hay.text()})
    hay.hide("another work tree's head", Spot("commit", "detached.py", head))
    linked.write("linked.py", hay.text())
    linked.stage("linked.py")
    name = f"worktrees/{path.name}"
    hay.hide("another work tree's index", Spot("index", "linked.py", None, f"{name}/index"))
    for file in ("COMMIT_EDITMSG", "locked", "config.worktree"):
        hay.git_file(f"{name}/{file}", text="see {}\n")


def in_reflogs(hay: Haystack) -> None:
    """What was amended away."""
    repo = hay.repo
    amended = repo.commit("to be amended", {"amended.py": hay.text()})
    hay.hide("amended away", Spot("reflog", "amended.py", amended), lost=True)
    repo.git("reset", "--quiet", "--hard", "HEAD~1")
    said = repo.commit("to be lost")
    repo.git("reset", "--quiet", "--hard", "HEAD~1")
    message = repo.git("log", "-g", "-1", "--format=%H", "HEAD@{1}")
    assert said == message
    entry = f"{said} {said} A <a@example.com> 1700000000 +0000\treset: {hay.secret()}\n"
    with (repo.git_dir / "logs/HEAD").open("a") as log:
        log.write(entry)
    hay.hide("reflog message", Spot("git-file", ".git/logs/HEAD"))


def in_lost_objects(hay: Haystack) -> None:
    """What nothing names any more."""
    repo = hay.repo
    hay.blob()
    hay.hide("dangling blob", Spot("unreachable", ""), lost=True)
    hay.tree("a/dangling.py")
    hay.hide("dangling tree", Spot("unreachable", "a/dangling.py"), lost=True)
    base = hay.orphan(hay.tree("b/base.py"))
    hay.hide("unreachable commit", Spot("unreachable", "b/base.py", base), lost=True)
    above = hay.orphan(None, f"message {hay.secret()}", base)
    hay.hide("unreachable message", Spot("message", "", above), lost=True)
    repo.tag("deleted", message=f"deleted {hay.secret()}")
    repo.git("tag", "-d", "deleted")
    hay.hide("deleted tag", Spot("unreachable", ""), lost=True)
    tree = repo.git("rev-parse", "HEAD^{tree}")
    loose = hay.orphan(hay.tree("scratch/loose.py"), "untracked files on main")
    hay.hide("dropped stash", Spot("unreachable", "scratch/loose.py", loose), lost=True)
    hay.orphan(tree, "WIP on main", repo.head, repo.head, loose)


def wrapped(hay: Haystack) -> None:
    """Files in which the text does not stand as it is."""
    repo = hay.repo
    repo.write("wrapped/utf16.txt", f"token {hay.secret()}\n".encode("utf-16"))
    hay.hide("UTF-16", Spot("worktree", "wrapped/utf16.txt"))
    code = base64.b64encode(hay.text().encode()).decode()
    repo.write("wrapped/base64.txt", f"data = {code}\n")
    hay.hide("base64", Spot("worktree", "wrapped/base64.txt"))
    repo.write("wrapped/hex.txt", f"data = {hay.text().encode().hex()}\n")
    hay.hide("hex", Spot("worktree", "wrapped/hex.txt"))
    with zipfile.ZipFile(repo.path / "wrapped/archive.zip", "w") as archive:
        archive.writestr("inner/.env", hay.text())
    hay.hide("zip", Spot("worktree", "wrapped/archive.zip"))


@pytest.fixture
def haystack(repo: Repo, tmp_path: Path) -> Haystack:
    """All places at once."""
    hay = Haystack(repo)
    committed(hay)
    named(hay)
    tagged(hay)
    stashed(hay)
    in_reflogs(hay)
    in_worktrees(hay, tmp_path / "linked")
    in_lost_objects(hay)
    in_git_files(hay)
    at_hand(hay)
    wrapped(hay)
    return hay


def digests(hay: Haystack) -> dict[str, str]:
    """The name of each place by the digest of its secret."""
    with open_repository(hay.repo.path) as repository:
        digester = Digester(fingerprint_key(None, repository.root_commit()))
    return {
        digester.secret(secret.encode(), guessable=False): name
        for name, (secret, _) in hay.spots.items()
    }


def found_in(hay: Haystack, result: Run) -> dict[str, list[Json]]:
    """The locations of each secret by its name."""
    names = digests(hay)
    found: dict[str, list[Json]] = {}
    for finding in result.secrets:
        found.setdefault(names[finding["secret"]["digest"]], []).extend(finding["locations"])
    return found


def matches(spot: Spot, location: Json, secret: str) -> bool:
    """Whether a location says what it should; a secret in a path is masked."""
    path = spot.path
    if secret in path:
        before, _, after = path.partition(secret)
        if not (location["path"].startswith(before) and location["path"].endswith(after)):
            return False
    elif location["path"] != path:
        return False
    if spot.commit is not None and location["commit"] != spot.commit:
        return False
    if spot.inside and tuple(location.get("inside", ())) != spot.inside:
        return False
    if spot.ref is not None and secret not in spot.ref and location["ref"] != spot.ref:
        return False
    return bool(location["where"] == spot.where)


def unmet(hay: Haystack, found: dict[str, list[Json]]) -> dict[str, object]:
    """The places that were not found, or not as they should be."""
    return {
        name: (spot, found.get(name))
        for name, (secret, spot) in hay.spots.items()
        if not any(matches(spot, place, secret) for place in found.get(name, ()))
    }


def test_one_command_finds_every_place(haystack: Haystack) -> None:
    assert len(haystack.spots) >= 60
    result = scan(haystack.repo.path, *ALL, "--archives")
    assert result.out, result.err
    assert unmet(haystack, found_in(haystack, result)) == {}
    for secret, _ in haystack.spots.values():
        assert secret.encode() not in result.out + result.err


def test_the_default_command_finds_what_something_names(haystack: Haystack) -> None:
    found = found_in(haystack, scan(haystack.repo.path, "--archives"))
    assert set(found) == set(haystack.spots) - haystack.lost


# ------------------------------------------------------------------------------ how to get at it


def sentence(place: Json) -> str:
    """The way to a place of a report."""
    fields = {name: value for name, value in place.items() if value is not None}
    location = msgspec.convert(fields, Location, strict=False)
    return way(location)


def test_the_named_command_brings_each_secret_up(haystack: Haystack) -> None:
    """Every command is run, in a shell, where an agent would run it."""
    found = found_in(haystack, scan(haystack.repo.path, *ALL))
    failed = {}
    for name, (secret, spot) in haystack.spots.items():
        place = next((one for one in found.get(name, ()) if one["where"] == spot.where), None)
        if place is None or secret in spot.path:
            continue
        command = sentence(place).partition(": ")[2]
        command = re.split(r" \(git |, then undo ", command)[0]
        done = subprocess.run(
            ["sh", "-c", command],
            cwd=haystack.repo.path,
            env=haystack.repo.environment(),
            capture_output=True,
            check=False,
        )
        encoded = spot.inside == ("base64",) or spot.path.startswith("wrapped/")
        if done.returncode or not (encoded or secret.encode() in done.stdout):
            failed[name] = (command, done.stderr)
    assert failed == {}


def test_names_are_listed_not_repeated() -> None:
    named = Location(Where.WORKTREE, "a b", inside=("name of the file",))
    assert way(named) == "any file tool or shell: find . shows the name"
    old = Location(Where.COMMIT, "a b", commit="c0ffee", inside=("name of the file",))
    assert way(old) == "any shell: git ls-tree -r --name-only c0ffee"
    ref = Location(Where.GIT_FILE, ".git/refs/heads/x", inside=("name of the ref",))
    assert way(ref) == "any shell: git for-each-ref"


def test_a_path_is_quoted_for_the_shell() -> None:
    place = Location(Where.COMMIT, "a; rm -rf $HOME", commit="c0ffee")
    assert way(place) == "any shell: git show 'c0ffee:a; rm -rf $HOME'"


def test_one_way_for_each_kind_of_place() -> None:
    places = [
        Location(Where.WORKTREE, "a"),
        Location(Where.WORKTREE, "b"),
        Location(Where.COMMIT, "c", commit="c0ffee", inside=("base64",)),
        Location(Where.STDIN, ""),
    ]
    assert [evidence.text for evidence in ways(places)] == [
        "any file tool or shell: cat a",
        "any shell: git show c0ffee:c, then undo base64",
    ]


# ------------------------------------------------------------------------------ other shapes


def small(hay: Haystack) -> None:
    """A few places of every kind that any repository can have."""
    repo = hay.repo
    repo.commit("root", {"README.md": "# Shop\n"})
    here = repo.commit("at hand", {"at_hand.py": hay.text()})
    hay.hide("at hand", Spot("worktree", "at_hand.py", here))
    gone = repo.commit("to go", {"gone.py": hay.text()})
    hay.hide("history", Spot("commit", "gone.py", gone))
    repo.commit("gone", {"gone.py": None})
    said = repo.commit(f"say it\n\ntoken {hay.secret()}\n")
    hay.hide("commit message", Spot("message", "", said))
    repo.tag("v1", message=f"first\n\n{hay.secret()}")
    hay.hide("tag message", Spot("tag", "refs/tags/v1"))
    repo.tag("of-tree", hay.tree("deep/in/tree.py"))
    hay.hide("tag of a tree", Spot("commit", "deep/in/tree.py", None, "refs/tags/of-tree"))
    repo.git("update-ref", f"refs/heads/try-{hay.secret()}", "HEAD")
    hay.hide("branch name", Spot("git-file", f".git/refs/heads/try-{hay.secret()}"))
    commit = repo.note(f"deploy with {hay.secret()}\n")
    hay.hide("note", Spot("note", repo.head, commit))
    (repo.git_dir / "COMMIT_EDITMSG").unlink()


def lost(hay: Haystack) -> None:
    """What nothing names."""
    above = hay.orphan(hay.tree("b/base.py"))
    hay.hide("unreachable commit", Spot("unreachable", "b/base.py", above), lost=True)
    hay.tree("a/dangling.py")
    hay.hide("dangling tree", Spot("unreachable", "a/dangling.py"), lost=True)
    hay.repo.tag("deleted", message=f"deleted {hay.secret()}")
    hay.repo.git("tag", "-d", "deleted")
    hay.hide("deleted tag", Spot("unreachable", ""), lost=True)


def of(hay: Haystack, repo: Repo) -> Haystack:
    """The same places in another repository."""
    other = Haystack(repo)
    other.spots, other.lost = dict(hay.spots), set(hay.lost)
    return other


def test_sha256(tmp_path: Path) -> None:
    hay = Haystack(Repo.init(tmp_path / "repo", object_format="sha256"))
    small(hay)
    lost(hay)
    hay.repo.write("staged.py", hay.text())
    hay.repo.stage("staged.py")
    hay.hide("index", Spot("worktree", "staged.py"))
    in_worktrees(hay, tmp_path / "linked")
    result = scan(hay.repo.path, *ALL)
    assert result.report["problems"] == []
    assert unmet(hay, found_in(hay, result)) == {}


def test_bare_with_everything_packed(repo: Repo, tmp_path: Path) -> None:
    hay = Haystack(repo)
    small(hay)
    bare = of(hay, repo.clone(tmp_path / "bare.git", "--mirror"))
    secret, spot = bare.spots["at hand"]
    bare.spots["at hand"] = (secret, spot._replace(where="commit"))
    bare.git_file("config", text='[remote "p"]\n\turl = https://x:{}@example.com/p.git\n')
    bare.git_file("hooks/update", text="curl -u x:{} example.com\n")
    lost(bare)
    bare.repo.git("repack", "-a", "-d", "-k", "--quiet")
    result = scan(bare.repo.path, *ALL)
    assert result.report["problems"] == []
    assert unmet(bare, found_in(bare, result)) == {}


def test_detached_head_and_a_linked_worktree(repo: Repo, tmp_path: Path) -> None:
    hay = Haystack(repo)
    small(hay)
    repo.git("checkout", "--quiet", "--detach")
    lone = repo.commit("on no branch", {"lone.py": hay.text()})
    hay.hide("detached head", Spot("worktree", "lone.py", lone))
    repo.write("main_only.py", hay.text())
    repo.stage("main_only.py")
    hay.hide("main index", Spot("index", "main_only.py", None, "index"))
    repo.git("worktree", "add", "--quiet", "--detach", str(tmp_path / "linked"), "HEAD")
    linked = of(hay, Repo(tmp_path / "linked"))
    linked.git_file("COMMIT_EDITMSG")
    name = linked.spots.pop("COMMIT_EDITMSG")
    own = Spot("git-file", ".git/worktrees/linked/COMMIT_EDITMSG")
    linked.spots["own draft"] = (name[0], own)
    result = scan(linked.repo.path, *ALL)
    assert unmet(linked, found_in(linked, result)) == {}
    assert any(str(repo.path) in note for note in result.report["summary"]["coverage"]["notes"])


def test_a_shallow_clone_says_so_and_finds_the_rest(repo: Repo, tmp_path: Path) -> None:
    hay = Haystack(repo)
    small(hay)
    clone = of(hay, repo.clone(tmp_path / "shallow", "--depth=2"))
    result = scan(clone.repo.path, *ALL)
    assert "shallow" in result.reasons
    found = found_in(clone, result)
    assert {"at hand", "commit message"} <= set(found)
    assert "history" not in found


def test_a_partial_clone_says_so_and_finds_the_rest(repo: Repo, tmp_path: Path) -> None:
    repo.git("config", "uploadpack.allowFilter", "true")
    hay = Haystack(repo)
    small(hay)
    clone = of(hay, repo.clone(tmp_path / "partial", "--filter=blob:none"))
    lost(clone)
    result = scan(clone.repo.path, *ALL)
    assert "missing from this partial clone" in result.reasons
    found = found_in(clone, result)
    absent = {"history", "note", "branch name", "tag of a tree"}
    assert set(clone.spots) - absent <= set(found)


# ------------------------------------------------------------------------------ limits and cost


def test_what_lies_outside_is_said(repo: Repo, tmp_path: Path) -> None:
    repo.commit("one", {"a.py": "x = 1\n"})
    repo.git("bundle", "create", "kept.bundle", "--all")
    borrowed = tmp_path / "borrowed"
    repo.git("clone", "--quiet", "--shared", str(repo.path), str(borrowed))
    notes = scan(repo.path).report["summary"]["coverage"]["notes"]
    assert any("kept.bundle is a bundle" in note for note in notes)
    notes = scan(borrowed).report["summary"]["coverage"]["notes"]
    assert any("objects are borrowed from" in note and str(repo.path) in note for note in notes)


def test_the_number_of_git_processes_does_not_grow(
    haystack: Haystack, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever has to be looked up is put to git once for all."""

    def processes() -> int:
        trace = tmp_path / "trace"
        trace.unlink(missing_ok=True)
        monkeypatch.setenv("GIT_TRACE2_EVENT", str(trace))
        scan(haystack.repo.path, *ALL, "--jobs", "2")
        monkeypatch.delenv("GIT_TRACE2_EVENT")
        return trace.read_text().count('"event":"start"')

    before = processes()
    assert before <= 31
    for number in range(5):
        tag = haystack.repo.tag(f"more-{number}", haystack.tree(f"more/{number}.py"))
        assert tag
        haystack.hide(f"more {number}", Spot("commit", f"more/{number}.py"))
        haystack.orphan(haystack.tree(f"lost/{number}.py"), f"lost {number}")
        haystack.hide(f"lost {number}", Spot("unreachable", f"lost/{number}.py"))
    assert processes() == before


def test_git_does_not_repeat_a_token_in_its_complaint(repo: Repo) -> None:
    repo.commit("one", {"a.py": "x = 1\n"})
    (repo.git_dir / "packed-refs").write_text(f"what is {token()}\n")
    result = scan(repo.path)
    assert token().encode() not in result.out + result.err
    assert b"packed-refs" in result.out + result.err


# ------------------------------------------------------------------------------ other indexes


@pytest.mark.parametrize("version", ["2", "3", "4"])
@pytest.mark.parametrize("object_format", ["sha1", "sha256"])
def test_an_index_is_read_as_git_reads_it(tmp_path: Path, version: str, object_format: str) -> None:
    repo = Repo.init(tmp_path / "repo", object_format=object_format)
    names = [f"{'d/' * (number % 4)}{'n' * number}.py" for number in range(1, 40)]
    repo.commit("one", {name: f"# {name}\n" for name in names})
    if version == "3":
        repo.write("intended.py", "x = 1\n")
        repo.git("add", "--intent-to-add", "intended.py")
    repo.git("update-index", "--index-version", version)
    data = (repo.git_dir / "index").read_bytes()
    with open_repository(repo.path) as repository:
        assert list(parse_index(data, object_format)) == list(repository.index_entries())
    for end in range(0, len(data), 7):
        assert len(list(parse_index(data[:end], object_format))) <= len(names) + 1
