"""What a path's name says: test or source, whose twin, which manifest's lock file."""

import re

_TEST_NAME = re.compile(
    r"(?:test_.+|.+_test|.+[._-](?:test|spec)|.+(?:Test|Tests|TestCase|Spec|IT)|.+_spec)\.[A-Za-z0-9]+"
)
_TEST_DIRECTORIES = frozenset({"__tests__"})
_SOURCE_SUFFIX = re.compile(
    r"pyi?|[mc]?[jt]sx?|go|rs|java|kts?|scala|rb|php|cs|fs|swift|mm?|c|cc|cpp|cxx|h|hh|hpp|exs?|erl|clj"
    r"|dart|lua|pl|sh|zig|vue|svelte"
)
_DECORATION = re.compile(
    r"^(?:test_|tests_)|(?:_tests?|_spec|[._-](?:test|spec|e2e|stories|snap)|Tests?|TestCase|Spec|IT)$"
)
_ENTRY_FILES = frozenset(
    {"__init__.py", "__init__.pyi", "mod.rs", "lib.rs", "doc.go", "package-info.java"}
    | {f"index.{suffix}" for suffix in ("js", "jsx", "ts", "tsx", "mjs", "cjs", "mts", "d.ts")}
)
_LOCK_FILES = {
    "package-lock.json": ("package.json",),
    "npm-shrinkwrap.json": ("package.json",),
    "yarn.lock": ("package.json",),
    "pnpm-lock.yaml": ("package.json", "pnpm-workspace.yaml"),
    "bun.lock": ("package.json",),
    "bun.lockb": ("package.json",),
    "deno.lock": ("deno.json", "deno.jsonc"),
    "poetry.lock": ("pyproject.toml",),
    "uv.lock": ("pyproject.toml",),
    "pdm.lock": ("pyproject.toml",),
    "pylock.toml": ("pyproject.toml",),
    "Pipfile.lock": ("Pipfile",),
    "requirements.txt": ("requirements.in", "pyproject.toml"),
    "Cargo.lock": ("Cargo.toml",),
    "go.sum": ("go.mod", "go.work"),
    "go.work.sum": ("go.work",),
    "Gemfile.lock": ("Gemfile",),
    "composer.lock": ("composer.json",),
    "mix.lock": ("mix.exs",),
    "pubspec.lock": ("pubspec.yaml",),
    "Podfile.lock": ("Podfile",),
    "packages.lock.json": (),
    "flake.lock": ("flake.nix",),
    ".terraform.lock.hcl": (),
}
_CHANGELOG = re.compile(
    r"(?:.*/)?(?:(?:CHANGELOG|CHANGES|HISTORY|NEWS|RELEASE[-_]?NOTES)(?:\.[A-Za-z]+)?"
    r"|(?:newsfragments|changelog\.d|\.changeset|changes\.d)/[^/]+)",
    re.IGNORECASE,
)


def is_test(path: str) -> bool:
    """A test file by its own name, or any source file in `__tests__`. Helpers are not."""
    directory, _, name = path.rpartition("/")
    if _TEST_NAME.fullmatch(name):
        return True
    return bool(_TEST_DIRECTORIES & set(directory.split("/"))) and is_source(name)


def is_source(path: str) -> bool:
    """Program code that is not a test."""
    suffix = path.rpartition(".")[2]
    return _SOURCE_SUFFIX.fullmatch(suffix) is not None and not _TEST_NAME.fullmatch(
        path.rpartition("/")[2]
    )


def stem(path: str) -> str:
    """The name without suffixes and without what marks it as a test or a snapshot.

    `tests/test_fees.py`, `src/fees.test.ts` and `__snapshots__/fees.test.ts.snap` are all `fees`.
    """
    name = path.rpartition("/")[2]
    name = name.removesuffix(".snap").removesuffix(".ambr")
    base = name.rpartition(".")[0] or name
    while True:
        bare = _DECORATION.sub("", base)
        if bare == base or not bare:
            return base.lower()
        base = bare


def is_snapshot(path: str) -> bool:
    """A recorded expectation that a test run rewrites."""
    return "__snapshots__/" in path or path.endswith((".snap", ".ambr", ".approved.txt"))


def is_entry(path: str) -> bool:
    """A file that only names what its directory offers."""
    return path.rpartition("/")[2] in _ENTRY_FILES


def manifests_of(path: str) -> tuple[str, ...] | None:
    """The manifests a lock file belongs to, by name; None when it is not a lock file."""
    return _LOCK_FILES.get(path.rpartition("/")[2])


def is_changelog(path: str) -> bool:
    """A list of changes that any task may add to."""
    return _CHANGELOG.fullmatch(path) is not None
