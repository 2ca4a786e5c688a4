"""Halves of one credential that stand near each other are one finding, in every notation."""

import pytest

from scanner.detectors.secret_detector import SecretDetector
from scanner.model import Batch, Confidence, Match
from scanner.rules.examples import expand, expand_with_values
from scanner.rules.secrets import PART_LINES, load_secret_rules
from tests.repo import Repo
from tests.scanning import only, scan

RULES = load_secret_rules()
DETECTOR = SecretDetector(RULES, engine="re", adapter=False)
ID, SECRET = "aws-access-key-id", "aws-secret-access-key"


def look(data: bytes, detector: SecretDetector = DETECTOR) -> list[Match]:
    batch = Batch(data, len(data), ["0" * 40], [0], [len(data)])
    return [match for _, match in detector.session().scan(batch)]


def pairs(data: bytes, matches: list[Match]) -> list[tuple[bytes, ...]]:
    """Each finding's secret with its other halves."""
    return [
        (
            data[match.start : match.end],
            *(data[part.start : part.end] for part in match.parts),
        )
        for match in matches
    ]


def values(template: str, seed: int = 0) -> tuple[bytes, list[bytes]]:
    """A filled template, and its values in the order they are written."""
    filled = expand_with_values(template, seed)
    return filled.data, [filled.data[start:end] for start, end in filled.values]


NOTATIONS = {
    ".env": "AWS_ACCESS_KEY_ID={aws-key-id:AKIA}\nAWS_SECRET_ACCESS_KEY={base64:40}\n",
    "quoted .env": (
        "export AWS_ACCESS_KEY_ID='{aws-key-id:AKIA}'\r\n"
        "export AWS_DEFAULT_REGION='eu-west-1'\r\n"
        "export AWS_SECRET_ACCESS_KEY='{base64:40}'\r\n"
    ),
    "JSON": '{{\n  "AccessKeyId": "{aws-key-id:ASIA}",\n  "SecretAccessKey": "{base64:40}"\n}}\n',
    "JSON in one line": '{{"accessKeyId":"{aws-key-id:AKIA}","secretAccessKey":"{base64:40}"}}',
    "YAML": "aws:\n  access_key_id: {aws-key-id:AKIA}\n  secret_access_key: {base64:40}\n",
    "CSV": "Access key ID,Secret access key\n{aws-key-id:AKIA},{base64:40}\n",
    "CSV with a user": (
        "User name,Password,Access key ID,Secret access key,Console login link\n"
        "deploy,,{aws-key-id:AKIA},{base64:40},https://eu.example.org/console\n"
    ),
    "CSV with quotes": '"Access key","Secret key"\r\n"{aws-key-id:AKIA}","{base64:40}"\r\n',
    "s3fs": "{aws-key-id:AKIA}:{base64:40}\n",
    "a note": "prod key\n{aws-key-id:AKIA}\n{base64:40}\n",
    "Java": 'new BasicAWSCredentials("{aws-key-id:AKIA}", "{base64:40}");\n',
    "Python": "client = s3(key='{aws-key-id:AKIA}',\n            secret='{base64:40}')\n",
    "Go": 'credentials.NewStaticCredentials("{aws-key-id:AKIA}", "{base64:40}", "")\n',
}


@pytest.mark.parametrize("template", NOTATIONS.values(), ids=NOTATIONS)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_both_halves_are_one_finding(template: str, seed: int) -> None:
    data, (key_id, secret) = values(template, seed)
    found = look(data)
    assert [match.rule for match in found] == [SECRET]
    assert pairs(data, found) == [(secret, key_id)]
    assert found[0].confidence is Confidence.HIGH
    assert any(
        reason.startswith("complete: with its AWS access key id") for reason in found[0].evidence
    )


def test_the_secret_may_stand_first() -> None:
    data, (secret, key_id) = values(
        "AWS_SECRET_ACCESS_KEY={base64:40}\nAWS_ACCESS_KEY_ID={aws-key-id:AKIA}\n"
    )
    assert pairs(data, look(data)) == [(secret, key_id)]


@pytest.mark.parametrize(
    ("lines", "rules"), [(PART_LINES, [SECRET]), (PART_LINES + 1, [ID, SECRET])]
)
def test_far_apart_they_stay_two(lines: int, rules: list[str]) -> None:
    data = expand(
        "AWS_ACCESS_KEY_ID={aws-key-id:AKIA}" + lines * "\n" + "AWS_SECRET_ACCESS_KEY={base64:40}\n"
    )
    assert [match.rule for match in look(data)] == rules


def test_far_apart_on_one_line_they_stay_two() -> None:
    filling = "x = 1; " * 400
    data = expand(f"k='{{aws-key-id:AKIA}}'; {filling} aws_secret_access_key='{{base64:40}}'")
    assert [match.rule for match in look(data)] == [ID, SECRET]


ONE = "aws_access_key_id={aws-key-id:AKIA}\naws_secret_access_key={base64:40}\n"
OTHER = "aws_secret_access_key={base64:40}\naws_access_key_id={aws-key-id:AKIA}\n"


@pytest.mark.parametrize("between", ["", "\n", "[other]\n", "region = eu-west-1\n[other]\n"])
def test_two_pairs_with_the_id_first(between: str) -> None:
    # The second id stands nearer to the first secret than the first id does.
    data, (id1, secret1, id2, secret2) = values(ONE + between + ONE)
    assert pairs(data, look(data)) == [(secret1, id1), (secret2, id2)]


@pytest.mark.parametrize("between", ["", "\n", "[other]\n"])
def test_two_pairs_with_the_secret_first(between: str) -> None:
    data, (secret1, id1, secret2, id2) = values(OTHER + between + OTHER)
    assert pairs(data, look(data)) == [(secret1, id1), (secret2, id2)]


def test_two_pairs_in_different_order() -> None:
    data, (id1, secret1, secret2, id2) = values(ONE + OTHER)
    assert pairs(data, look(data)) == [(secret1, id1), (secret2, id2)]
    data, (secret1, id1, id2, secret2) = values(OTHER + ONE)
    assert pairs(data, look(data)) == [(secret1, id1), (secret2, id2)]


def test_both_ids_before_both_secrets() -> None:
    ids = "A_AWS_ACCESS_KEY_ID={aws-key-id:AKIA}\nB_AWS_ACCESS_KEY_ID={aws-key-id:AKIA}\n"
    secrets = "A_AWS_SECRET_ACCESS_KEY={base64:40}\nB_AWS_SECRET_ACCESS_KEY={base64:40}\n"
    data, (id1, id2, secret1, secret2) = values(ids + secrets)
    assert pairs(data, look(data)) == [(secret1, id1), (secret2, id2)]


@pytest.mark.parametrize("rows", [2, 3, 60])
def test_a_table_of_pairs(rows: int) -> None:
    data, made = values("id,secret\n" + "{aws-key-id:AKIA},{base64:40}\n" * rows)
    assert pairs(data, look(data)) == [
        (secret, key_id) for key_id, secret in zip(made[::2], made[1::2], strict=True)
    ]


def test_an_id_without_a_secret_of_its_own_stays() -> None:
    data, (lone, key_id, secret) = values("# was {aws-key-id:AKIA}\n\n" + ONE)
    found = look(data)
    assert [match.rule for match in found] == [ID, SECRET]
    assert pairs(data, found) == [(lone,), (secret, key_id)]


@pytest.mark.parametrize(
    "beside",
    [
        "{hex:40}",  # a commit
        "{base64:41}",
        "{base64:39}",
        "{base64:64}",
        "arn:aws:iam::{digit:12}:user/deploy",
        "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
        "{base64:20}/EXAMPLE/{base64:11}",
        "****************************************",
    ],
)
def test_what_is_no_secret_does_not_become_one_beside_an_id(beside: str) -> None:
    data = expand("{aws-key-id:AKIA}," + beside + "\n")
    assert [match.rule for match in look(data) if not match.rule.startswith("generic")] == [ID]


def test_nothing_is_looked_for_beside_a_documented_example() -> None:
    assert look(b"AKIAIOSFODNN7" + expand("EXAMPLE,{base64:40}\n")) == []


@pytest.mark.parametrize(
    ("rule", "half", "template"),
    [
        (
            "twilio-api-key-secret",
            "twilio-api-key-sid",
            "TWILIO_API_KEY=SK{hex:32}\nTWILIO_API_SECRET={alnum:32}\n",
        ),
        (
            "woocommerce-consumer-secret",
            "woocommerce-consumer-key",
            "curl https://shop.example.org/wp-json/wc/v3/orders -u ck_{hex:40}:cs_{hex:40}\n",
        ),
        (
            "alibaba-access-key-secret",
            "alibaba-access-key-id",
            "AccessKey ID,AccessKey Secret\nLTAI5t{alnum:18},{alnum:30}\n",
        ),
        (
            "alibaba-access-key-secret",
            "alibaba-sts-access-key-id",
            "ALIYUN_ACCESS_KEY_ID=STS.N{alnum:24}\nALIYUN_ACCESS_KEY_SECRET={alnum:30}\n",
        ),
        (
            "tencent-secret-key",
            "tencent-secret-id",
            "SecretId,SecretKey\nAKID{alnum:32},{alnum:32}\n",
        ),
        (
            "volcengine-secret-access-key",
            "volcengine-access-key-id",
            "ak: AKLT{alnum:43}\nsk: {alnum:58}==\n",
        ),
        (
            "google-hmac-secret",
            "google-hmac-key-id",
            "storage.hmac('GOOG1E{BASE36:55}', '{base64:40}')\n",
        ),
        (
            SECRET,  # what Google's S3 interface is configured with
            "google-hmac-key-id",
            "access_key_id = GOOG1E{BASE36:55}\nsecret_access_key = {base64:40}\n",
        ),
        (
            "razorpay-live-key-secret",
            "razorpay-live-key-id",
            '"razorpay_key_id": "rzp_live_{alnum:14}",\n"razorpay_key_secret": "{alnum:24}"\n',
        ),
    ],
)
def test_other_pairs(rule: str, half: str, template: str) -> None:
    found = look(expand(template))
    assert [match.rule for match in found] == [rule]
    assert [part.rule for part in found[0].parts] == [half]


def test_halves_that_are_named_exist() -> None:
    known = {rule.id for rule in RULES}
    for rule in RULES:
        assert set(rule.part_of) <= known, rule.id
        if rule.companion is not None:
            assert rule.companion.rule in rule.part_of, rule.id


def test_the_spans_hold_behind_other_contents_and_in_an_encoding() -> None:
    data, (key_id, secret) = values(ONE)
    first = expand(NOTATIONS["CSV"], 5)
    buffer = first + b"\0header\n" + data
    batch = Batch(
        buffer, len(buffer), ["0" * 40] * 2, [0, len(buffer) - len(data)], [len(first), len(buffer)]
    )
    found = DETECTOR.session().scan(batch)
    assert [(content, len(match.parts)) for content, match in found] == [(0, 1), (1, 1)]
    assert pairs(data, [match for content, match in found if content == 1]) == [(secret, key_id)]


def test_thousands_of_halves_are_joined_one_by_one() -> None:
    ids, both = "{aws-key-id:AKIA} " * 40, "{aws-key-id:AKIA},{base64:40} " * 40
    data = expand(f"{ids}\n" * 10 + f"{both}\n" * 10)
    found = look(data)
    whole = [match for match in found if match.rule == SECRET]
    assert len(whole) == 400
    assert sum(len(match.parts) for match in whole) == 400
    assert sum(match.rule == ID for match in found) == 400


def test_a_report_holds_neither_half(repo: Repo) -> None:
    data, (key_id, secret) = values(NOTATIONS["CSV"])
    repo.write("accessKeys.csv", data)
    result = scan(repo.path)
    assert not result.err, result.err
    finding = only(result.secrets)
    assert finding["rule"] == SECRET
    assert "AWS access key id" in str(finding["evidence"])
    assert secret not in result.out + result.err
    assert key_id not in result.out + result.err
