"""E-mail addresses: of persons, of roles, and of nobody."""

import re
from collections.abc import Sequence
from typing import Final

from scanner.detectors.personal.validators.mark import Mark
from scanner.rules.personal import PersonalRule

ADDRESS: Final = re.compile(
    r"(?:mailto:)?(?P<local>[\w.!#$%&'*+/=?^`{|}~-]{1,64})"
    r"@(?P<domain>(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.){1,8}[A-Za-z]{2,24})"
)

# RFC 2606 and RFC 6761 reserve these.
_RESERVED_ENDS: Final = frozenset(
    {"test", "example", "invalid", "localhost", "local", "localdomain", "internal", "lan"}
)
# Second-level names that people write when they mean nobody.
# fmt: off
_NOBODY: Final = frozenset(
    {
        "example", "test", "tests", "testing", "foo", "bar", "baz", "foobar", "domain",
        "yourdomain", "mydomain", "somedomain", "anydomain", "otherdomain", "company",
        "yourcompany", "mycompany", "acme", "sample", "fake", "dummy", "localhost", "invalid",
        "somewhere", "nowhere", "email", "host", "hostname", "site", "website", "yoursite",
        "mysite", "blah", "xyz", "abc", "a", "b", "c", "x", "mailinator", "fakemail", "tempmail",
        "testmail", "test-mail", "mytest", "example1", "example2", "test1", "test2", "qq1",
        "contoso", "fabrikam", "northwind", "adventure-works", "sakilacustomer",
    }
)
# fmt: on
# RFC 2142 names the first ones; the others are what organisations use beside them.
# fmt: off
_ROLES: Final = frozenset(
    {
        "abuse", "admin", "administrator", "billing", "bot", "bugs", "careers", "ci", "community",
        "contact", "contactus", "customercare", "customerservice", "devnull", "dev", "developer",
        "developers", "devops", "donotreply", "enquiries", "enquiry", "events", "feedback",
        "finance", "ftp", "git", "github", "gitlab", "hallo", "hello", "help", "helpdesk", "hola",
        "hostmaster", "hr", "info", "information", "infos", "inquiries", "inquiry", "jobs",
        "kontakt", "legal", "list", "lists", "mail", "mailer", "mailer-daemon", "mailman",
        "maintainer", "maintainers", "marketing", "media", "member", "members", "membership",
        "news", "newsletter", "no-reply", "nobody", "noc", "noreply", "no_reply", "notifications",
        "office", "opensource", "operations", "ops", "orders", "owner", "partners", "postmaster",
        "pr", "press", "privacy", "registrar", "registrations", "reply", "reservations", "robot",
        "root", "sales", "security", "service", "services", "shop", "spam", "staff", "subscribe",
        "support", "svn", "sysadmin", "team", "tech", "test", "tester", "testing", "unsubscribe",
        "usenet", "user", "username", "users", "uucp", "web", "webmaster", "website", "www",
    }
)
# fmt: on
_NOREPLY: Final = re.compile(r"no-?_?reply|do-?_?not-?_?reply|bounce|mailer-daemon|\[bot\]", re.I)
_NOREPLY_DOMAIN: Final = re.compile(r"(?:^|\.)(?:no-?reply|bounces?)\.", re.I)
# `icon@2x.png`, `react@18.min.js`: a file, not a domain.
# fmt: off
_FILE_ENDS: Final = frozenset(
    {
        "png", "jpg", "jpeg", "gif", "svg", "webp", "ico", "bmp", "js", "mjs", "cjs", "jsx", "ts",
        "tsx", "css", "scss", "less", "map", "json", "yaml", "yml", "xml", "html", "htm", "md",
        "txt", "py", "rb", "go", "rs", "java", "kt", "swift", "php", "sh", "bat", "exe", "dll",
        "so", "jar", "zip", "gz", "tar", "tgz", "conf", "cfg", "ini", "lock", "log", "sql", "csv",
        "service", "socket", "target", "mount", "timer",
    }
)
# fmt: on
# A message's id has the form of an address.
_MESSAGE_ID: Final = re.compile(r"(?:[0-9a-fA-F]{16,}|\d{8,}[.$-]|.*[$%=/].*|.{41,})")


def validator(rule: PersonalRule, argument: str) -> "_Judge":
    """Takes no argument."""
    del rule, argument
    return _Judge()


class _Judge:
    def __call__(self, cells: Sequence[str]) -> list[Mark]:
        """One mark for each cell."""
        return [judge(cell) for cell in cells]


def judge(text: str) -> Mark:
    """What an address is. `Name <address>` counts as its address."""
    text = text.strip()
    if text.endswith(">") and "<" in text:
        text = text[text.rindex("<") + 1 : -1]
    found = ADDRESS.fullmatch(text)
    if found is None:
        return Mark.INVALID
    local, domain = found["local"].lower(), found["domain"].lower()
    labels = domain.split(".")
    if labels[-1] in _FILE_ENDS:
        return Mark.INVALID
    if labels[-1] in _RESERVED_ENDS or _NOBODY.intersection(labels[-3:-1]):
        return Mark.MADE_UP
    if _NOREPLY.search(local) or _NOREPLY_DOMAIN.search(domain) or _MESSAGE_ID.fullmatch(local):
        return Mark.IMPERSONAL
    base = local.partition("+")[0]
    if base in _ROLES or base.rstrip("0123456789") in _ROLES or domain.startswith("lists."):
        return Mark.IMPERSONAL
    return Mark.VALID
