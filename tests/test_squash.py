"""Marks that a squash dropped, found again behind the head of its pull request."""

from collections.abc import Callable
from pathlib import Path

import pytest

from scanner.attribution import Attributor
from scanner.attribution.squash import request_number, squashed_below
from scanner.gitio import Ref, open_repository
from scanner.gitio.pulls import other_tips, pull_heads
from scanner.model import Attribution, Basis, Change, Identity, Mark, Role, Tier, Where
from scanner.pipeline.squash import Limits, Recovery, recover, with_recovered
from scanner.rules.agents import load_agents
from tests.repo import Repo

ATTRIBUTOR = Attributor(load_agents())
CLAUDE = ("Claude", "noreply@anthropic.com")
CLAUDE_TRAILER = {"Co-authored-by": "Claude Opus 4.6 <noreply@anthropic.com>"}
CURSOR_TRAILER = {"Co-authored-by": "Cursor <cursoragent@cursor.com>"}
BOT = ("dependabot[bot]", "49699333+dependabot[bot]@users.noreply.github.com")
REVIEW = {
    "Co-authored-by": "ellipsis-dev[bot] <65095814+ellipsis-dev[bot]@users.noreply.github.com>"
}

Branch = Callable[[Repo], None]


@pytest.fixture
def repo(tmp_path: Path) -> Repo:
    """A main branch with one commit."""
    made = Repo.init(tmp_path / "repo")
    made.commit("begin", {"fees.py": "fees = 0\n", "README": "read me\n"})
    return made


def marked_branch(repo: Repo) -> None:
    """Two of three commits carry Claude's trailer."""
    repo.commit("a person's", {"fees.py": "fees = 1\n"})
    repo.commit("with help", {"fees.py": "fees = 2\n"}, trailers=CLAUDE_TRAILER)
    repo.commit("more help", {"tests.py": "assert fees\n"}, trailers=CLAUDE_TRAILER)


def pull(repo: Repo, branch: Branch = marked_branch, number: int = 12) -> str:
    """Makes a pull request off main and leaves its head only under its ref; the head's id."""
    repo.checkout("feature", new=True)
    branch(repo)
    head = repo.head
    repo.git("update-ref", f"refs/pull/{number}/head", head)
    repo.checkout("main")
    repo.git("branch", "--quiet", "-D", "feature")
    return head


def squash(repo: Repo, head: str, message: str = "Round fees (#12)") -> str:
    """What a forge's squash button makes of the branch; the commit's id."""
    repo.git("merge", "--quiet", "--squash", head)
    return repo.commit(message)


def recovered(repo: Repo, limits: Limits | None = None) -> Recovery:
    with open_repository(repo.path) as opened:
        return recover(opened, ATTRIBUTOR.attribute, limits=limits)


def mark(recovery: Recovery, commit: str, agent: str = "claude-code") -> Mark:
    (found,) = [one for one in recovery.attributions[commit].marks if one.agent == agent]
    return found


def words(one: Mark) -> str:
    return " | ".join(evidence.text for evidence in one.evidence)


# ---------------------------------------------------------------------- what is found


def test_a_squash_gets_the_marks_of_its_commits(repo: Repo) -> None:
    head = pull(repo)
    commit = squash(repo, head)
    found = recovered(repo)
    assert list(found.attributions) == [commit]
    assert (found.examined, found.unrelated, found.problems) == (1, 0, ())
    one = mark(found, commit)
    assert (one.role, one.tier, one.model) == (Role.CO_AUTHOR, Tier.TRAILER, "Claude Opus 4.6")
    assert "2 of the 3 commits behind refs/pull/12/head carry its marks" in words(one)
    assert "touches the paths of that branch and leaves each as it is there" in words(one)
    assert {evidence.basis for evidence in one.evidence} == {Basis.DERIVED}
    first, second, underlying = one.evidence
    assert first.source == second.source == head
    assert underlying.source is not None
    assert underlying.source[:12] in underlying.text
    assert repo.git("log", "-1", "--format=%s", underlying.source) in ("with help", "more help")


def test_an_agent_that_wrote_every_commit_is_the_author(repo: Repo) -> None:
    def branch(repo: Repo) -> None:
        repo.commit("one", {"a": "1\n"}, author=CLAUDE)
        repo.commit("two", {"b": "2\n"}, author=CLAUDE)

    commit = squash(repo, pull(repo, branch))
    one = mark(recovered(repo), commit)
    # The commits' own tier is machine identity; what is derived of it is weaker.
    assert (one.role, one.tier) == (Role.AUTHOR, Tier.TRAILER)


def test_an_agent_that_wrote_one_of_two_is_not(repo: Repo) -> None:
    def branch(repo: Repo) -> None:
        repo.commit("one", {"a": "1\n"}, author=CLAUDE)
        repo.commit("two", {"b": "2\n"})

    commit = squash(repo, pull(repo, branch))
    assert mark(recovered(repo), commit).role is Role.CO_AUTHOR


def test_a_branch_of_one_commit_is_told_in_the_singular(repo: Repo) -> None:
    def branch(repo: Repo) -> None:
        repo.commit("one", {"a": "1\n"}, trailers=CLAUDE_TRAILER)

    head = pull(repo, branch)
    commit = squash(repo, head)
    text = words(mark(recovered(repo), commit))
    assert f"the one commit behind refs/pull/12/head carries its mark: {head[:12]}" in text


def test_all_agents_of_the_branch_are_found(repo: Repo) -> None:
    def branch(repo: Repo) -> None:
        repo.commit("one", {"a": "1\n"}, trailers=CLAUDE_TRAILER)
        repo.commit("two", {"b": "2\n"}, trailers=CURSOR_TRAILER)
        repo.commit("three", {"c": "3\n"}, trailers=REVIEW)

    commit = squash(repo, pull(repo, branch))
    marks = recovered(repo).attributions[commit].marks
    assert [(one.agent, one.role) for one in marks] == [
        ("claude-code", Role.CO_AUTHOR),
        ("cursor", Role.CO_AUTHOR),
        ("ellipsis", Role.SUGGESTION),
    ]


def test_a_suggestion_on_the_squash_does_not_hide_what_it_dropped(repo: Repo) -> None:
    head = pull(repo)
    review = f"Co-authored-by: {REVIEW['Co-authored-by']}"
    commit = squash(repo, head, f"Round fees (#12)\n\n{review}\n")
    marks = recovered(repo).attributions[commit].marks
    assert [one.agent for one in marks] == ["claude-code", "ellipsis"]


def test_a_squash_with_its_mark_is_left_alone(repo: Repo) -> None:
    head = pull(repo)
    squash(repo, head, f"Round fees (#12)\n\nCo-authored-by: {CLAUDE_TRAILER['Co-authored-by']}\n")
    assert recovered(repo) == Recovery({})


def test_bots_and_committers_are_not_carried_over(repo: Repo) -> None:
    def branch(repo: Repo) -> None:
        repo.commit("bump", {"a": "1\n"}, author=BOT)
        repo.commit("rebased in a sandbox", {"b": "2\n"}, committer=CLAUDE)

    squash(repo, pull(repo, branch))
    found = recovered(repo)
    assert (found.examined, found.attributions) == (1, {})


# ---------------------------------------------------------------------- how it relates


def test_contents_differ_when_the_base_had_moved_on(repo: Repo) -> None:
    repo.commit("long file", {"fees.py": "".join(f"line {n}\n" for n in range(40))})

    def branch(repo: Repo) -> None:
        text = "".join(f"line {n}\n" for n in range(40))
        repo.commit("help", {"fees.py": "first\n" + text}, trailers=CLAUDE_TRAILER)

    head = pull(repo, branch)
    repo.commit("meanwhile", {"fees.py": "".join(f"line {n}\n" for n in range(40)) + "last\n"})
    commit = squash(repo, head)
    one = mark(recovered(repo), commit)
    assert one.tier is Tier.TRAILER
    assert "touches the paths of that branch, with other contents in some" in words(one)


def test_what_a_branch_took_back_does_not_count(repo: Repo) -> None:
    def branch(repo: Repo) -> None:
        repo.commit("help", {"a": "1\n"}, trailers=CLAUDE_TRAILER)
        repo.commit("debug", {"debug": "1\n", "README": "louder\n"}, trailers=CURSOR_TRAILER)
        repo.commit("no debug", {"debug": None, "README": "read me\n"})

    commit = squash(repo, pull(repo, branch))
    found = recovered(repo)
    assert [one.agent for one in found.attributions[commit].marks] == ["claude-code"]
    assert mark(found, commit).tier is Tier.TRAILER


def test_a_head_that_moved_afterwards_is_said_and_weighs_less(repo: Repo) -> None:
    head = pull(repo)
    commit = squash(repo, head)
    repo.git("checkout", "--quiet", head)
    moved = repo.commit("afterwards", {"later.py": "1\n", "fees.py": "fees = 3\n"})
    repo.git("update-ref", "refs/pull/12/head", moved)
    repo.checkout("main")
    one = mark(recovered(repo), commit)
    assert one.tier is Tier.FOOTER
    assert "the head moved afterwards, or a part of it was merged otherwise" in words(one)


def test_a_number_of_another_repository_is_not_believed(repo: Repo) -> None:
    pull(repo)
    repo.commit("Import their work (#12)", {"theirs.py": "1\n"})
    found = recovered(repo)
    assert (found.attributions, found.examined, found.unrelated) == ({}, 1, 1)


def test_one_path_in_common_does_not_make_it_the_same_work(repo: Repo) -> None:
    pull(repo)
    files = {f"{number}.py": "1\n" for number in range(4)}
    repo.commit("Import their work (#12)", {"fees.py": "fees = 9\n", **files})
    assert recovered(repo).unrelated == 1


# ---------------------------------------------------------------------- which commits are its own


def test_a_branch_that_was_kept_makes_no_difference(repo: Repo) -> None:
    head = pull(repo)
    repo.git("update-ref", "refs/heads/feature", head)
    commit = squash(repo, head)
    assert list(recovered(repo).attributions) == [commit]


def test_marks_of_the_base_do_not_count(repo: Repo) -> None:
    repo.commit("an agent's, on main", {"fees.py": "fees = 5\n"}, trailers=CURSOR_TRAILER)

    def branch(repo: Repo) -> None:
        repo.commit("a person's", {"fees.py": "fees = 6\n"})

    squash(repo, pull(repo, branch))
    assert recovered(repo).attributions == {}


def test_nor_do_those_that_a_merge_of_the_base_brings(repo: Repo) -> None:
    repo.checkout("feature", new=True)
    repo.commit("a person's", {"a": "1\n"}, trailers=CLAUDE_TRAILER)
    repo.checkout("main")
    repo.commit("meanwhile", {"b": "1\n"}, trailers=CURSOR_TRAILER)
    repo.checkout("feature")
    repo.merge("main", message="Merge branch 'main' into cursor/feature")
    head = repo.head
    repo.git("update-ref", "refs/pull/12/head", head)
    repo.checkout("main")
    commit = squash(repo, head)
    marks = recovered(repo).attributions[commit].marks
    assert [one.agent for one in marks] == ["claude-code"]
    assert "the one commit behind" in words(marks[0])


def test_a_backport_does_not_get_the_marks_of_what_lies_between(repo: Repo) -> None:
    repo.branch("release")
    repo.commit("an agent's", {"b": "1\n"}, trailers=CURSOR_TRAILER)

    def branch(repo: Repo) -> None:
        repo.commit("a person's", {"a": "1\n"}, trailers=CLAUDE_TRAILER)

    head = pull(repo, branch)
    original = squash(repo, head)
    repo.checkout("release")
    repo.git("cherry-pick", original)
    backport = repo.head
    found = recovered(repo)
    for commit in (original, backport):
        assert [one.agent for one in found.attributions[commit].marks] == ["claude-code"]


def test_requests_built_on_one_another_do_not_share_their_commits(repo: Repo) -> None:
    def below(repo: Repo) -> None:
        repo.commit("below", {"a": "1\n"}, trailers=CURSOR_TRAILER)

    def above(repo: Repo) -> None:
        repo.git("reset", "--quiet", "--hard", "refs/pull/11/head")
        repo.commit("above", {"b": "1\n"}, trailers=CLAUDE_TRAILER)

    first_head, second_head = pull(repo, below, 11), pull(repo, above, 12)
    first = squash(repo, first_head, "Below (#11)")
    repo.git("checkout", second_head, "--", "b")
    second = repo.commit("Above (#12)")
    found = recovered(repo)
    assert [one.agent for one in found.attributions[first].marks] == ["cursor"]
    # The request above holds the commits below as well, which touch nothing that its squash does.
    assert [one.agent for one in found.attributions[second].marks] == ["claude-code"]
    assert "the one commit behind refs/pull/12/head" in words(mark(found, second))
    assert "the branch touches others too" in words(mark(found, second))


def test_a_merge_of_the_request_is_no_squash(repo: Repo) -> None:
    head = pull(repo)
    repo.merge(head, message="Merge pull request #12 from acme/feature (#12)")
    assert recovered(repo).examined == 0


# ---------------------------------------------------------------------- where heads are


@pytest.mark.parametrize(
    ("ref", "message"),
    [
        ("refs/remotes/origin/pr/12", "Round fees (#12)"),
        ("refs/remotes/upstream/pull/12/head", "Round fees (#12)"),
        ("refs/merge-requests/12/head", "Round fees\n\nSee merge request acme/fees!12"),
        ("refs/remotes/origin/merge-requests/12", "Round fees\n\nSee merge request !12\n"),
        ("refs/remotes/origin/mr/12", "Round fees\n\nSee merge request acme/fees!12"),
    ],
)
def test_refs_and_messages_of_the_usual_forges(repo: Repo, ref: str, message: str) -> None:
    head = pull(repo)
    repo.git("update-ref", ref, head)
    repo.git("update-ref", "-d", "refs/pull/12/head")
    commit = squash(repo, head, message)
    found = recovered(repo)
    assert f"behind {ref}" in words(mark(found, commit))


def test_the_squash_below_a_merge_of_gitlab(repo: Repo) -> None:
    head = pull(repo)
    repo.git("update-ref", "refs/merge-requests/7/head", head)
    repo.checkout("squashed", new=True)
    commit = squash(repo, head, "Round fees")
    repo.checkout("main")
    text = "Merge branch 'feature' into 'main'\n\nRound fees\n\nSee merge request acme/fees!7"
    repo.merge("squashed", message=text)
    assert list(recovered(repo).attributions) == [commit]


def test_without_refs_of_requests_there_is_nothing_to_do(repo: Repo) -> None:
    def never(_: Change) -> Attribution:
        raise AssertionError("attributed a commit")

    repo.commit("Round fees (#12)", {"a": "1\n"})
    with open_repository(repo.path) as opened:
        assert recover(opened, never) == Recovery({})


def test_a_range_bounds_the_squashes_and_not_the_branches(repo: Repo) -> None:
    base = repo.head
    commit = squash(repo, pull(repo))
    last = repo.commit("later", {"c": "1\n"})
    with open_repository(repo.path) as opened:
        after = recover(opened, ATTRIBUTOR.attribute, (last, f"^{commit}"))
        within = recover(opened, ATTRIBUTOR.attribute, (commit, f"^{base}"))
    assert after.attributions == {}
    assert list(within.attributions) == [commit]


def test_the_right_head_of_two_remotes_is_taken(repo: Repo) -> None:
    def other(repo: Repo) -> None:
        repo.commit("elsewhere", {"elsewhere": "1\n"}, trailers=CURSOR_TRAILER)

    elsewhere = pull(repo, other)
    repo.git("update-ref", "refs/remotes/fork/pr/12", elsewhere)
    head = pull(repo)
    repo.git("update-ref", "refs/remotes/origin/pr/12", head)
    repo.git("update-ref", "-d", "refs/pull/12/head")
    commit = squash(repo, head)
    assert [one.agent for one in recovered(repo).attributions[commit].marks] == ["claude-code"]


def test_only_commits_under_request_refs_are_heads() -> None:
    def ref(name: str, kind: str = "commit", peeled: str = "c" * 40) -> Ref:
        return Ref(name, "a" * 40, kind, peeled, "commit" if kind == "tag" else kind)

    refs = [
        ref("refs/heads/pull/1/head"),
        ref("refs/heads/main"),
        ref("refs/notes/ai"),
        ref("refs/stash"),
        ref("refs/pull/2/merge"),
        ref("refs/pull/0003/head"),
        ref("refs/pull/4/head", "missing"),
        ref("refs/pull/12345678901/head"),
        ref("refs/tags/v1", "tag", "b" * 40),
    ]
    assert [(one.number, one.ref) for one in pull_heads(refs)] == [("#3", "refs/pull/0003/head")]
    assert other_tips(refs) == ("c" * 40, "b" * 40)


# ---------------------------------------------------------------------- limits and gaps


@pytest.mark.parametrize(
    ("limits", "word"),
    [
        (Limits(squashes=0), "squash commits"),
        (Limits(commits=1), "commits of pull requests"),
        (Limits(steps=-1), "built on many others"),
        (Limits(paths=0), "paths in pull requests"),
    ],
)
def test_what_is_beyond_a_limit_is_said(repo: Repo, limits: Limits, word: str) -> None:
    squash(repo, pull(repo))
    found = recovered(repo, limits)
    assert found.attributions == {}
    (problem,) = found.problems
    assert word in problem.reason
    assert problem.stage == "attribution"


def test_a_branch_too_long_to_be_one_piece_of_work_is_left_out(repo: Repo) -> None:
    squash(repo, pull(repo))
    assert recovered(repo, Limits(branch=2)).attributions == {}


def test_a_shallow_clone_does_not_take_its_edge_for_the_branch(repo: Repo, tmp_path: Path) -> None:
    head = pull(repo)
    commit = squash(repo, head)
    clone = repo.clone(tmp_path / "clone", "--depth=1", "--no-local")
    clone.git("fetch", "--quiet", "--depth=1", "origin", "refs/pull/12/head:refs/pull/12/head")
    found = recovered(clone)
    assert commit not in found.attributions


def test_recovery_stands_in_place_of_the_squashs_own_marks(repo: Repo) -> None:
    commit = squash(repo, pull(repo))
    attribute = with_recovered(ATTRIBUTOR.attribute, recovered(repo))
    with open_repository(repo.path) as opened:
        found = {
            one.commit: attribute(one).agent is not None
            for one in opened.changes([repo.head])
            if isinstance(one, Change)
        }
    assert found == {commit: True, repo.git("rev-parse", f"{commit}^"): False}


# ---------------------------------------------------------------------- messages


@pytest.mark.parametrize(
    ("message", "number"),
    [
        ("Round fees (#12)", "#12"),
        ("Round fees (#12) \n\nbody", "#12"),
        ("Backport: round fees (#12) (#34)", "#34"),
        ("Round fees (#012)", "#12"),
        ("Round fees, see (#12) for more", None),
        ("Round fees #12", None),
        ("Round fees\n\nsomething (#12)", None),
        ("Round fees\n\nSee merge request acme/fees!12\n", "!12"),
        ("Round fees\n\nPlease See merge request acme/fees!12", None),
        ("(#99999999999)", None),
        ("", None),
    ],
)
def test_the_number_a_message_names(message: str, number: str | None) -> None:
    ada = Identity("Ada", "ada@example.com")
    change = Change(Where.COMMIT, "c" * 40, ("p" * 40,), ada, 0, ada, 0, message, ())
    assert request_number(change) == number
    assert squashed_below(change) is None
