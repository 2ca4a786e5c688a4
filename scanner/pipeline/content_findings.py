"""From what was seen in contents, and where those live, to findings."""

from scanner.model import Finding, Location, Where
from scanner.pipeline.data_sightings import RULE, data_keys
from scanner.pipeline.examine import Contents, Sightings
from scanner.pipeline.findings import FindingBuilder, ReachOf
from scanner.pipeline.history import History
from scanner.pipeline.places import SecretPlaces, join, secret_key
from scanner.pipeline.provenance import Provenance, SecretKey
from scanner.pipeline.setup import Setup
from scanner.pipeline.subject import Subject


def followed(seen: Contents) -> dict[str, set[SecretKey]]:
    """What the provenance of each blob is followed for."""
    subjects = {
        blob: {secret_key(sighting) for sighting in sightings}
        for blob, sightings in seen.sightings.items()
    }
    for blob, keys in data_keys(seen.suspects).items():
        subjects.setdefault(blob, set()).update(keys)
    return subjects


def secret_findings(
    subject: Subject,
    setup: Setup,
    sightings: Sightings,
    provenance: Provenance,
    history: History,
    builder: FindingBuilder,
) -> tuple[list[Finding], int]:
    """One finding for each secret, and how many were hidden by an inline ignore."""
    trees = subject.trees(sightings)
    placed = provenance.seen | {origin.blob for origin in trees.worktree}
    placed |= set(trees.index.values()) | set(trees.head.values())
    unseen = [blob for blob in sightings if blob not in placed and not blob.startswith("message:")]
    extra = [*history.message_origins, *subject.elsewhere(unseen)]
    findings: list[Finding] = []
    suppressed = 0
    for key, places in join(sightings, trees, provenance, extra).items():
        if subject.only_introduced and not _brought_in(key, places, provenance):
            continue
        suppressed += bool(places.ignored)
        locations = tuple(place for place in places.locations if not setup.excluded(place.path))
        reported, is_allowed = _reported(setup, key[0], locations)
        suppressed += is_allowed
        if reported:
            findings.append(builder.secret(key, places._replace(locations=reported), provenance))
    return findings, suppressed


def data_findings(
    subject: Subject,
    setup: Setup,
    seen: Contents,
    provenance: Provenance,
    reach_of: ReachOf,
) -> tuple[list[Finding], int]:
    """Personal data in bulk: findings, and how many files an ignore comment took away."""
    if not seen.suspects:
        return [], 0
    from scanner.pipeline.personal import PersonalFindings, read_closely
    from scanner.rules.personal import load_personal_rules

    trees = subject.trees(seen.suspects)
    placed = provenance.seen | {origin.blob for origin in trees.worktree}
    placed |= set(trees.index.values()) | set(trees.head.values())
    extra = tuple(subject.elsewhere([blob for blob in seen.suspects if blob not in placed]))
    processes = setup.config.workers if setup.can_work_apart and subject.is_long else 1
    session = setup.detector.session()
    sightings = read_closely(subject, session, trees, provenance, extra, processes)
    builder = PersonalFindings(
        setup.digester,
        load_personal_rules(cached_in=setup.config.cache_directory),
        setup.attributor,
        reach_of,
    )
    found, ignored = builder.findings(sightings, trees, provenance, extra)
    if subject.only_introduced:
        brought = {
            event.path for key, (event, _) in provenance.introduced.items() if key[0] == RULE
        }
        found = [one for one in found if one.locations[0].path in brought]
    return found, ignored


def _reported(
    setup: Setup, rule: str, locations: tuple[Location, ...]
) -> tuple[tuple[Location, ...], bool]:
    """The places that a configuration of another tool leaves in, and whether its allowlists, which
    hold for all rules, took away the last one."""
    foreign = setup.foreign.rules
    if foreign is None:
        return locations, False
    asked = [place for place in locations if foreign.asks_of(rule, place)]
    reported = tuple(place for place in asked if foreign.reports(rule, place))
    return reported, bool(asked) and not reported


def _brought_in(key: SecretKey, places: SecretPlaces, provenance: Provenance) -> bool:
    return key in provenance.introduced or any(
        place.where in (Where.MESSAGE, Where.TAG) for place in places.locations
    )
