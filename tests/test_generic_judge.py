"""Values without a format of their own: the forms they stand in, what they look like, what is
around them. Values are put together at run time: the tool scans itself."""

import base64
import string
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.detectors import SecretDetector
from scanner.detectors.candidate import Candidate
from scanner.detectors.generic_value import judge_named_value, judge_url_password
from scanner.model import Batch, Confidence, Match
from scanner.rules.examples import expand
from scanner.rules.loading import load_file, root
from scanner.rules.secrets import SecretFile, SecretRule, load_secret_rules

WANTED = {
    rule.id
    for name in ("generic", "basic-auth-url", "connection-string")
    for rule in load_file(root() / "secrets" / f"{name}.yaml", SecretFile).rules
}
RULES = [rule for rule in load_secret_rules() if rule.id in WANTED]
DETECTORS = {
    engine: SecretDetector(RULES, engine=engine, adapter=False) for engine in ("hyperscan", "re")
}
RANDOM = expand("{base62:20}").decode()
LETTERS = "".join(("no", "ht", "mv", "qw", "zk"))
"""Letters alone that spell nothing."""
MIXED = "".join(("kj4", "hF9", "tw"))
CHOSEN = "".join(("Wel", "come2", "Acme"))
LEETED = "".join(("Sup3r", "S3c", "ret!"))
POLICY = "".join(("Pass", "w0rd", "12!"))


def found(text: str | bytes, engine: str = "hyperscan") -> Sequence[Match]:
    data = text.encode() if isinstance(text, str) else text
    batch = Batch(data, len(data), ["0" * 40], [0], [len(data)])
    return [match for _, match in DETECTORS[engine].session().scan(batch)]


def shown(text: str) -> list[str]:
    """The values of what is shown by default; both engines agree on it."""
    matches = found(text)
    assert matches == found(text, "re")
    levels = (Confidence.MEDIUM, Confidence.HIGH)
    data = text.encode()
    return [data[m.start : m.end].decode() for m in matches if m.confidence in levels]


# ------------------------------------------------------------------------------ forms

FORMS = {
    "Python": "db_password = '{}'\n",
    "Python keyword": "connect(host, password='{}')\n",
    "Python default": 'secret = os.getenv("APP_SECRET", "{}")\n',
    "Python bytes": "SECRET_KEY = b'{}'\n",
    "JavaScript": "const dbPassword = '{}';\n",
    "JavaScript object": "  password: `{}`,\n",
    "JavaScript fallback": "const s = process.env.APP_SECRET || '{}';\n",
    "TypeScript": "private readonly password: string = '{}';\n",
    "Java": 'private static final String PASSWORD = "{}";\n',
    "Java call": '    user.setPassword("{}");\n',
    "Java map": '    config.put("db.password", "{}");\n',
    "Java comparison": '    if (password.equals("{}")) return;\n',
    "Kotlin": 'val password: String = "{}"\n',
    "Scala": 'val settings = Map("password" -> "{}")\n',
    "Go": '\tpassword := "{}"\n',
    "Go variable": 'var dbPassword string = "{}"\n',
    "Go struct": '\tPassword: "{}",\n',
    "Rust": 'let password: &str = "{}";\n',
    "C": 'const char *db_password = "{}";\n',
    "C macro": '#define DB_PASSWORD "{}"\n',
    "C++": 'std::string password("{}");\n',
    "C#": 'var password = @"{}";\n',
    "Objective-C": 'NSString *password = @"{}";\n',
    "Swift": 'let apiSecret = "{}"\n',
    "Dart": "final String password = '{}';\n",
    "PHP": "$password = '{}';\n",
    "PHP array": "    'password' => '{}',\n",
    "PHP constant": "define('DB_PASSWORD', '{}');\n",
    "Ruby": "  password: '{}',\n",
    "Ruby rocket": "  :password => '{}',\n",
    "Perl": 'my $password = "{}";\n',
    "R": 'password <- "{}"\n',
    "Lua": 'local password = "{}"\n',
    "PowerShell": '$Password = "{}"\n',
    "Elixir": '  password: "{}",\n',
    "Groovy": "def password = '{}'\n",
    "dotenv": "DB_PASSWORD={}\n",
    "shell": "export DB_PASSWORD={}\n",
    "shell prefix": "PGPASSWORD={} psql -h db app\n",
    "shell default": "DB_PASSWORD=${{DB_PASSWORD:-{}}}\n",
    "Dockerfile": "ENV DB_PASSWORD={}\n",
    "properties": "spring.datasource.password={}\n",
    "INI": "password = {}\n",
    "TOML": 'password = "{}"\n',
    "YAML": "  password: {}\n",
    "YAML pair": "- name: DB_PASSWORD\n  value: {}\n",
    "JSON": '  "password": "{}",\n',
    "JSON in a string": 'body = "{{\\"password\\": \\"{}\\"}}"\n',
    "JSON pair": '{{"name": "DB_PASSWORD", "value": "{}"}}\n',
    "XML element": "<password>{}</password>\n",
    "XML entry": '<entry key="db.password">{}</entry>\n',
    "XML attribute": '<dataSource user="app" password="{}"/>\n',
    "XML pair": '<add key="DbPassword" value="{}"/>\n',
    "HCL": '  password = "{}"\n',
    "SQL": "ALTER USER app WITH PASSWORD '{}';\n",
    "SQL, MySQL": "CREATE USER 'app'@'%' IDENTIFIED BY '{}';\n",
    "option": "tool --user app --password {}\n",
    "sshpass": "sshpass -p {} ssh app@host1\n",
    "OpenSSL": "openssl rsa -in k -passin pass:{}\n",
    "keytool": "keytool -genkey -storepass {} -alias a\n",
    "JDBC URL": "jdbc:postgresql://db.internal/app?user=a&password={}\n",
    "connection string": "Server=sql1;User Id=svc;Password={};Encrypt=true\n",
    "database URL": "postgres://app:{}@db.internal:5432/app\n",
    "HTTP URL": "https://svc:{}@git.internal/app.git\n",
    "curl": "curl -u svc:{} https://api.internal/\n",
    "mysql": "mysql -u root -p{} app\n",
}


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS.keys())
def test_a_random_value_is_found_in_every_form(form: str) -> None:
    assert shown("first\n" + form.format(RANDOM)) == [RANDOM]


CHOSEN_ARE_FOUND_IN = [
    "Python", "JavaScript object", "TypeScript", "Java call", "Java map", "Go struct", "C macro",
    "PHP array", "Ruby rocket", "dotenv", "properties", "YAML", "JSON", "XML element", "XML pair",
    "SQL", "option",
]  # fmt: skip


@pytest.mark.parametrize("value", [MIXED, CHOSEN, LEETED, POLICY])
@pytest.mark.parametrize("form", CHOSEN_ARE_FOUND_IN)
def test_a_chosen_password_is_found(form: str, value: str) -> None:
    assert shown(FORMS[form].format(value)) == [value]


@pytest.mark.parametrize("form", ["Python", "Go", "YAML", "properties", "XML element", "JSON"])
def test_letters_that_spell_nothing_are_a_password(form: str) -> None:
    assert shown(FORMS[form].format(LETTERS)) == [LETTERS]


def test_prose() -> None:
    assert shown(f"The password for the database is {RANDOM}\n") == [RANDOM]
    assert shown(f"# the api key is: {RANDOM}\n") == [RANDOM]


# ------------------------------------------------------------------------------ other things

SILENT = [
    # references and templates
    "password = ${DB_PASSWORD_1}", "password: {{ vault_password_1 }}", "api_key=$API_KEY_1",
    "password: !vault abc123", "password: ENC[abc123def]", "password: op://vault/item1/password",
    'password = "%(db_password)s"', "password: <%= ENV['PASSWORD1'] %>", "token: !Ref Token1",
    'password = "#{password1}"', "password = @Microsoft.KeyVault(SecretUri=x1)",
    "secret: vault:secret/data/app1", "password: ssm:/app/password1", "password = $env:PASSWORD1",
    "secretKeyRef: app-secret-1", 'password = "{cipher}abc123"', "password: ((password1))",
    # code
    "token = request.headers[0]['x1']", "password = getpass2('Password1: ')",
    "secret = os.environ['SECRET_1']", "token = process.env.TOKEN_V2", "api_key: settings.key2",
    "self.token = token2 or default3", "if (password == other1password2) {", "token: string2[]",
    "secret = base64.b64decode(value1)", "token = tokens[index1].value2",
    "password: Optional[str1]", "pass_caret_3: passCaret3,", "password := config.Password1",
    "const token = await getToken2();", "run('passwd', '--status', 'root1')",
    # words, labels, field names
    'password: "Password"', 'password = "secret"', 'password = "changeme"', "password: postgres",
    'PASSWORD_FIELD = "user_password2"', 'passwordInput = "#password-field1"',
    'token == "else"', "['password', 'username', 'token']", 'apiKeyEnv: "OPENAI_API_KEY"',
    'secretName: "app-tls-2"', 'type="password" name="password1"', 'getSecret("my-app-secret")',
    'errors.password = "is too short"', 'password_label = "Kennwort2"', "secret: my-secret-1",
    'huaweiCloudMaasApiKey: "huawei-cloud-maas"', "i18n.password1: Passwort2",
    'password = "MyPassword"', '"token": "KEEPTTL"', "js-tokens: npm:^4.0.0",
    # other things than secrets
    "token_count = 123456789012", "max_tokens: 128000", "password_min_length = 12345678901",
    "secret_version: v1.22.333-alpha4", "tokenizer: cl100k_base_2024", "password = 12345",
    "secret: 2024-11-21T10:00:00Z", "private_key_path: /etc/ssl/private/key1.pem",
    "token_url = 'https://id1.internal/oauth2/token'", 'signature = "SHA256withRSA"',
    'SecretKeyFactory.getInstance("PBKDF2WithHmacSHA1")', "signing_alg_token: 'HS256'",
    "auth_token_ttl = '86400seconds'", "rows of a table identified by column2",
    "access_key = 'images/2024/photo1.png'", 'password: "urn:k8s:secret:ldap:password1"',
    "docker run --user 1000:1000 app", "curl -u user:password https://api.internal/",
]  # fmt: skip


@pytest.mark.parametrize("line", SILENT)
@pytest.mark.parametrize("ending", ["", "\n"])
def test_what_only_has_the_name_of_a_secret(line: str, ending: str) -> None:
    assert found(line + ending) == []


@pytest.mark.parametrize(
    "template",
    [
        "token_hash = '{hex:40}'", "password_hash: '{hex:64}'", "secret: {uuid}",
        "api_key_id = '{uuid}'", "csrf_token = '{base62:32}'", "nextPageToken: '{base62:32}'",
        "public_key = '{base64:44}'", "integrity_token: sha512-{base64:86}==",
        "password = '$2b$12${base62:22}{base62:31}'", "api_key = 'phc_{base62:43}'",
        "secret_name = '{word}-{word}-{word}-1'", "authenticity_token = '{base64:40}'",
        "wallet_token = '0x{hex:40}'", 'salt_for_password = "{base62:16}"',
    ],
)  # fmt: skip
def test_random_values_that_are_no_secrets(template: str) -> None:
    for seed in range(3):
        assert found(expand(template, seed)) == []


def test_text_in_base64_is_no_secret() -> None:
    words = base64.b64encode(b"my-service-account").decode()
    assert found(f'client_secret = "{words}"') == []
    basic = base64.b64encode(b"user:password").decode().rstrip("=")
    assert found(f"Authorization: Basic {basic}") == []


# ------------------------------------------------------------------------------ confidence


def only(text: str) -> Match:
    (match,) = found(text)
    return match


def test_confidence_follows_the_grounds() -> None:
    long = expand('api_key = "{base62:40}"').decode()
    assert only(long).confidence is Confidence.HIGH
    assert only(expand('api_key = "{hex:32}"').decode()).confidence is Confidence.MEDIUM
    assert only(f'password = "{CHOSEN}"').confidence is Confidence.MEDIUM
    hashed = only(expand('password = "{hex:64}"').decode())
    assert hashed.confidence is Confidence.LOW
    assert "perhaps a digest" in hashed.evidence[0]
    weak = only("".join(('password = "', "s3", "cr3t", '"')))
    assert weak.confidence is Confidence.LOW
    first = only("".join(('password = "', "adm", "in123", '"')))
    assert first.confidence is Confidence.MEDIUM
    word = only("".join(('password = "', "buf", "falo", '"')))
    assert (word.confidence, word.evidence) == (Confidence.LOW, ("a word",))


def test_a_uuid_is_a_key_only_where_the_name_says_so() -> None:
    assert only(expand("api_key: '{uuid}'").decode()).confidence is Confidence.MEDIUM
    assert only(expand("client_secret: '{uuid}'").decode()).confidence is Confidence.MEDIUM
    assert found(expand("token: '{uuid}'")) == []


def test_an_example_counts_for_less() -> None:
    assert only(f'for example password = "{CHOSEN}"').confidence is Confidence.LOW
    assert only(f'wrong_password = "{CHOSEN}"').confidence is Confidence.LOW


def test_every_verdict_has_a_reason_without_the_value() -> None:
    for form in FORMS.values():
        for match in found(form.format(RANDOM)):
            assert not any(RANDOM in reason for reason in match.evidence)
            if not match.rule.endswith(("-url", "-password", "user-option", "mysql-option")):
                assert match.evidence


# ------------------------------------------------------------------------------ surroundings


def test_a_file_of_messages_is_silent() -> None:
    texts = ["Bitte warten Sie", "Ihr Name", "Ihre Adresse", "Noch einmal versuchen"]
    lines = [f'  "text{index}": "{text}",' for index, text in enumerate(texts)]
    label = "".join(("Kenn", "wrtx"))
    assert found("\n".join(["{", *lines, f'  "password": "{label}",', "}"])) == []
    assert found(f'{{\n  "user": "app",\n  "password": "{label}1z9"\n}}\n') != []


def test_a_bare_value_needs_a_setting_around_it() -> None:
    setting = f"user = app\npassword = {MIXED}\nhost = db\n"
    assert shown(setting) == [MIXED]
    code = f"def f(x):\n    return g(x)\n\nclass C:\n    password = {MIXED}\n    run(password)\n"
    assert found(code) == []


def test_a_quote_must_close_behind_the_value() -> None:
    assert found(f'password = "{RANDOM} and more"') == []
    assert found(f"password = \"{RANDOM}'") == []


def test_a_very_long_line_is_left_alone() -> None:
    line = f'password = "{RANDOM}"'
    assert found(" " * 1900 + line) != []
    assert found(" " * 2100 + line) == []
    assert found("x = 1\n" * 1000 + line + "\ny = 2" * 1000) != []


# ------------------------------------------------------------------------------ Python

PYTHON = "import os\nfrom app import x\n\n{}\n\ndef g():\n    return 1\n"


@pytest.mark.parametrize(
    "statement",
    [
        "password = '{}'", "password = ('{}')", "password = os.getenv('P', '{}')",
        "password = os.environ.get('DB_PASSWORD') or '{}'", "f(user='a',\n  password='{}')",
        "def f(a, password='{}'):\n    pass", "d = {{'password': '{}'}}",
        "password = '{}'.encode()",
        "class A:\n    password: str = '{}'", "if password == '{}':\n    pass",
        "password = '{}' + 'x'", "@f(password='{}')\ndef h(): pass",
    ],
)  # fmt: skip
def test_python_literals(statement: str) -> None:
    assert shown(PYTHON.format(statement.format(RANDOM))) == [RANDOM]


@pytest.mark.parametrize(
    "statement",
    [
        "password = '{}' + user", "password = config['{}']", "password = f(x).get('{}')",
        "password = '{}'.format(user)", "password: '{}' = None", "password = f'{}{{user}}'",
        "password = '{}' % user", "password = {}",
    ],
)  # fmt: skip
def test_python_parts_that_are_no_secret(statement: str) -> None:
    assert found(PYTHON.format(statement.format(RANDOM))) == []


def test_what_cannot_be_parsed_is_judged_without_the_tree() -> None:
    assert shown(PYTHON.format(f"password = '{RANDOM}' ) ] oops")) == [RANDOM]
    nested = "(" * 500 + f"password = '{RANDOM}'" + ")" * 500
    assert shown(PYTHON.format(nested)) == [RANDOM]


def test_python_statements_may_hold_escapes_that_python_does_not_know() -> None:
    # A warning would fail this test: `ast` gives one for each.
    assert shown(PYTHON.format(f"f('\\d+\\w', password='{RANDOM}')")) == [RANDOM]
    assert found(PYTHON.format(f"f('it\\'s', config['{RANDOM}'], 1)")) == []


def test_python_text_around_an_expression() -> None:
    """The value is whole where no expression touches it."""
    text = f"run(f\"connect {{host}} password='{RANDOM}' port={{port}}\")"
    assert shown(PYTHON.format(text)) == [RANDOM]
    quoted = f"x = f'{{scheme}}-password=\\'{RANDOM}\\''"
    assert shown(PYTHON.format(quoted)) == [RANDOM]


def test_python_literals_in_a_row() -> None:
    assert shown(PYTHON.format(f"f(password='{RANDOM}'\n  'x9')")) == [RANDOM]
    assert found(PYTHON.format(f"f(x[password, '{RANDOM}'\n  'x9'])")) == []


def test_a_parse_that_is_too_deep_is_no_parse() -> None:
    for deep in ("-" * 1500 + "f", "not " * 400 + "f", "f" + ".g" * 700, "f" + "()" * 700):
        assert shown(PYTHON.format(f"h(password='{RANDOM}', x={deep})")) == [RANDOM]


def test_python_needs_no_libcst() -> None:
    code = (
        "import sys\n"
        "from tests.test_generic_judge import PYTHON, RANDOM, found\n"
        "assert found(PYTHON.format(f\"f(a, password='{RANDOM}')\"))\n"
        "assert not found(PYTHON.format(f\"f(config['{RANDOM}'])\"))\n"
        "print('libcst' in sys.modules)"
    )
    command = [sys.executable, "-c", code]
    root_directory = Path(__file__).parents[1]
    assert subprocess.check_output(command, cwd=root_directory) == b"False\n"


# ------------------------------------------------------------------------------ read by hand


def test_the_format_of_a_time_is_no_token() -> None:
    assert found("return token_expiration.strftime('%Y-%m-%dT%H:%M:%SZ')") == []


def test_a_negated_variable_is_no_password() -> None:
    assert found('<button (click)="\n    showConfirmPwd = !showConfirmPwd\n">') == []
    assert shown(f"db_password = !{LETTERS}\n") == [f"!{LETTERS}"]


def test_pass_beside_fail_is_an_outcome() -> None:
    case = "  fail: '401288888888188f',\n  pass: '{}',\n"
    for value in (expand("{digit:16}").decode(), expand("{uuid}").decode(), RANDOM):
        assert found(case.format(value)) == []
    assert shown(f"  user: 'app',\n  pass: '{RANDOM}',\n  failover: 'db2',\n") == [RANDOM]


def test_an_alphabet_is_no_password() -> None:
    letters = string.ascii_lowercase
    assert found(f'PasswordCharacters = "{letters}" + "{letters.upper()}";') == []
    assert found(f'password = "{letters}{string.digits}"') == []


def test_a_name_of_many_parts_is_a_name() -> None:
    name = "-".join(["default", "ingress", "with", *["rule", "0", "path", "0"] * 3, "retry"])
    assert found(f'names: []string{{"tls-pass-to-upstream-0", "{name}"}}') == []


def test_a_name_that_ends_a_text_does_not_name_the_next() -> None:
    assert found('{"user: \\"ln\\"\\npass: \\"pwd\\"", "ln:pw9@x", false}') == []


@pytest.mark.parametrize("text", [b"12345678901234567890", b"Hello!\xde\xad\xbe\xef"])
def test_the_shared_secrets_of_manuals_are_none(text: bytes) -> None:
    value = base64.b32encode(text).decode()
    assert found(f"totp_secret = '{value}'") == []
    assert shown(expand("totp_secret = '{base32:32}'", 3).decode()) != []


def test_a_comment_that_asks_for_another_value() -> None:
    asked = only(f'  password: "{CHOSEN}"   # Replace with your own\n')
    assert asked.confidence is Confidence.LOW
    assert only(f'  password: "{CHOSEN}"   # used by the nightly job\n').confidence is (
        Confidence.MEDIUM
    )


def test_a_run_of_the_keyboard_is_a_weak_guess() -> None:
    assert only("".join(('password = "', "A1b2", "C3d4", '"'))).confidence is Confidence.LOW


def test_a_password_behind_a_user_counts_as_one_with_a_name_does() -> None:
    first = "".join(("min", "io123"))
    for value in (CHOSEN, MIXED, first):
        assert shown(f"curl -u svc:{value} https://api.internal/\n") == [value]
        assert shown(f"http://svc:{value}@db.internal/x\n") == [value]
    assert found("xr download -u https://json.internal/api/registry2\n") == []


# ------------------------------------------------------------------------------ hostile input

RULE = SecretRule("generic-secret", "R", "abcd", (), (), ())


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=80), st.binary(min_size=1, max_size=80), st.binary(max_size=80))
def test_no_bytes_raise(before: bytes, secret: bytes, after: bytes) -> None:
    start = len(before)
    data = before + secret + after
    candidate = Candidate(RULE, data, (start, start + len(secret)), 0, 0, (True, True))
    for judge in (judge_named_value, judge_url_password):
        verdict = judge(candidate)
        assert secret.decode("latin-1") not in verdict.reason or len(secret) < 5
