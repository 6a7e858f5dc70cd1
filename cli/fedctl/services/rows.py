"""Services of the clusterset, put together from what each member holds. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from fedctl.copies import Answers
from fedctl.manifests import Manifest, key_of
from kubefed.core.names import ClusterName, ObjectKey
from kubefed.services.words import OF_CLUSTER, OF_IMPORT


@dataclass(frozen=True, slots=True)
class Answered:
    """What every member said of exports, imports and the slices that carry endpoints."""

    exports: Answers
    imports: Answers
    slices: Answers


@dataclass(frozen=True, slots=True)
class ExportLine:
    """One cluster's export. `problems` are conditions that are not as they should be, as `Reason: message`."""

    cluster: ClusterName
    created_at: str
    exported: bool
    conflict: str
    problems: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ImportLine:
    """One cluster's import. `ready` counts the ready endpoints in its slices by the cluster where they are."""

    cluster: ClusterName
    addresses: tuple[str, ...]
    state: str
    ready: Mapping[ClusterName, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ServiceRow:
    """One service. `type` is empty while there is no import; `ready` are the most that any importer has."""

    key: ObjectKey
    type: str
    ports: tuple[str, ...]
    exports: tuple[ExportLine, ...]
    imports: tuple[ImportLine, ...]

    @property
    def ready(self) -> Mapping[ClusterName, int]:
        """Ready endpoints by the cluster where they are."""
        found: dict[ClusterName, int] = {}
        for line in self.imports:
            for cluster, count in line.ready.items():
                found[cluster] = max(found.get(cluster, 0), count)
        return dict(sorted(found.items()))

    @property
    def conflicts(self) -> tuple[str, ...]:
        """What exports disagree about, each sentence once."""
        return tuple(dict.fromkeys(line.conflict for line in self.exports if line.conflict))

    @property
    def problems(self) -> tuple[str, ...]:
        """Why exports are not published."""
        return tuple(f"{line.cluster}: {problem}" for line in self.exports for problem in line.problems)


def service_rows(answered: Answered) -> list[ServiceRow]:
    """Every service that somebody exports or imports, sorted by namespace and name."""
    keys = {key for answers in (answered.exports, answered.imports) for each in answers.values() for key in each.copies}
    ready = _ready(answered.slices)
    return [_row(key, answered, ready) for key in sorted(keys)]


def _row(
    key: ObjectKey, answered: Answered, ready: Mapping[tuple[ClusterName, ObjectKey], Mapping[str, int]]
) -> ServiceRow:
    imports = {name: each.copies[key] for name, each in sorted(answered.imports.items()) if key in each.copies}
    first: Manifest = next(iter(imports.values()), {})
    spec = first.get("spec") or {}
    return ServiceRow(
        key=key,
        type=str(spec.get("type") or ""),
        ports=tuple(_port(port) for port in spec.get("ports") or ()),
        exports=tuple(
            _export(name, each.copies[key]) for name, each in sorted(answered.exports.items()) if key in each.copies
        ),
        imports=tuple(_import(name, manifest, ready.get((name, key), {})) for name, manifest in imports.items()),
    )


def _export(cluster: ClusterName, manifest: Manifest) -> ExportLine:
    conditions = _conditions(manifest)
    conflict = conditions.get("Conflict", {})
    problems = [
        f"{conditions[kind].get('reason')}: {conditions[kind].get('message')}".removesuffix(": ")
        for kind in ("Valid", "Ready")
        if conditions.get(kind, {}).get("status") not in (None, "True")
    ]
    return ExportLine(
        cluster=cluster,
        created_at=str(manifest["metadata"].get("creationTimestamp") or ""),
        exported=conditions.get("Ready", {}).get("status") == "True",
        conflict=str(conflict.get("message") or "") if conflict.get("status") == "True" else "",
        problems=tuple(problems[:1]) if conditions else ("no controller has looked at it yet",),
    )


def _import(cluster: ClusterName, manifest: Manifest, ready: Mapping[str, int]) -> ImportLine:
    condition = _conditions(manifest).get("Ready", {})
    state = "Ready" if condition.get("status") == "True" else str(condition.get("reason") or "Pending")
    addresses = tuple(map(str, (manifest.get("spec") or {}).get("ips") or ()))
    return ImportLine(cluster, addresses, state, {ClusterName(name): count for name, count in sorted(ready.items())})


def _conditions(manifest: Manifest) -> dict[str, dict[str, Any]]:
    return {str(each.get("type")): each for each in (manifest.get("status") or {}).get("conditions") or ()}


def _ready(slices: Answers) -> dict[tuple[ClusterName, ObjectKey], dict[str, int]]:
    """Ready endpoints, by the importing cluster and the service, and by the cluster where they are."""
    found: dict[tuple[ClusterName, ObjectKey], dict[str, int]] = {}
    for cluster, each in slices.items():
        for manifest in each.copies.values():
            labels = manifest["metadata"].get("labels") or {}
            key = ObjectKey(key_of(manifest).namespace, str(labels.get(OF_IMPORT) or ""))
            counts = found.setdefault((cluster, key), {})
            source = str(labels.get(OF_CLUSTER) or "")
            counts[source] = counts.get(source, 0) + _ready_endpoints(manifest.get("endpoints") or ())
    return found


def _ready_endpoints(endpoints: Iterable[Mapping[str, Any]]) -> int:
    return sum((each.get("conditions") or {}).get("ready") is not False for each in endpoints)


def _port(port: Mapping[str, Any]) -> str:
    number = f"{port.get('port')}/{port.get('protocol') or 'TCP'}"
    return f"{port['name']} {number}" if port.get("name") else number
