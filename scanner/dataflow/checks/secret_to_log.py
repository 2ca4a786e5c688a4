"""A secret is written to a log.

What: a value read from the environment under a name that means a secret, or a literal in such a
variable, reaches a logging call or `print` in the same function (or from the module's own
statements), through assignments, text formatting, containers and the conversions that
`rules/dataflow` lists.

In a test file a literal is taken for a fixture; what a test reads from the environment is real.

Why: logs are copied, indexed, kept for years and read by more people and agents than the secret's
store is. A secret in a log is exposed (CWE-532).

Example::

    token = os.environ["GITHUB_TOKEN"]
    logger.info("calling with %s", token)
"""

import re
from functools import cache
from typing import TYPE_CHECKING

from scanner.model import FlowMatch
from scanner.rules.dataflow import FlowRule, load_flow_rules

if TYPE_CHECKING:
    from scanner.dataflow.source import SourceFile

RULE = "secret-to-log"

# The end of a name that means a secret, looser than the rule's `names`, which decide.
_NAME_END = (
    rb"(?i:key|token|secrets?|passw(?:or)?d|passphrase|credentials?|(?:\b|_)(?:pwd|pat|dsn))"
    rb"(?i:_?[0-9]{1,4}|_(?:value|str|raw|env))?"
)
_ENVIRONMENT = re.compile(rb"environ|getenv")
_QUOTED_NAME = re.compile(rb"[\"']\w{0,60}" + _NAME_END + rb"[\"']")
_LITERAL = re.compile(
    _NAME_END + rb"(?:[ \t]*:[^=\n]{1,40})?[ \t]*=[ \t]*\(?[rRbBuU]?[\"']"
    rb"(?=[^\s\"']{0,511}[0-9])[^\s\"']{8}"
)
_SINK = re.compile(rb"print|log|LOG|warn|echo|\.write|console")


def triggered(data: bytes) -> bool:
    """A sink, and either a variable's name beside the environment's or a literal in such a name."""
    if not _SINK.search(data):
        return False
    if _ENVIRONMENT.search(data) and _QUOTED_NAME.search(data):
        return True
    return _LITERAL.search(data) is not None


GOOD = (
    # The name, the length, whether it is set.
    """
import os, logging
token = os.environ["GITHUB_TOKEN"]
print("GITHUB_TOKEN is", "set" if token else "missing")
print(len(token), bool(token), token is None, token == "x", not token)
logging.info("token: %s", "***" if token else None)
logging.info("token set: %s", token and True)
""",
    # Masked.
    """
import os, hashlib
token = os.getenv("API_TOKEN")
print(token[:4] + "...", f"{token[-4:]}", token[0], "*" * len(token))
print(hashlib.sha256(token.encode()).hexdigest())
print(mask(token))
text = f"x {token}"
print(text.replace(token, "***"))
""",
    # Not secrets by name.
    """
import os
print(os.environ["HOME"], os.getenv("MAX_TOKENS"), os.environ.get("API_KEY_ID"))
print(os.environ["DATABASE_URL"], os.environ["STRIPE_PUBLISHABLE_KEY"], os.getenv("PWD"))
print(os.getenv(name), os.environ["GOOGLE_APPLICATION_CREDENTIALS"])
sort_key = "abcdefg12345"
print(sort_key)
""",
    # A client made with the key is not the key.
    """
import os
from somewhere import Client
client = Client(api_key=os.environ["OPENAI_API_KEY"])
print(client, client.models())
""",
    # Reassigned, deleted, a parameter of the same name.
    """
import os
token = os.environ["API_TOKEN"]
token = "none"
print(token)
API_KEY = os.environ["API_KEY"]
def show(API_KEY):
    print(API_KEY)
def other():
    API_KEY = load()
    print(API_KEY)
""",
    # Empty where it is printed.
    """
import os, sys
token = os.environ.get("API_TOKEN")
if not token:
    print(f"no token: {token}")
    sys.exit(1)
if token is None or token == "":
    print(token)
if token:
    use(token)
else:
    print(token)
""",
    # Other parts of a container.
    """
import os
config = {"model": "small", "api_key": os.environ["API_KEY"]}
print(config["model"], config.get("model"), list(config.keys()))
name, key = "n", os.environ["API_KEY"]
print(name)
for header, value in {"Authorization": os.environ["API_KEY"]}.items():
    print(header)
""",
    # Written to a file, not to a log.
    """
import os
with open("out", "w") as stream:
    print(os.environ["API_KEY"], file=stream)
""",
    # Literals that are no credential.
    """
PASSWORD = "password"
API_KEY = "OPENAI_API_KEY"
SECRET_TOKEN = "<your-token-here>"
TOKEN = "changeme123"
token = "tok"
print(PASSWORD, API_KEY, SECRET_TOKEN, TOKEN, token)
""",
    # Not a logger.
    """
import os, math
requests.post(os.environ["API_TOKEN"])
math.log(os.environ["API_TOKEN"])
queue.info(os.environ["API_TOKEN"])
""",
)

BAD = (
    # Straight, through names, with a default.
    """
import os, sys, logging
print(os.environ["GITHUB_TOKEN"])  # here
token = os.getenv("GITHUB_TOKEN", "")
other = token or "none"
logging.info(other)  # here
sys.stderr.write(token + "\\n")  # here
print("token", token, file=sys.stderr)  # here
""",
    # Every way of putting it into a text.
    """
import os
from os import environ as env
from logging import getLogger as make
log = make(__name__)
key = env["STRIPE_KEY"]
log.debug(f"key={key}")  # here
log.debug(f"{key!r:>20}")  # here
log.debug("key=%s" % key)  # here
log.debug("key={}".format(key))  # here
log.debug("key=" + str(key).strip())  # here
log.debug("a" f"b{key}")  # here
log.debug(" ".join(["curl", "-H", key]))  # here
log.debug("x", extra={"key": key})  # here
""",
    # Containers.
    """
import os, json
headers = {"Authorization": "Bearer " + os.environ["API_TOKEN"], "Accept": "x"}
print(headers)  # here
print(headers["Authorization"])  # here
print(json.dumps(headers, indent=2))  # here
command = ["curl"]
command.append(os.environ["API_TOKEN"])
print("Running", command)  # here
print(" ".join(command))  # here
params = {}
params["key"] = os.environ["API_KEY"]
print(params)  # here
for name, value in headers.items():
    print(name, value)  # here
""",
    # Binding forms.
    """
import os
a, b = "x", os.environ["DB_PASSWORD"]
print(b)  # here
if (secret := os.getenv("APP_SECRET")):
    print(secret)  # here
text = "secret: "
text += secret
print(text)  # here
key: str = os.environ["API_KEY"] if secret else "none"
print(key)  # here
""",
    # Functions, methods, classes.
    """
import os, logging
API_KEY = os.environ["API_KEY"]
def show():
    print(API_KEY)  # here
class Client:
    logger = logging.getLogger("client")
    def __init__(self):
        self.token = os.environ["API_TOKEN"]
        self.logger.info("token %s", self.token)  # here
    async def run(self, password=None):
        password = password or os.environ["DB_PASSWORD"]
        logging.getLogger(__name__).warning(password)  # here
        def inner():
            print(os.environ["API_TOKEN"])  # here
""",
    # Branches and loops.
    """
import os
token = None
if os.path.exists("x"):
    token = os.environ["API_TOKEN"]
else:
    token = "none"
print(token)  # here
last = ""
for _ in range(3):
    print(last)  # here
    last = os.environ["API_TOKEN"]
while True:
    found = os.environ.get("API_TOKEN")
    if found:
        break
print(found)  # here
try:
    value = os.environ["API_TOKEN"]
except KeyError as error:
    print(error)
else:
    print(value)  # here
""",
    # A literal under a name that means a secret.
    """
api_key = "k9" + "x"
db_password = "GENERATED"
print("connecting with", db_password)  # here
""",
)


@cache
def _rule() -> FlowRule:
    return load_flow_rules()[RULE]


def run(source: "SourceFile") -> list[FlowMatch]:
    """One match for each logging call that a secret reaches, ordered by position."""
    from scanner.dataflow.flow import find_flows

    return find_flows(source, _rule())
