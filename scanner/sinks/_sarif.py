"""The part of SARIF 2.1.0 that the sink writes (OASIS, errata 01); names as there, section by use.

Fields that are None or empty are left out: SARIF consumers refuse nulls and empty strings.
"""

import msgspec

VERSION = "2.1.0"
SCHEMA = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)


class Node(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True, kw_only=True):
    """Base of all: frozen, camelCase, defaults left out."""


class Message(Node, frozen=True, kw_only=True):
    """§3.11."""

    text: str


class ArtifactLocation(Node, frozen=True, kw_only=True):
    """§3.4."""

    uri: str | None = None
    uri_base_id: str | None = None
    description: Message | None = None


class Region(Node, frozen=True, kw_only=True):
    """§3.30. Whole lines: our columns count bytes, SARIF's count characters."""

    start_line: int


class PhysicalLocation(Node, frozen=True, kw_only=True):
    """§3.29."""

    artifact_location: ArtifactLocation
    region: Region | None = None


class Location(Node, frozen=True, kw_only=True):
    """§3.28."""

    id: int | None = None
    physical_location: PhysicalLocation | None = None
    message: Message | None = None


class ThreadFlowLocation(Node, frozen=True, kw_only=True):
    """§3.38."""

    location: Location


class ThreadFlow(Node, frozen=True, kw_only=True):
    """§3.37."""

    locations: list[ThreadFlowLocation]


class CodeFlow(Node, frozen=True, kw_only=True):
    """§3.36."""

    thread_flows: list[ThreadFlow]


class ResultProperties(Node, frozen=True, kw_only=True):
    """Ours, in the property bag."""

    severity: str
    confidence: str
    category: int
    where: str
    tags: list[str]
    commit: str | None = None
    task: str | None = None
    incident: str | None = None


class Result(Node, frozen=True, kw_only=True):
    """§3.27."""

    rule_id: str
    rule_index: int
    level: str
    message: Message
    locations: list[Location]
    related_locations: list[Location] = []
    code_flows: list[CodeFlow] = []
    partial_fingerprints: dict[str, str]
    properties: ResultProperties


class RuleProperties(Node, frozen=True, kw_only=True):
    """What GitHub code scanning reads of a rule's property bag."""

    tags: list[str]
    precision: str
    security_severity: str = msgspec.field(name="security-severity")
    problem_severity: str = msgspec.field(name="problem.severity")


class Configuration(Node, frozen=True, kw_only=True):
    """§3.50."""

    level: str


class Rule(Node, frozen=True, kw_only=True):
    """§3.49, reportingDescriptor."""

    id: str
    short_description: Message
    full_description: Message
    help: Message
    help_uri: str | None = None
    default_configuration: Configuration
    properties: RuleProperties


class Driver(Node, frozen=True, kw_only=True):
    """§3.19, toolComponent."""

    name: str
    version: str
    semantic_version: str | None = None
    rules: list[Rule]


class Tool(Node, frozen=True, kw_only=True):
    """§3.18."""

    driver: Driver


class Descriptor(Node, frozen=True, kw_only=True):
    """§3.52, reportingDescriptorReference."""

    id: str


class Notification(Node, frozen=True, kw_only=True):
    """§3.58."""

    level: str
    message: Message
    descriptor: Descriptor


class Invocation(Node, frozen=True, kw_only=True):
    """§3.20. `execution_successful` has no default: false must be written."""

    execution_successful: bool
    exit_code: int | None = None
    start_time_utc: str | None = None
    tool_execution_notifications: list[Notification] = []


class AutomationDetails(Node, frozen=True, kw_only=True):
    """§3.17. GitHub reads `category/run` from the id."""

    id: str


class RunProperties(Node, frozen=True, kw_only=True):
    """Ours, in the property bag."""

    head: str | None = None
    rules_digest: str
    agents: list[str]
    commits: int
    blobs: int
    files: int
    notes: list[str] = []


class Run(Node, frozen=True, kw_only=True):
    """§3.14."""

    tool: Tool
    automation_details: AutomationDetails
    original_uri_base_ids: dict[str, ArtifactLocation]
    invocations: list[Invocation]
    results: list[Result]
    properties: RunProperties


class Log(Node, frozen=True, kw_only=True):
    """§3.13."""

    schema: str = msgspec.field(name="$schema")
    version: str
    runs: list[Run]
