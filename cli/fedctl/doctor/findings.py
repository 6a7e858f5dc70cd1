"""What the doctor finds in configuration, clusters, types and federated objects. Pure."""

import ipaddress
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

import orjson

from fedctl.get.clusters import ClusterRow
from fedctl.manifests import Manifest, key_of
from kubefed.admission.federated import Part
from kubefed.api.allowed_ranges import allowed_ranges
from kubefed.api.config_validation import mistakes_in_config
from kubefed.api.core_v1beta1 import ControllerState, FederatedTypeConfig, KubeFedConfig, Toggle, Trust
from kubefed.api.defaults import with_config_defaults
from kubefed.api.validation import mistakes_in_type_config
from kubefed.clusters.credentials import granted
from kubefed.clusters.record import read_record
from kubefed.core.errors import Misconfigured
from kubefed.core.markers import REMOVAL_PLAN_ANNOTATION
from kubefed.federated.federated_type import FederatedType
from kubefed.federated.freezes import freeze_of_cluster, freeze_of_everything, freeze_of_type
from kubefed.kube.addresses import AddressPolicy
from kubefed.kube.wire import Projector

_PROJECTOR = Projector(annotation_prefix="kubefed.io/")
_SHOWN_OBJECTS = 20


class Level(StrEnum):
    """How bad it is."""

    PROBLEM = "problem"
    """Something does not work, or would not."""
    WARNING = "warning"
    """It works, and should not stay so."""
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to know: what it is about, what was found, and what to do."""

    level: Level
    about: str
    what: str
    todo: str = ""


def of_configuration(config: KubeFedConfig, trust: Trust) -> Iterator[Finding]:
    """Mistakes, freezes, and how much is allowed."""
    about = "KubeFedConfig"
    for mistake in mistakes_in_config(with_config_defaults(config)):
        yield Finding(Level.PROBLEM, about, mistake.for_author(), "correct it: a controller that starts would refuse it")
    freeze = freeze_of_everything(config.metadata.annotations or {})
    if freeze.writes:
        yield Finding(Level.WARNING, about, freeze.writes, "fedctl unfreeze --all")
    if freeze.removals:
        yield Finding(Level.WARNING, about, freeze.removals, "fedctl restore --complete, when all is back")
    if trust is Trust.COMPATIBLE:
        yield Finding(
            Level.NOTE,
            about,
            "trust is Compatible: what KubeFed allowed is allowed",
            "Strict, once no cluster is warned of",
        )


def of_cluster(record: Manifest, row: ClusterRow, config: KubeFedConfig, trust: Trust) -> Iterator[Finding]:
    """Whether it can be reached, what it should not ask for, and what is not allowed."""
    about = f"cluster {row.name}"
    yield from _waiting(f"cluster/{row.name}", about, record)
    if frozen := freeze_of_cluster(record["metadata"].get("annotations") or {}):
        yield Finding(Level.WARNING, about, frozen, f"fedctl unfreeze --cluster {row.name}")
    if not row.ready:
        yield Finding(Level.PROBLEM, about, f"{row.state}: {row.message}" if row.message else row.state)
    try:
        read = read_record(_PROJECTOR.object(orjson.dumps(record)))
    except Misconfigured as problem:
        yield Finding(Level.PROBLEM, about, str(problem), "correct the KubeFedCluster")
        return
    level = Level.WARNING if trust is Trust.COMPATIBLE else Level.PROBLEM
    asked = granted(read, None)
    for each in asked:
        yield Finding(level, about, f"{each.reason}: {each.message}")
    told = {each.message for each in asked}
    for message in row.warnings:
        if message not in told:
            yield Finding(Level.WARNING, about, message)
    yield from _of_address(about, row.endpoint, config)


def _of_address(about: str, endpoint: str, config: KubeFedConfig) -> Iterator[Finding]:
    host = urlsplit(endpoint).hostname or ""
    try:
        address = ipaddress.ip_address({"localhost": "127.0.0.1"}.get(host, host))
    except ValueError:
        return
    objection = AddressPolicy.of(allowed_ranges(config)).objection(str(address))
    if objection:
        allow = f"fedctl install --allowed-endpoint-range {address}/{address.max_prefixlen}"
        yield Finding(Level.PROBLEM, about, f"its address {address} is {objection}, and no connection is made", allow)


def of_type(config: FederatedTypeConfig, *, ours: bool) -> Iterator[Finding]:
    """Mistakes, freezes, and whether its controller runs; that only where the controller is `ours`."""
    about = f"type {config.metadata.name}"
    for mistake in mistakes_in_type_config(config):
        yield Finding(Level.PROBLEM, about, mistake.for_author(), "correct the FederatedTypeConfig")
    if frozen := freeze_of_type(config.metadata.annotations or {}):
        yield Finding(Level.WARNING, about, frozen, f"fedctl unfreeze --type {config.metadata.name}")
    state = config.status.propagation_controller if config.status else ""
    if ours and config.spec.propagation == Toggle.ENABLED and state != ControllerState.RUNNING:
        yield Finding(Level.PROBLEM, about, "its controller does not run", "see the controller's log")


def of_objects(kind: FederatedType, objects: Iterable[Mapping[str, Any]], rules: Iterable[Part]) -> Iterator[Finding]:
    """What admission would refuse today, in objects that are older than it; the first of them by name."""
    checks, found = tuple(rules), 0
    for manifest in objects:
        key = key_of(manifest)
        yield from _waiting(f"namespace/{key.namespace}", f"{kind.federated.kind} {key}", manifest)
        if kind.of_namespaces and key.name != key.namespace:
            found += 1
            yield Finding(
                Level.WARNING,
                f"{kind.federated.kind} {key}",
                "is ignored: its name is not that of its namespace",
                "rename it",
            )
        for part, problem in _mistakes(manifest, kind, checks):
            found += 1
            if found <= _SHOWN_OBJECTS:
                yield Finding(Level.PROBLEM, f"{kind.federated.kind} {key}", f"spec.{part}: {problem}", "correct it")
    if found > _SHOWN_OBJECTS:
        yield Finding(Level.PROBLEM, kind.federated.kind, f"{found - _SHOWN_OBJECTS} mistakes more, not shown")


def _waiting(cause: str, about: str, manifest: Mapping[str, Any]) -> Iterator[Finding]:
    """Removals that somebody has to look at."""
    if REMOVAL_PLAN_ANNOTATION in (manifest["metadata"].get("annotations") or {}):
        todo = f"fedctl approve shows them: approve the plan, or undo the change of {cause}"
        yield Finding(Level.WARNING, about, "removals that it causes wait for approval", todo)


def _mistakes(
    manifest: Mapping[str, Any], kind: FederatedType, checks: tuple[Part, ...]
) -> Iterator[tuple[str, Misconfigured]]:
    for part in checks:
        try:
            part.check(manifest.get("spec") or {}, kind.target)
        except Misconfigured as problem:
            yield part.field, problem
