"""Reads the plans that the controller has written on their causes, and writes which of them a person agrees to."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import orjson

from fedctl.federation import CLUSTERS, Federation, federated_type
from fedctl.kinds import NAMESPACES
from fedctl.manifests import Manifest
from fedctl.options import HostOptions
from fedctl.tables import table
from fedctl.telling import Misuse, note, say, show
from kubefed.api.defaults import NAMESPACES as TYPE_OF_NAMESPACES
from kubefed.core.errors import Misconfigured, NotFound
from kubefed.core.markers import APPROVED_PLAN_ANNOTATION, REMOVAL_PLAN_ANNOTATION
from kubefed.core.names import ObjectKey, ResourceType

_COLUMNS = ("CAUSE", "OBJECTS", "COPIES", "CLUSTERS", "WHY", "PLAN", "APPROVED")


@dataclass(frozen=True, slots=True)
class Waiting:
    """One plan that waits. `plan` names it; the rest is for people."""

    cause: str
    plan: str
    objects: int
    copies: int
    clusters: tuple[str, ...]
    why: str
    approved: bool


def show_waiting(options: HostOptions) -> None:
    """List everything that waits for approval. Raises Misconfigured when nothing is installed."""
    with Federation.opened(options) as federation:
        federation.config()
        found = list(_all(federation))
    if not found:
        note("Nothing waits for approval.")
        return
    rows = [
        (
            each.cause,
            str(each.objects),
            str(each.copies),
            ", ".join(each.clusters),
            each.why,
            each.plan,
            "yes" if each.approved else "no",
        )
        for each in found
    ]
    show(table(_COLUMNS, rows))
    note("Let one go on with: fedctl approve CAUSE --plan PLAN. Undo what caused it, and it waits no more.")


def approve(options: HostOptions, cause: str, plan: str, *, dry_run: bool) -> None:
    """Approve one plan. Raises Misuse without a plan, Misconfigured when it is not the one that waits."""
    kind, _, name = cause.partition("/")
    if kind not in ("namespace", "cluster") or not name:
        raise Misuse(f"{cause!r} is neither namespace/NAME nor cluster/NAME: fedctl approve lists what waits")
    if not plan:
        raise Misuse("say with --plan what you have seen: fedctl approve lists what waits, with its plan")
    with Federation.opened(options) as federation:
        federation.config()
        resource, key, manifest = _carrier(federation, kind, name)
        waiting = _waiting(cause, manifest)
        if resource != NAMESPACES and (waiting is None or waiting.plan != plan):
            now = f"the plan that waits there is {waiting.plan}" if waiting is not None else "nothing waits there"
            raise Misconfigured(f"{cause} has no plan {plan!r} that waits for approval; {now}: fedctl approve shows it")
        if not dry_run:
            federation.host.merge(resource, key, {"metadata": {"annotations": {APPROVED_PLAN_ANNOTATION: plan}}})
    suffix = " (dry run)" if dry_run else ""
    if waiting is None:
        say(f"plan {plan} of {cause} is approved{suffix}")
    else:
        clusters = ", ".join(waiting.clusters)
        say(f"plan {plan} of {cause} is approved: {waiting.copies} copies go from {clusters}{suffix}")


def _all(federation: Federation) -> Iterator[Waiting]:
    for record in federation.clusters():
        if (found := _waiting(f"cluster/{record['metadata']['name']}", record)) is not None:
            yield found
    resource = _federated_namespaces(federation)
    for manifest in federation.host.objects(resource) if resource is not None else ():
        if (found := _waiting(f"namespace/{manifest['metadata']['namespace']}", manifest)) is not None:
            yield found


def _carrier(federation: Federation, kind: str, name: str) -> tuple[ResourceType, ObjectKey, Manifest]:
    """The object that a plan is written on: for a namespace its FederatedNamespace, or itself when it has none."""
    try:
        if kind == "cluster":
            key = ObjectKey(federation.namespace, name)
            return CLUSTERS, key, federation.host.get(CLUSTERS, key)
        resource, key = _federated_namespaces(federation), ObjectKey(name, name)
        manifest = federation.host.find(resource, key) if resource is not None else None
        if resource is not None and manifest is not None:
            return resource, key, manifest
        return NAMESPACES, ObjectKey("", name), federation.host.get(NAMESPACES, ObjectKey("", name))
    except NotFound:
        raise Misconfigured(f"there is no {kind} {name!r} in the host") from None


def _federated_namespaces(federation: Federation) -> ResourceType | None:
    configs = (each for each in federation.type_configs() if each.metadata.name == TYPE_OF_NAMESPACES)
    return next((federated_type(each).federated for each in configs), None)


def _waiting(cause: str, manifest: Manifest) -> Waiting | None:
    annotations = manifest["metadata"].get("annotations") or {}
    content = _read(annotations.get(REMOVAL_PLAN_ANNOTATION, ""))
    if not content:
        return None
    plan = str(content.get("plan", ""))
    return Waiting(
        cause=cause,
        plan=plan,
        objects=int(content.get("objects", 0)),
        copies=int(content.get("copies", 0)),
        clusters=tuple(str(each) for each in content.get("clusters", ())),
        why=str(content.get("why", "")),
        approved=annotations.get(APPROVED_PLAN_ANNOTATION) == plan,
    )


def _read(text: str) -> dict[str, Any]:
    try:
        content = orjson.loads(text) if text else {}
    except orjson.JSONDecodeError:
        return {}
    return content if isinstance(content, dict) else {}
