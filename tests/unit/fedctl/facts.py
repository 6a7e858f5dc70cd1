"""What `fedctl describe` has gathered about a federated object, for tests of what it makes of that."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from fedctl.copies import Found
from fedctl.describe.facts import Facts, NamespaceFacts
from fedctl.get.clusters import ClusterRow, cluster_row
from fedctl.get.objects import CopyRow
from kubefed.core.names import ClusterName
from kubefed.sync.versions import Recorded
from tests.builders.clusters import RecordBuilder
from tests.builders.objects import OWNER, FederatedBuilder

EU, US = ClusterName("eu"), ClusterName("us")


def a_cluster(name: str, *, state: str = "Ready", message: str = "", **labels: str) -> ClusterRow:
    """A member as its record tells of it."""
    record = RecordBuilder(name, {"apiEndpoint": f"https://{name}.example:6443"}).labelled(**labels)
    kind = {"Ready": "Ready", "Offline": "Offline", "Malformed": "ConfigMalformed"}[state]
    condition = {"type": kind, "status": "True", "lastTransitionTime": "2026-01-02T03:04:05Z"}
    details = {"state": state, "since": "2026-01-02T03:04:05Z", "message": message}
    return cluster_row(record.with_status({"conditions": [condition], "details": details}).manifest())


def gathered(
    wish: FederatedBuilder,
    *clusters: ClusterRow,
    entries: Mapping[ClusterName, CopyRow] | None = None,
    live: Mapping[ClusterName, dict[str, Any] | None] | None = None,
    recorded: Mapping[ClusterName, str] | None = None,
) -> Facts:
    """Facts about a wish. `live` are the copies that were found, None where there is none; the records are current."""
    intent = wish.intent()
    at = intent.target_key
    found = {name: Found({at: copy} if copy else {}) for name, copy in (live or {}).items()}
    versions = intent.versions_or_none()
    return Facts(
        kind=wish.kind,
        manifest=with_uid(wish),
        intent=intent,
        namespace=NamespaceFacts(),
        clusters={ClusterName(each.name): each for each in clusters},
        copies=entries or {},
        found=found,
        copies_at=at,
        recorded=Recorded(versions, recorded) if recorded is not None and versions else None,
        owner=OWNER,
    )


def with_uid(wish: FederatedBuilder) -> dict[str, Any]:
    """The manifest as a server holds it."""
    return replace(wish, metadata={"uid": "uid-1", "generation": 1, **wish.metadata}).manifest()
