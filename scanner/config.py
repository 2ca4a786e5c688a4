"""What a scan is asked to do, and the project's own settings file, strictly decoded."""

import os
import re
from pathlib import Path

import msgspec

from scanner.errors import ConfigError
from scanner.model import Confidence, Severity
from scanner.rules.policy_settings import PolicySettings

FILE_NAME = ".agentreach.yml"
DEFAULT_MAX_BYTES = 10 * 1024 * 1024

_UNKNOWN = re.compile(r"unknown field `([^`]*)`")
_WAY = re.compile(r"at `\$\.?([^`]*)`")


class Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The project's `.agentreach.yml`. Part of the scanned repository, so nothing in it is trusted
    to be harmless: what it hides is counted and said in every report."""

    exclude: tuple[str, ...] = ()
    """Paths that are not scanned, in gitignore syntax."""
    disable: tuple[str, ...] = ()
    """Rule ids whose findings are not reported."""
    agents: tuple[str, ...] = ()
    """Agents to answer reach for even where nothing in the repository shows their use."""
    baseline: str | None = None
    """Path of the baseline, relative to the repository root."""
    gitleaks_config: str | None = None
    """Path of a gitleaks configuration whose rules and allowlists apply as well, likewise."""
    fail_on: Severity | None = None
    min_confidence: Confidence | None = None
    """Findings that are less certain are counted but not shown."""
    archives: bool = False
    """Open archives, packages and documents, and scan what is in them."""
    max_bytes: int = DEFAULT_MAX_BYTES
    """Larger contents are not scanned; the report says so."""
    attribution: PolicySettings | None = None
    """What the project asks of commits that an agent had a part in."""


class Config(msgspec.Struct, frozen=True, kw_only=True):
    """One scan. Paths are absolute or relative to the current directory."""

    path: Path = Path()
    """Anywhere inside the repository, a bare repository, or a plain directory."""
    subpaths: tuple[Path, ...] = ()
    """Only these files and directories of the working tree, instead of everything."""
    staged: bool = False
    revision_range: str | None = None
    history: bool = True
    contents: bool = True
    """False: only messages and what changes overstep, not what files hold (commit-msg hook)."""
    reflog: bool = False
    unreachable: bool = False
    standard_input: bytes | None = None
    """Scan these bytes, and nothing else."""
    exclude: tuple[str, ...] = ()
    disable: tuple[str, ...] = ()
    agents: tuple[str, ...] = ()
    min_confidence: Confidence | None = None
    """None: what the project's settings say, else medium."""
    archives: bool = False
    baselines: tuple[Path, ...] = ()
    """Instead of the one that the project's settings name."""
    name_for_detect_secrets: bool = False
    """Find out what detect-secrets calls each secret, for a baseline in its form."""
    rules: tuple[Path, ...] = ()
    """Files with secret rules of the user's own."""
    gitleaks_config: Path | None = None
    """Instead of the one that the project's settings name."""
    imports: tuple[Path, ...] = ()
    """Reports of other scanners, to be joined with the findings."""
    task: str | None = None
    """The id of the task that every agent change belongs to."""
    task_file: Path | None = None
    message: str | None = None
    """The message of the commit about to be made (commit-msg hook); only with `staged`."""
    incidents: Path | None = None
    """Directory in which incident records are seeded."""
    jobs: int | None = None
    """Workers, threads or processes; None: one a core."""
    max_bytes: int | None = None
    engine: str = "auto"
    """`auto`, `hyperscan` or `re`."""
    cache_directory: Path | None = None
    key: bytes | None = None
    """The team's key for digests; without one the repository's root commit stands in."""
    project_settings: bool = True
    """Read the repository's own `.agentreach.yml`."""

    @property
    def workers(self) -> int:
        """How many threads or processes scan, at least one."""
        return max(1, self.jobs or os.cpu_count() or 1)


def decode_settings(data: bytes, source: str) -> Settings:
    """Decode `.agentreach.yml`; raises `ConfigError` that names the file, the line and the key."""
    import yaml

    try:
        raw = yaml.safe_load(data)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f":{mark.line + 1}" if mark else ""
        problem = getattr(error, "problem", None) or "not valid YAML"
        raise ConfigError(f"{source}{line}: {problem}", hint="check the YAML syntax") from None
    except RecursionError:
        raise ConfigError(f"{source}: nested too deeply") from None
    except ValueError as error:
        raise ConfigError(f"{source}: {error}", hint="check the dates in it") from None
    if raw is None:
        return Settings()
    try:
        return msgspec.convert(raw, Settings)
    except msgspec.ValidationError as error:
        complaint = str(error)
        known = _known_keys(_way(complaint))
        raise ConfigError(
            f"{source}{_line_of(data, complaint)}: {complaint}",
            hint=f"known keys: {', '.join(known)}",
        ) from None


def _way(complaint: str) -> list[str]:
    """The keys that lead to what msgspec complains about, without positions in lists."""
    found = _WAY.search(complaint)
    return [part for part in re.split(r"\[[^\]]*\]|\.", found[1]) if part] if found else []


def _known_keys(way: list[str]) -> tuple[str, ...]:
    inside = way[:1] == ["attribution"]
    return (PolicySettings if inside else Settings).__struct_fields__


def _line_of(data: bytes, complaint: str) -> str:
    """`:LINE` of the key that msgspec complains about, or nothing where it names none."""
    import yaml

    unknown = _UNKNOWN.search(complaint)
    way = [*_way(complaint), *([unknown[1]] if unknown else [])]
    node = yaml.compose(data, Loader=yaml.SafeLoader)
    line = ""
    for name in way:
        pairs = node.value if isinstance(node, yaml.MappingNode) else ()
        entry = next((pair for pair in pairs if pair[0].value == name), None)
        if entry is None:
            break
        line, node = f":{entry[0].start_mark.line + 1}", entry[1]
    return line


def load_settings(root: Path) -> Settings:
    """The settings of the repository at `root`; defaults where there is no file.

    A symbolic link is not followed: it may lead out of the scanned tree.
    """
    path = root / FILE_NAME
    if path.is_symlink():
        raise ConfigError(f"{path}: is a symbolic link", hint="replace it with the file itself")
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return Settings()
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from None
    return decode_settings(data, str(path))
