"""Vendors' signatures, verified offline, and commits that claim the forge without its signature."""

import base64
import hashlib
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256, SHA384, SHA512
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.attribution import Attributor
from scanner.attribution.signing import Check, Verifier, check_commit, vendor_keys
from scanner.attribution.signing_sshsig import UnsupportedSignatureError, parse, verifies
from scanner.attribution.signing_webflow import COMMITTER, LEAST_SIGNED, SINCE, WebFlow
from scanner.gitio import open_repository
from scanner.gitio.signed_objects import commit_reader, split_signed
from scanner.model import Attribution, Change, Identity, Mark, Role, Signature, Tier, Where
from scanner.model.attribution import SignatureState
from scanner.pipeline.digest import Digester
from scanner.pipeline.signing import RepositoryAttributor, SignaturePass
from scanner.rules.agents import AgentFile, load_agents
from scanner.rules.signatures import Field
from tests.repo import Repo

AGENTS = load_agents()
NOW = 1_772_323_200
CLAUDE = ("Claude", "noreply@anthropic.com")
ADA = ("Ada Author", "ada@example.com")
TRAILER = "Round fees\n\nCo-authored-by: Claude <noreply@anthropic.com>\n"

# As the vendors publish them; the rules keep only the fingerprints.
PUBLISHED = {
    "claude-code": "AAAAC3NzaC1lZDI1NTE5AAAAIKy87HxSEheG8vEPhSs9u2KZCtVErAQfpmprtUJCZ2w7",
    "cursor": "AAAAC3NzaC1lZDI1NTE5AAAAIPqiJsBjAsv4KymedFcUR891X1lgC90DW8yMtjcHJ/p0",
}


# ---------------------------------------------------------------------- making signatures


def string(data: bytes) -> bytes:
    return len(data).to_bytes(4, "big") + data


def number(value: int) -> bytes:
    return string(value.to_bytes(value.bit_length() // 8 + 1, "big"))


class Signer:
    """Signs like ssh-keygen -Y sign. The key is made anew for every run."""

    def __init__(self, public: bytes, algorithm: bytes, sign: Callable[[bytes], bytes]) -> None:
        self.public = public
        self.algorithm = algorithm
        self.sign = sign

    @property
    def fingerprint(self) -> str:
        digest = base64.b64encode(hashlib.sha256(self.public).digest())
        return "SHA256:" + digest.decode().rstrip("=")

    def blob(
        self,
        payload: bytes,
        *,
        namespace: bytes = b"git",
        hash_name: bytes = b"sha512",
        algorithm: bytes | None = None,
        version: int = 1,
    ) -> bytes:
        digest = hashlib.new(hash_name.decode(), payload).digest()
        signed = string(namespace) + string(b"") + string(hash_name)
        raw = self.sign(b"SSHSIG" + signed + string(digest))
        signature = string(algorithm or self.algorithm) + string(raw)
        head = b"SSHSIG" + version.to_bytes(4, "big") + string(self.public)
        return head + signed + string(signature)

    def armoured(self, payload: bytes, **more: object) -> bytes:
        return armour(self.blob(payload, **more))  # type: ignore[arg-type]


def armour(blob: bytes) -> bytes:
    text = base64.b64encode(blob)
    lines = [text[at : at + 70] for at in range(0, len(text), 70)]
    return b"\n".join(
        [b"-----BEGIN SSH SIGNATURE-----", *lines, b"-----END SSH SIGNATURE-----", b""]
    )


def wire(key: ed25519.Ed25519PublicKey | rsa.RSAPublicKey | ec.EllipticCurvePublicKey) -> bytes:
    return base64.b64decode(key.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).split()[1])


def ed25519_signer() -> Signer:
    key = ed25519.Ed25519PrivateKey.generate()
    return Signer(wire(key.public_key()), b"ssh-ed25519", key.sign)


def rsa_signer(algorithm: bytes = b"rsa-sha2-512", bits: int = 2048) -> Signer:
    key = rsa.generate_private_key(65537, bits)
    hashed = SHA256() if algorithm == b"rsa-sha2-256" else SHA512()
    return Signer(
        wire(key.public_key()), algorithm, lambda data: key.sign(data, padding.PKCS1v15(), hashed)
    )


def curve_signer(bits: int) -> Signer:
    curve, hashed = {
        256: (ec.SECP256R1(), SHA256()),
        384: (ec.SECP384R1(), SHA384()),
        521: (ec.SECP521R1(), SHA512()),
    }[bits]
    key = ec.generate_private_key(curve)

    def sign(data: bytes) -> bytes:
        first, second = decode_dss_signature(key.sign(data, ec.ECDSA(hashed)))
        return number(first) + number(second)

    return Signer(wire(key.public_key()), f"ecdsa-sha2-nistp{bits}".encode(), sign)


SIGNER = ed25519_signer()
SIGNERS = {
    "ed25519": SIGNER,
    "rsa-sha2-256": rsa_signer(b"rsa-sha2-256"),
    "rsa-sha2-512": rsa_signer(),
    **{f"nistp{bits}": curve_signer(bits) for bits in (256, 384, 521)},
}


def agents_with(fingerprint: str) -> tuple[AgentFile, ...]:
    """All agents; Claude Code's published key is the test's own."""
    changed = []
    for agent in AGENTS:
        if agent.id == "claude-code":
            rules = tuple(
                msgspec.structs.replace(rule, values=(fingerprint,))
                if Field.SIGNING_KEY in rule.fields
                else rule
                for rule in agent.signatures
            )
            agent = msgspec.structs.replace(agent, signatures=rules)
        changed.append(agent)
    return tuple(changed)


TEST_AGENTS = agents_with(SIGNER.fingerprint)


def commit_object(
    repo: Repo,
    message: str = "Round fees\n",
    author: tuple[str, str] = CLAUDE,
    committer: tuple[str, str] | None = None,
    *,
    age: int = 0,
    signer: Signer = SIGNER,
    change: Callable[[bytes], bytes] = lambda payload: payload,
) -> str:
    """A signed commit on top of HEAD, and HEAD moved there. `change` spoils what is signed."""
    tree = repo.git("write-tree")
    parent = repo.git("rev-parse", "--verify", "--quiet", "HEAD", check=False)
    name, email = committer or CLAUDE
    head = f"tree {tree}\n" + (f"parent {parent}\n" if parent else "")
    head += f"author {author[0]} <{author[1]}> {NOW - age} +0000\n"
    head += f"committer {name} <{email}> {NOW} +0000\n"
    payload = f"{head}\n{message}".encode()
    signature = signer.armoured(change(payload)).rstrip(b"\n").replace(b"\n", b"\n ")
    data = head.encode() + b"gpgsig " + signature + b"\n\n" + message.encode()
    commit = repo.object("commit", data)
    repo.git("update-ref", "HEAD", commit)
    return commit


def attributed(repo: Repo, agents: tuple[AgentFile, ...] = TEST_AGENTS) -> Attribution:
    """The newest commit's attribution, with its signature checked."""
    with open_repository(repo.path) as opened:
        (change, *_) = [one for one in opened.changes() if isinstance(one, Change)]
        return RepositoryAttributor(agents, commit_reader(opened)).attribute(change)


def mark(attribution: Attribution, agent: str = "claude-code") -> Mark:
    (found,) = [one for one in attribution.marks if one.agent == agent]
    return found


def words(one: Mark) -> str:
    return " | ".join(evidence.text for evidence in one.evidence)


# ---------------------------------------------------------------------- SSH signatures


@pytest.mark.parametrize("agent", PUBLISHED)
def test_the_rules_pin_the_published_keys(agent: str) -> None:
    digest = base64.b64encode(hashlib.sha256(base64.b64decode(PUBLISHED[agent])).digest())
    fingerprint = "SHA256:" + digest.decode().rstrip("=")
    assert vendor_keys(AGENTS)[fingerprint].agent.id == agent


@pytest.mark.parametrize("name", SIGNERS)
@pytest.mark.parametrize("hash_name", [b"sha256", b"sha512"])
def test_a_signature_verifies_what_it_signed_and_nothing_else(name: str, hash_name: bytes) -> None:
    signer = SIGNERS[name]
    signature = parse(signer.armoured(b"payload", hash_name=hash_name))
    assert signature.fingerprint == signer.fingerprint
    assert verifies(signature, b"payload")
    assert not verifies(signature, b"payload\n")
    other = parse(SIGNERS[name].armoured(b"other"))
    assert not verifies(signature._replace(raw=other.raw), b"payload")


def test_another_keys_signature_under_a_known_key_does_not_verify() -> None:
    genuine, forged = ed25519_signer(), ed25519_signer()
    signature = parse(forged.armoured(b"payload"))._replace(key=genuine.public)
    assert signature.fingerprint == genuine.fingerprint
    assert not verifies(signature, b"payload")


def test_a_signature_for_another_purpose_does_not_count() -> None:
    assert not verifies(parse(SIGNER.armoured(b"payload", namespace=b"file")), b"payload")


@pytest.mark.parametrize(
    "signature",
    [
        pytest.param(lambda: SIGNER.armoured(b"x", version=2), id="a later version"),
        pytest.param(lambda: SIGNER.armoured(b"x", hash_name=b"sha1"), id="SHA-1"),
        pytest.param(lambda: armour(SIGNER.blob(b"x")[:-1]), id="cut off"),
        pytest.param(lambda: armour(SIGNER.blob(b"x") + b"y"), id="something behind"),
        pytest.param(lambda: armour(b"SSHSIG"), id="nothing but the beginning"),
        pytest.param(lambda: SIGNER.armoured(b"x") * 2, id="two of them"),
        pytest.param(lambda: b"\n" + SIGNER.armoured(b"x"), id="something before"),
        pytest.param(lambda: SIGNER.armoured(b"x").replace(b"SSH", b"PGP"), id="another armour"),
        pytest.param(lambda: armour(b"A" * 70_000), id="too long"),
        pytest.param(lambda: rsa_signer().armoured(b"x", algorithm=b"ssh-rsa"), id="RSA, SHA-1"),
        pytest.param(lambda: rsa_signer(bits=1024).armoured(b"x"), id="a short RSA key"),
        pytest.param(lambda: SIGNER.armoured(b"x", algorithm=b"ssh-rsa"), id="mixed up"),
        pytest.param(
            lambda: Signer(
                string(b"ssh-ed25519") + string(b"short"), b"ssh-ed25519", bytes
            ).armoured(b"x"),
            id="no key",
        ),
        pytest.param(
            lambda: Signer(
                string(b"sk-ssh-ed25519@openssh.com") + SIGNER.public[15:], b"ssh-ed25519", bytes
            ).armoured(b"x"),
            id="a security key",
        ),
    ],
)
def test_what_cannot_be_read_is_unsupported_and_not_bad(signature: Callable[[], bytes]) -> None:
    with pytest.raises(UnsupportedSignatureError) as caught:
        verifies(parse(signature()), b"x")
    assert base64.b64encode(SIGNER.public)[30:40].decode() not in str(caught.value)


@settings(deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_read_without_an_accident(data: bytes) -> None:
    for armoured in (data, armour(data), armour(b"SSHSIG\0\0\0\1" + data)):
        with pytest.raises(UnsupportedSignatureError):
            verifies(parse(armoured), b"x")
    commit = b"tree 1\ngpgsig " + data + b"\n\nmessage"
    assert check_commit("a" * 40, commit, SIGNER.fingerprint).state is SignatureState.UNSUPPORTED


def test_reading_keys_costs_nothing_until_there_is_one() -> None:
    code = (
        "import scanner.attribution.signing, scanner.attribution.signing_webflow, sys;"
        "sys.exit('cryptography' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


# ---------------------------------------------------------------------- commit objects


def test_what_was_signed_is_the_object_without_its_signatures() -> None:
    head = b"tree 1\nauthor A\rB <a@b> 1 +0000\ncommitter C <c@d> 1 +0000\n"
    tagged = b"mergetag object 2\n type commit\n gpgsig no header\n"
    signature = b"gpgsig -----BEGIN\n  one space more\n \n -----END\n"
    other = b"gpgsig-sha256 other\n form\n"
    message = b"\nsubject\n\ngpgsig text of a message\n more\n"
    signed = split_signed("a" * 40, head + tagged + signature + other + b"encoding x\n" + message)
    assert signed is not None
    assert signed.payload == head + tagged + b"encoding x\n" + message
    assert signed.signature == b"-----BEGIN\n one space more\n\n-----END\n"
    longer = split_signed("a" * 64, head + signature + other + message)
    assert longer is not None
    assert longer.signature == b"other\nform\n"
    assert longer.payload == head + message


@pytest.mark.parametrize("data", [b"", b"tree 1\n\nmessage\n gpgsig x", b"tree 1\n\ngpgsig x"])
def test_an_unsigned_object_has_no_signature(data: bytes) -> None:
    assert split_signed("a" * 40, data) is None
    assert split_signed("short", b"gpgsig x\n\n") is None


@pytest.mark.parametrize("object_format", ["sha1", "sha256"])
@pytest.mark.parametrize("kind", ["ed25519", "ecdsa", "rsa"])
def test_commits_that_git_signs_verify(tmp_path: Path, object_format: str, kind: str) -> None:
    if shutil.which("ssh-keygen") is None:
        pytest.skip("ssh-keygen is not installed")
    key = tmp_path / "key"
    subprocess.run(
        ["ssh-keygen", "-q", "-t", kind, "-N", "", "-f", str(key)], check=True, capture_output=True
    )
    line = subprocess.run(
        ["ssh-keygen", "-l", "-f", str(key)], check=True, capture_output=True, text=True
    )
    repo = Repo.init(tmp_path / "signed", object_format)
    repo.commit("first")
    for message in ("second", "dritte Änderung\n\nwith a body\n"):
        options = ["-c", "gpg.format=ssh", "-c", f"user.signingKey={key}"]
        repo.git(*options, "commit", "--quiet", "--allow-empty", "-S", "--file=-", stdin=message)
    agents = agents_with(line.stdout.split()[1])
    with open_repository(repo.path) as opened:
        verifier = Verifier(agents, commit_reader(opened))
        changes = [one for one in opened.changes() if isinstance(one, Change)]
        found = {one.subject: check.state for one, check in verifier.verify(changes)}
        assert [verifier.checked(one).signature for one in changes[2:]] == [None]
        checked = [verifier.checked(one).signature for one in changes[:2]]
    verified = SignatureState.VERIFIED
    assert found == {"second": verified, "dritte Änderung": verified}
    assert [one.status for one in checked if one is not None] == ["verified"] * 2


# ---------------------------------------------------------------------- what a signature proves


def test_a_verified_author_is_of_the_highest_tier(repo: Repo) -> None:
    commit = commit_object(repo)
    found = mark(attributed(repo))
    assert (found.role, found.tier) == (Role.AUTHOR, Tier.SIGNATURE)
    assert f"signed with key {SIGNER.fingerprint}, verified: Anthropic publishes it" in words(found)
    assert "not verified" not in words(found)
    assert {evidence.source for evidence in found.evidence} == {commit}
    assert min(Tier, key=lambda tier: tier.rank) is Tier.SIGNATURE


def test_a_persons_commit_made_in_the_sandbox_stays_the_persons(repo: Repo) -> None:
    commit_object(repo, author=ADA)
    found = attributed(repo)
    assert found.agent is None
    assert (mark(found).role, mark(found).tier) == (Role.COMMITTER, Tier.SIGNATURE)


def test_so_does_one_that_only_the_key_connects_with_the_agent(repo: Repo) -> None:
    commit_object(repo, author=ADA, committer=ADA, age=3600)
    found = attributed(repo)
    assert found.agent is None
    assert (mark(found).role, mark(found).tier) == (Role.REBASED, Tier.SIGNATURE)
    assert "verified" in words(mark(found))
    assert "a rebase or a cherry-pick" in words(mark(found))
    assert "not verified" not in words(mark(found))


@pytest.mark.parametrize(("age", "tier"), [(60, Tier.SIGNATURE), (7200, Tier.TRAILER)])
def test_a_trailer_is_vouched_for_in_a_fresh_commit_only(repo: Repo, age: int, tier: Tier) -> None:
    commit_object(repo, TRAILER, author=ADA, committer=ADA, age=age)
    found = mark(attributed(repo))
    assert (found.role, found.tier) == (Role.CO_AUTHOR, tier)
    assert "verified" in words(found)


def test_a_footer_may_be_a_quotation_whoever_signs(repo: Repo) -> None:
    footer = "Round fees\n\nGenerated with [Claude Code](https://claude.com/claude-code)\n"
    commit_object(repo, footer, author=ADA, committer=ADA)
    assert mark(attributed(repo)).tier is Tier.FOOTER


def test_another_agents_mark_gains_nothing(repo: Repo) -> None:
    message = "Round fees\n\nCo-authored-by: Cursor <cursoragent@cursor.com>\n"
    commit_object(repo, message)
    found = attributed(repo)
    assert mark(found, "cursor").tier is Tier.TRAILER
    assert [one.agent for one in found.marks] == ["claude-code", "cursor"]


def test_a_bad_signature_is_no_evidence_for_the_agent(repo: Repo) -> None:
    commit_object(repo, author=ADA, committer=ADA, change=lambda payload: payload + b"more")
    assert attributed(repo) == Attribution()


def test_a_bad_signature_is_said_beside_other_evidence(repo: Repo) -> None:
    commit_object(repo, change=lambda payload: payload.replace(b"Round", b"Steal"))
    found = mark(attributed(repo))
    assert (found.role, found.tier) == (Role.AUTHOR, Tier.IDENTITY)
    assert "does not verify" in words(found)
    assert "not verified" not in words(found)


def test_a_signature_over_the_line_feed_that_the_commit_lacks_is_good(repo: Repo) -> None:
    commit = commit_object(repo, "Round fees", change=lambda payload: payload + b"\n")
    with open_repository(repo.path) as opened:
        check = check_commit(commit, commit_reader(opened)(commit), SIGNER.fingerprint)
    assert check.state is SignatureState.VERIFIED
    assert "git says it is bad" in words(mark(attributed(repo)))
    spoiled = commit_object(repo, "Round fees\n", change=lambda payload: payload + b"\n")
    with open_repository(repo.path) as opened:
        check = check_commit(spoiled, commit_reader(opened)(spoiled), SIGNER.fingerprint)
    assert check == Check(SignatureState.BAD)


def test_an_unsupported_signature_leaves_what_the_key_says(repo: Repo) -> None:
    broken = Signer(SIGNER.public, b"ssh-rsa", SIGNER.sign)
    commit_object(repo, author=ADA, committer=ADA, signer=broken)
    found = mark(attributed(repo))
    assert (found.role, found.tier) == (Role.COMMITTER, Tier.IDENTITY)
    assert "not verified" in words(found)


def test_only_commits_that_name_a_published_key_are_read(repo: Repo) -> None:
    commit_object(repo, author=ADA, committer=ADA, signer=SIGNERS["nistp256"])
    repo.commit("unsigned")
    asked: list[str] = []

    def read(commit: str) -> bytes | None:
        asked.append(commit)
        return None

    signed = commit_object(repo)
    with open_repository(repo.path) as opened:
        changes = [one for one in opened.changes() if isinstance(one, Change)]
    verifier = Verifier(TEST_AGENTS, read)
    plain = Attributor(TEST_AGENTS)
    for _ in range(2):
        for change in changes:
            verifier.attribute(change, plain.attribute)
    assert asked == [signed]
    unread = verifier.check(changes[0])
    assert unread is not None
    assert unread.state is SignatureState.UNSUPPORTED


# ---------------------------------------------------------------------- findings


def web_flow_change(number: int = 0, **more: object) -> Change:
    time = SINCE + 1000 + number
    change = Change(
        where=Where.COMMIT,
        commit=f"{number:040x}",
        parents=("1" * 40,),
        author=Identity(*ADA),
        author_time=time,
        committer=COMMITTER,
        committer_time=time,
        message=TRAILER,
        paths=(),
    )
    return msgspec.structs.replace(change, **more)


def signed_history(report: WebFlow, number: int = 2 * LEAST_SIGNED) -> None:
    signature = Signature("openpgp", "B5690EEEBB952194")
    for one in range(number):
        report.add(web_flow_change(10_000 + one, signature=signature), Attribution())


def acted(change: Change) -> Attribution:
    return Attributor(AGENTS).attribute(change)


def test_a_lone_claim_of_the_web_flow_is_reported() -> None:
    flow = WebFlow()
    signed_history(flow)
    change = web_flow_change()
    assert flow.add(change, acted(change))
    report = flow.report()
    assert report.judged
    assert [one.commit for one in report.claims] == [change.commit]


INNOCENT: dict[str, dict[str, object]] = {
    "no agent": {"message": "No agent's mark"},
    "rebased by the forge": {"author_time": SINCE},
    "before 2020": {"author_time": SINCE - 9, "committer_time": SINCE - 9},
    "signed": {"signature": Signature("openpgp", "B5690EEEBB952194")},
    "a new key": {"signature": Signature("openpgp", "0123456789ABCDEF")},
    "another committer": {"committer": Identity(*ADA)},
    "a stash entry": {"where": Where.STASH},
    "an app": {"author": Identity("Copilot", "198982749+Copilot@users.noreply.github.com")},
    "a bot": {"author": Identity("claude[bot]", "209825114+claude[bot]@users.noreply.github.com")},
}


@pytest.mark.parametrize("difference", [*INNOCENT.values()], ids=[*INNOCENT])
def test_what_explains_a_missing_signature_is_no_finding(difference: dict[str, object]) -> None:
    flow = WebFlow()
    signed_history(flow)
    change = web_flow_change(**difference)
    flow.add(change, acted(change))
    assert flow.report().judged
    assert flow.report().claims == ()


def test_a_rewritten_copy_of_a_signed_commit_is_no_finding() -> None:
    flow = WebFlow()
    signed_history(flow)
    original = web_flow_change(signature=Signature("openpgp", "4AEE18F83AFDEB23"))
    copy = web_flow_change(commit="f" * 40)
    flow.add(copy, acted(copy))
    assert flow.report().claims
    flow.add(original, acted(original))
    assert flow.report().claims == ()


@pytest.mark.parametrize(("signed", "unsigned"), [(LEAST_SIGNED - 2, 1), (400, 3), (0, 5)])
def test_a_rewritten_history_is_not_judged(signed: int, unsigned: int) -> None:
    flow = WebFlow()
    signed_history(flow, signed)
    for number in range(unsigned):
        change = web_flow_change(number)
        flow.add(change, acted(change))
    report = flow.report()
    assert not report.judged
    assert (report.signed, report.unsigned, report.claims) == (signed, unsigned, ())


def test_findings_name_the_commit_and_the_doubt(repo: Repo) -> None:
    bad = commit_object(repo, change=lambda payload: payload + b"more")
    commit_object(repo)
    with open_repository(repo.path) as opened:
        attributor = RepositoryAttributor(TEST_AGENTS, commit_reader(opened))
        judged = SignaturePass(attributor.verifier)
        for change in opened.changes():
            assert isinstance(change, Change)
            judged.add(change, attributor.attribute(change))
    signature = Signature("openpgp", "B5690EEEBB952194")
    for number in range(1, 2 * LEAST_SIGNED):
        judged.add(web_flow_change(number, signature=signature), Attribution())
    claim = web_flow_change()
    judged.add(claim, acted(claim))
    assert judged.states[SignatureState.BAD] == judged.states[SignatureState.VERIFIED] == 1
    first, second = judged.findings(lambda: Digester(b"key"))
    assert first.rule == "vendor-signature-bad"
    assert [place.commit for place in first.locations] == [bad]
    assert SIGNER.fingerprint in first.evidence[0].text
    assert second.rule == "web-flow-without-signature"
    assert second.introduced is not None
    assert (second.introduced.commit, second.introduced.subject) == (claim.commit, "Round fees")
    assert second.attribution is not None
    assert second.attribution.agent is not None
    assert f"{2 * LEAST_SIGNED - 1} name GitHub's key" in second.evidence[1].text
    assert len({first.fingerprint, second.fingerprint}) == 2


def test_a_history_without_suspects_needs_no_digester() -> None:
    def never() -> Digester:
        raise AssertionError("asked for a digester")

    assert SignaturePass(Verifier(AGENTS, lambda _: None)).findings(never) == []


def test_what_was_learnt_stands_in_place_of_the_marks() -> None:
    attributor = RepositoryAttributor(AGENTS, lambda _: None)
    change = web_flow_change()
    assert attributor.attribute(change).agent is not None
    attributor.learn({change.commit or "": Attribution()})
    assert attributor.attribute(change) == Attribution()
    assert attributor.attribute(web_flow_change(1)).agent is not None
