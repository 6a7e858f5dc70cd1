"""KubeFed v0.10's part, write by write, with the verbs, order, bodies and field manager that its API servers saw.

Nothing of the product decides here. Recorded are the versions that the members really returned.
"""

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson

from kubefed.core.names import ObjectKey, ResourceType
from tests.builders.objects import FederatedBuilder
from tests.e2e.takeover.go_hashes import overrides_hash, template_hash
from tests.e2e.takeover.wire import Wire
from tests.support.manifests import Manifest

LOCK = ObjectKey("kube-federation-system", "kubefed-controller-manager")
CONFIG_MAPS = ResourceType("", "v1", "configmaps", "ConfigMap", namespaced=True)
_RECORDS = ResourceType("core.kubefed.io", "v1alpha1", "propagatedversions", "PropagatedVersion", namespaced=True)
_FINALIZER = "kubefed.io/sync-controller"
_MANAGED = {"kubefed.io/managed": "true"}
_LEADER = "control-plane.alpha.kubernetes.io/leader"


@dataclass(slots=True)
class KubeFedOfOld:
    """The controller as far as clusters can tell: it knows a host, and members by name."""

    host: Wire
    members: Mapping[str, Wire]
    lease_s: int = 15
    _renewals: int = 0

    # --- leading -----------------------------------------------------------------------------------------------

    def take_the_lock(self) -> None:
        """Create the ConfigMap by which it leads."""
        metadata = {"name": LOCK.name, "namespace": LOCK.namespace, "annotations": self._leader()}
        self.host.create(CONFIG_MAPS, {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata})

    def renew_the_lock(self) -> None:
        """Lead for another while."""
        held = self.host.get(CONFIG_MAPS, LOCK)
        held["metadata"]["annotations"] = self._leader()
        self.host.update(CONFIG_MAPS, held)

    def _leader(self) -> dict[str, str]:
        self._renewals += 1
        record = {
            "holderIdentity": "kubefed-controller-manager-7d4f9c5b8-x2x7q_5f0e8a0c",
            "leaseDurationSeconds": self.lease_s,
            "acquireTime": "2026-01-02T03:04:05Z",
            "renewTime": _now(),
            "leaderTransitions": self._renewals,
        }
        return {_LEADER: orjson.dumps(record).decode()}

    # --- propagating -------------------------------------------------------------------------------------------

    def propagate(self, wish: FederatedBuilder, *, told_as: Sequence[str] = ()) -> None:
        """Bring an object that people have just created to the clusters of its placement, and record and tell so.

        `told_as`: the order of the clusters in its status, which KubeFed left to chance; else sorted.
        """
        resource, key = wish.kind.federated, wish.key
        self.host.merge(resource, key, {"metadata": {"finalizers": [_FINALIZER]}})
        federated = self.host.get(resource, key)
        clusters = [each["name"] for each in federated["spec"]["placement"]["clusters"]]
        versions = {name: self._create(wish, federated["spec"], name) for name in clusters}
        self._record(wish, federated, versions)
        self._tell(resource, federated, told_as or sorted(clusters))

    def would_update(self, wish: FederatedBuilder) -> list[str]:
        """The clusters whose copies it would write if it came back now, going by recorded versions."""
        federated = self.host.get(wish.kind.federated, wish.key)
        status = self.host.get(_RECORDS, _record_key(wish))["status"]
        hashes = template_hash(federated["spec"]), overrides_hash(federated["spec"])
        trusted = hashes == (status["templateVersion"], status["overridesVersion"])
        recorded = {each["clusterName"]: each["version"] for each in status["clusterVersions"]} if trusted else {}
        clusters = [each["name"] for each in federated["spec"]["placement"]["clusters"]]
        return [name for name in clusters if self._differs(wish, federated["spec"], name, recorded.get(name, ""))]

    def _differs(self, wish: FederatedBuilder, spec: Manifest, cluster: str, recorded: str) -> bool:
        target = wish.kind.target
        key = wish.key if target.namespaced else ObjectKey("", wish.key.name)
        live = self.members[cluster].get(target, key)
        if version_of(live) != recorded:
            return True
        wanted = copy_for(wish, spec, cluster)["metadata"]["labels"]
        return recorded.startswith("gen:") and wanted != live["metadata"].get("labels")

    def _create(self, wish: FederatedBuilder, spec: Manifest, cluster: str) -> str:
        created = self.members[cluster].create(wish.kind.target, copy_for(wish, spec, cluster))
        return version_of(created)

    def _record(self, wish: FederatedBuilder, federated: Manifest, versions: Mapping[str, str]) -> None:
        owner = {
            "apiVersion": federated["apiVersion"],
            "kind": federated["kind"],
            "name": wish.key.name,
            "uid": federated["metadata"]["uid"],
        }
        key = _record_key(wish)
        metadata = {"name": key.name, "namespace": key.namespace, "ownerReferences": [owner]}
        record = self.host.create(
            _RECORDS, {"apiVersion": _RECORDS.api_version, "kind": _RECORDS.kind, "metadata": metadata}
        )
        record["status"] = {
            "templateVersion": template_hash(federated["spec"]),
            "overridesVersion": overrides_hash(federated["spec"]),
            "clusterVersions": [{"clusterName": each, "version": versions[each]} for each in sorted(versions)],
        }
        self.host.update(_RECORDS, record, subresource="status")

    def _tell(self, resource: ResourceType, federated: Manifest, clusters: Sequence[str]) -> None:
        now = _now()
        condition = {"type": "Propagation", "status": "True", "lastUpdateTime": now, "lastTransitionTime": now}
        federated["status"] = {
            "observedGeneration": federated["metadata"]["generation"],
            "conditions": [condition],
            "clusters": [{"name": name} for name in clusters],
        }
        self.host.update(resource, federated, subresource="status")


def _record_key(wish: FederatedBuilder) -> ObjectKey:
    return ObjectKey(wish.key.namespace, f"{wish.kind.target.kind.lower()}-{wish.key.name}")


def version_of(member_object: Manifest) -> str:
    """What KubeFed records of an object that a member returned."""
    metadata = member_object["metadata"]
    generation = metadata.get("generation", 0)
    return f"gen:{generation}" if generation else f"rv:{metadata['resourceVersion']}"


def copy_for(wish: FederatedBuilder, spec: Manifest, cluster: str) -> Manifest:
    """The object that KubeFed creates in one cluster: template, identity, overrides, label."""
    target = wish.kind.target
    made: Manifest = copy.deepcopy(spec.get("template") or {})
    metadata: Manifest = {"labels": (made.get("metadata") or {}).get("labels"), "name": wish.key.name}
    if target.namespaced:
        metadata["namespace"] = wish.key.namespace
    made |= {"kind": target.kind, "apiVersion": f"{target.group}/{target.version}", "metadata": metadata}
    for item in spec.get("overrides") or ():
        for operation in item["clusterOverrides"] if item["clusterName"] == cluster else ():
            _apply(made, operation)
    metadata["labels"] = {**(metadata["labels"] or {}), **_MANAGED}
    return made


def _apply(made: Manifest, operation: Mapping[str, Any]) -> None:
    """One override of the sort that the rehearsal uses: a field of an object, which need not be there to be replaced."""
    *parents, last = [step.replace("~1", "/").replace("~0", "~") for step in operation["path"].split("/")[1:]]
    within = made
    for step in parents:
        within = within[step]
    if operation.get("op") == "remove":
        del within[last]
    else:
        within[last] = operation.get("value")


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
