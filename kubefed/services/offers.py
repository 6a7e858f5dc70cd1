"""What one cluster offers with its export, and why an export is not valid. Pure."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from kubefed.core.catalogue import ImportType, ServicePort
from kubefed.core.markers import DEFAULT_NAMESPACE
from kubefed.core.names import ClusterName, ObjectKey
from kubefed.services.records import ExportRecord, ImportRecord, Pairs, ServiceRecord

NO_SERVICE, INVALID_TYPE = "NoService", "InvalidServiceType"
_RESERVED_NAMESPACES = frozenset({"kube-system", "kube-public", "kube-node-lease", DEFAULT_NAMESPACE})
_RESERVED_SERVICES = frozenset({ObjectKey("default", "kubernetes")})
_RESERVED_DOMAINS = ("kubernetes.io", "k8s.io", "kubefed.io")
_DNS_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
_MOST_PORTS = 250
_PROTOCOLS = frozenset({"TCP", "UDP", "SCTP"})
_MOST_SHOWN_BYTES = 1_536
"""Of labels, and of annotations: more of them could not be watched without reading whole objects."""
BEFORE = ClusterName("the earlier import")
"""Stands for clusters that exported before and cannot be asked now."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A valid export. `created` is when, as Kubernetes writes it.

    `remembered`: nobody can be asked now, and this is what was published before; it wins over all that can be read.
    """

    cluster: ClusterName
    created: str
    type: ImportType
    ports: tuple[ServicePort, ...]
    families: tuple[str, ...] = ()
    affinity: str = "None"
    affinity_timeout_s: int = 0
    internal_policy: str = ""
    distribution: str = ""
    labels: Pairs = ()
    annotations: Pairs = ()
    remembered: bool = False


@dataclass(frozen=True, slots=True)
class Refusal:
    """An export that is not valid, or that is valid and not exported all the same (`valid`)."""

    reason: str
    message: str
    valid: bool = False


def judge(key: ObjectKey, cluster: ClusterName, export: ExportRecord, service: ServiceRecord | None) -> Offer | Refusal:
    """What becomes of an export whose Service is known, or known to be absent."""
    if service is None or service.terminating:
        return Refusal(NO_SERVICE, "there is no Service of this name")
    if service.type == "ExternalName":
        return Refusal(INVALID_TYPE, "a Service of type ExternalName has no endpoints that others could use")
    if service.import_name:
        return Refusal(INVALID_TYPE, "the Service stands for a service of the clusterset and cannot be exported again")
    if objection := _reserved(key, cluster) or _unusable(service):
        return Refusal("Failed", objection, valid=True)
    return Offer(
        cluster=cluster,
        created=export.creation_timestamp,
        type=ImportType.HEADLESS if service.headless else ImportType.CLUSTER_SET_IP,
        ports=service.ports,
        families=service.families,
        affinity=service.affinity,
        affinity_timeout_s=service.affinity_timeout_s,
        internal_policy=service.internal_policy,
        distribution=service.distribution,
        labels=shown(export.shown_labels),
        annotations=shown(export.shown_annotations),
    )


def remembered(before: ImportRecord) -> Offer:
    """What an import says of clusters that cannot be asked."""
    spec = before.spec
    return Offer(
        cluster=BEFORE,
        created="",
        type=ImportType.HEADLESS if spec.type == ImportType.HEADLESS else ImportType.CLUSTER_SET_IP,
        ports=spec.ports,
        families=spec.families,
        affinity=spec.affinity or "None",
        affinity_timeout_s=spec.affinity_timeout_s,
        internal_policy=spec.internal_policy,
        distribution=spec.distribution,
        labels=_kept(before.label_map().items()),
        annotations=_kept(before.annotation_map().items()),
        remembered=True,
    )


def shown(pairs: Pairs) -> Pairs:
    """The labels or annotations that may be put on imports: none that could speak for Kubernetes or for us."""
    kept = _kept(pairs)
    return kept if sum(len(name) + len(value) for name, value in kept) <= _MOST_SHOWN_BYTES else ()


def _kept(pairs: Iterable[tuple[str, str]]) -> Pairs:
    return tuple(sorted((name, value) for name, value in pairs if not _is_reserved(name)))


def _is_reserved(name: str) -> bool:
    domain, slash, _ = name.rpartition("/")
    return bool(slash) and any(domain == each or domain.endswith(f".{each}") for each in _RESERVED_DOMAINS)


def _reserved(key: ObjectKey, cluster: ClusterName) -> str:
    if key.namespace in _RESERVED_NAMESPACES:
        return f"services of namespace {key.namespace} are each cluster's own and not exported"
    if key in _RESERVED_SERVICES:
        return "every cluster has this service for itself"
    if not _DNS_LABEL.fullmatch(cluster):
        return "the cluster's name is no DNS label of at most 63 characters"
    return "" if _DNS_LABEL.fullmatch(key.name) else "the service's name is no DNS label of at most 63 characters"


def _unusable(service: ServiceRecord) -> str:
    if len(service.ports) > _MOST_PORTS:
        return f"the Service has more than {_MOST_PORTS} ports"
    if not all(0 < port.port < 65_536 and port.protocol in _PROTOCOLS for port in service.ports):
        return "the Service has a port that cannot be"
    if not all(port.name == "" or _DNS_LABEL.fullmatch(port.name) for port in service.ports):
        return "the Service has a port whose name is no DNS label"
    return ""
