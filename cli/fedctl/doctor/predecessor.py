"""What the doctor finds of a KubeFed on the same host, and what taking its place would change. Pure but for the reading."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from fedctl.doctor.findings import Finding, Level
from fedctl.federation import Federation
from fedctl.kinds import CRDS, DEPLOYMENTS
from fedctl.manifests import Manifest
from kubefed.admission.configurations import MUTATING, VALIDATING
from kubefed.api.default_types import all_crds
from kubefed.core.markers import CONTROLLER_NAME
from kubefed.core.names import ObjectKey, ResourceType

_CONFIG_MAPS = ResourceType("", "v1", "configmaps", "ConfigMap", namespaced=True)
_ENDPOINTS = ResourceType("", "v1", "endpoints", "Endpoints", namespaced=True)
_LEASES = ResourceType("coordination.k8s.io", "v1", "leases", "Lease", namespaced=True)
_LOCK = "control-plane.alpha.kubernetes.io/leader"
_WEBHOOK_DEPLOYMENT = "kubefed-admission-webhook"


def of_kubefed(federation: Federation) -> Iterator[Finding]:
    """Everything about the KubeFed that runs, or ran, here."""
    yield from _programs(federation)
    yield from _locks(federation)
    yield from _webhooks(federation)
    yield from _crds(federation)
    yield Finding(
        Level.NOTE,
        "members",
        "which copies would be written is printed by a shadow run, beside the KubeFed that runs",
        "kubefed controller-manager --shadow --context " + federation.host.context.name,
    )


def _programs(federation: Federation) -> Iterator[Finding]:
    for name in (CONTROLLER_NAME, _WEBHOOK_DEPLOYMENT):
        found = federation.host.find(DEPLOYMENTS, ObjectKey(federation.namespace, name))
        if found is None:
            yield Finding(Level.NOTE, f"Deployment {name}", "there is none: KubeFed runs elsewhere, or not at all")
            continue
        containers = found["spec"]["template"]["spec"].get("containers") or ()
        images = ", ".join(str(each.get("image")) for each in containers)
        replicas = found["spec"].get("replicas", 1)
        todo = f"kubectl -n {federation.namespace} scale deployment {name} --replicas=0, when its place is taken"
        yield Finding(Level.NOTE, f"Deployment {name}", f"{replicas} x {images}", todo if replicas else "")


def _locks(federation: Federation) -> Iterator[Finding]:
    key = ObjectKey(federation.namespace, CONTROLLER_NAME)
    for resource in (_CONFIG_MAPS, _ENDPOINTS):
        holder = _record(federation.host.find(resource, key)).get("holderIdentity")
        if holder:
            yield Finding(Level.NOTE, f"lock {resource.kind}", f"held by {holder}: while it is renewed, we write nothing")
    lease = (federation.host.find(_LEASES, key) or {}).get("spec") or {}
    if lease.get("holderIdentity"):
        yield Finding(Level.NOTE, "lock Lease", f"held by {lease['holderIdentity']}, renewed at {lease.get('renewTime')}")


def _record(lock: Manifest | None) -> Mapping[str, Any]:
    text = (((lock or {}).get("metadata") or {}).get("annotations") or {}).get(_LOCK) or "{}"
    try:
        record = json.loads(text)
    except ValueError:
        return {}
    return record if isinstance(record, dict) else {}


def _webhooks(federation: Federation) -> Iterator[Finding]:
    for resource in (VALIDATING, MUTATING):
        for each in federation.host.objects(resource):
            name = str(each["metadata"]["name"])
            if name.endswith("core.kubefed.io"):
                yield Finding(
                    Level.NOTE,
                    f"{resource.kind} {name}",
                    "asks KubeFed's webhook: with that gone, writes of KubeFed's kinds are refused",
                    "fedctl install --image brings ours; without one, delete it",
                )


def _crds(federation: Federation) -> Iterator[Finding]:
    """Additive fields that the installed CRDs would drop."""
    for wanted in all_crds():
        name = wanted["metadata"]["name"]
        found = federation.host.find(CRDS, ObjectKey("", name))
        if found is None:
            yield Finding(Level.NOTE, f"CRD {name}", "is not there", "fedctl install adds it")
            continue
        missing = sorted(_fields(wanted) - _fields(found))
        if missing:
            told = f"{', '.join(missing[:5])}{' and more' if len(missing) > 5 else ''}"
            yield Finding(Level.NOTE, f"CRD {name}", f"lacks {told}", "fedctl install adds them; --keep-crds does not")


def _fields(crd: Manifest) -> set[str]:
    """The fields of the newest version's schema, two levels deep below spec and status."""
    found: set[str] = set()
    for version in crd["spec"].get("versions") or ():
        schema = (version.get("schema") or {}).get("openAPIV3Schema") or {}
        for part in ("spec", "status"):
            properties = ((schema.get("properties") or {}).get(part) or {}).get("properties") or {}
            found |= {f"{part}.{field}" for field in properties}
            for field, inner in properties.items():
                nested = (inner.get("items") or inner).get("properties") or {}
                found |= {f"{part}.{field}.{name}" for name in nested}
    return found
