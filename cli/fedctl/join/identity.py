"""Whether a name may stand for a cluster: a cluster has one name, and a name stands for one cluster. Pure.

Somebody who joins another cluster under a name that is taken would have the copies of the first sent to the second.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from kubefed.core.errors import Misconfigured
from kubefed.core.names import ClusterName
from kubefed.kube.endpoint import https_url

UID_ANNOTATION = "kubefed.io/cluster-uid"
"""On a KubeFedCluster: the uid of the member's kube-system namespace when it was joined."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """The cluster that is to be joined. `ca_bundle` is base64 of PEM, as a record holds it."""

    name: ClusterName
    endpoint: str
    ca_bundle: str
    uid: str


def check_candidate(candidate: Candidate, records: Iterable[Mapping[str, Any]], *, may_replace: bool) -> None:
    """Raises Misconfigured when the cluster has another name already, or its name another cluster."""
    for record in records:
        if record["metadata"]["name"] == candidate.name:
            if not may_replace:
                _check_same(candidate, record)
        elif _is_known_as(candidate, record):
            raise Misconfigured(
                f"this cluster is joined already, as {record['metadata']['name']!r}: two names for one cluster would "
                "fight for its objects. Use that name, or unjoin it first"
            )


def _check_same(candidate: Candidate, record: Mapping[str, Any]) -> None:
    known = uid_of(record)
    if known == candidate.uid:
        return
    spec = record.get("spec") or {}
    if known:
        difference = "its kube-system namespace has another uid"
    elif endpoint_of(record) != candidate.endpoint:
        difference = f"it is at {endpoint_of(record) or 'an unreadable address'}, this one at {candidate.endpoint}"
    elif (spec.get("caBundle") or "") != candidate.ca_bundle:
        difference = "it has another certificate authority"
    else:
        return
    raise Misconfigured(
        f"{candidate.name!r} is the name of another cluster: {difference}. Choose another name, or give this one to the "
        "new cluster with --force-replace"
    )


def _is_known_as(candidate: Candidate, record: Mapping[str, Any]) -> bool:
    known = uid_of(record)
    return known == candidate.uid if known else endpoint_of(record) == candidate.endpoint


def uid_of(record: Mapping[str, Any]) -> str:
    """The uid of a recorded cluster, as it was at joining or as the controller saw it; empty when nobody knows."""
    annotations = record["metadata"].get("annotations") or {}
    details = (record.get("status") or {}).get("details") or {}
    return str(annotations.get(UID_ANNOTATION) or details.get("uid") or "")


def endpoint_of(record: Mapping[str, Any]) -> str:
    """The https URL of a record; empty when it holds none, so that nothing secret in it is ever shown."""
    try:
        return https_url(str((record.get("spec") or {}).get("apiEndpoint") or ""))
    except Misconfigured:
        return ""
