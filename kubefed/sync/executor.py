"""Writes one copy to one member: create, update, delete, let go. Async; decides nothing but what a server's answer forces.

Each function returns the copy's status: OK, or that the copy is not ours to write. What fails raises ApiError. Every
answer goes into the member's store at once, so that the next decision sees it before any watch does: into the store of the
moment at which the request left, because another cluster may stand behind the name when the answer comes.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from kubefed.api.types_v1beta1 import PropagationStatus
from kubefed.clusters.member import Member
from kubefed.core.errors import AlreadyExists, ApiError, Misconfigured, NotFound, Retryable, Stale, Unintelligible
from kubefed.core.markers import (
    DELETE_OPTIONS_ANNOTATION,
    MANAGED,
    MANAGED_LABEL,
    OWNER_ANNOTATION,
    UNMANAGED,
)
from kubefed.core.names import ResourceType
from kubefed.federated.federated_type import FederatedType
from kubefed.kube.reflector import Selection
from kubefed.kube.store import Store
from kubefed.kube.wire import Metadata
from kubefed.sync.intent import Intent
from kubefed.sync.ownership import foreign, unreadable
from kubefed.sync.render import render_body


@dataclass(frozen=True, slots=True)
class Workshop:
    """What all writes of one federated type have in common. `selection` names the stores of its copies."""

    kind: FederatedType
    selection: Selection
    owner: str
    adopt: bool


@dataclass(frozen=True, slots=True)
class Written:
    """How a write ended: the copy's status, and its version in the member when it was written."""

    status: PropagationStatus
    version: str = ""


_NOT_OURS = Written(PropagationStatus.ALREADY_EXISTS)
_OPTED_OUT = Written(PropagationStatus.MANAGED_LABEL_FALSE)


async def create_copy(shop: Workshop, member: Member, intent: Intent, host_namespace_uid: str) -> Written:
    """POST the copy. An object that is there already is adopted, if that is allowed."""
    rendering = intent.rendering(member)
    body = rendering.to_create(shop.owner)
    store = member.store_of(shop.selection)
    try:
        created = await member.client.create(
            shop.kind.target, rendering.key.namespace, body, with_status=shop.selection.with_status
        )
    except (AlreadyExists, Retryable) as answer:
        if not _is_there(answer, shop.kind.target):
            raise
        return await _adopt(shop, member, intent, host_namespace_uid)
    return _taken_in(store, created, rendering.mark)


async def update_copy(shop: Workshop, member: Member, intent: Intent) -> Written:
    """PUT the copy over the one that is known. When that one is not the newest any more: read it, and once again."""
    known = member.copy_of(shop.selection, intent.target_key)
    if known is not None and not (intent.needs_live or unreadable(known) or foreign(known, shop.owner)):
        try:
            return await _put(shop, member, intent, known, None)
        except Stale:
            pass
    return await _update_live(shop, member, intent)


async def delete_copy(shop: Workshop, member: Member, copy: Metadata, options: Mapping[str, Any]) -> Written:
    """DELETE the copy if it still is that very object."""
    key, store = copy.key, member.store_of(shop.selection)
    try:
        left = await member.client.delete(shop.kind.target, key, uid=copy.uid, options=options)
    except NotFound as answer:
        if not _object_is_absent(answer):
            raise
        left = None
    if store is not None and left is None:
        store.remove(key, copy.resource_version)
    elif store is not None and left is not None:
        store.apply(left)
    return Written(PropagationStatus.OK)


async def let_go(shop: Workshop, member: Member, copy: Metadata) -> Written:
    """Take the managed label and our mark off the copy, and leave it otherwise as it is."""
    patch = {
        "metadata": {
            "uid": copy.uid,
            "resourceVersion": str(copy.resource_version),
            "labels": {MANAGED_LABEL: None},
            "annotations": {OWNER_ANNOTATION: None},
        }
    }
    store = member.store_of(shop.selection)
    try:
        await member.client.patch(shop.kind.target, copy.key, orjson.dumps(patch))
    except NotFound as answer:
        if not _object_is_absent(answer):
            raise
    if store is not None:
        store.remove(copy.key, copy.resource_version)
    return Written(PropagationStatus.OK)


def delete_options(annotations: Mapping[str, str]) -> dict[str, Any]:
    """The options a federated object asks for when its copies are deleted. Raises Misconfigured when unreadable."""
    text = annotations.get(DELETE_OPTIONS_ANNOTATION)
    if not text:
        return {}
    try:
        options: Any = orjson.loads(text)
    except orjson.JSONDecodeError:
        options = None
    if not isinstance(options, dict):
        raise Misconfigured(f"annotation {DELETE_OPTIONS_ANNOTATION} is no JSON object; copies are kept until it is one")
    if options.get("dryRun"):
        raise Misconfigured(f"annotation {DELETE_OPTIONS_ANNOTATION} asks for a dry run; copies are kept until it does not")
    return options


async def _adopt(shop: Workshop, member: Member, intent: Intent, host_namespace_uid: str) -> Written:
    """An object of that name is there. It may be ours, from a write whose answer was lost."""
    live = await member.client.get_metadata(shop.kind.target, intent.target_key)
    may = shop.adopt or live.uid == host_namespace_uid or _is_managed(live)
    if not may:
        return _NOT_OURS
    return await _update_live(shop, member, intent)


async def _update_live(shop: Workshop, member: Member, intent: Intent) -> Written:
    """Read the whole live object, then PUT over it. Raises Stale when it changes between the two: tried again later."""
    store = member.store_of(shop.selection)
    raw = await member.client.get(shop.kind.target, intent.target_key)
    try:
        live, everything = member.client.projector.metadata(raw), orjson.loads(raw)
    except ValueError:
        raise Unintelligible(f"GET {shop.kind.target.object_path(intent.target_key)}", reason="NotReadable") from None
    labels, annotations = (everything["metadata"].get(field) or {} for field in ("labels", "annotations"))
    if labels.get(MANAGED_LABEL) == UNMANAGED:
        if store is not None:
            store.remove(intent.target_key, live.resource_version)
        return _OPTED_OUT
    if foreign(live, shop.owner) or annotations.get(OWNER_ANNOTATION, shop.owner) != shop.owner:
        if store is not None and labels.get(MANAGED_LABEL) == MANAGED:
            store.apply(live)
        return _NOT_OURS
    return await _put(shop, member, intent, live, everything)


async def _put(
    shop: Workshop, member: Member, intent: Intent, live: Metadata, everything: Mapping[str, Any] | None
) -> Written:
    rendering = intent.rendering(member)
    body = None
    annotations = live.annotation_map()
    if everything is not None:
        annotations = everything["metadata"].get("annotations") or {}
        body = render_body(
            rendering.template, rendering.operations, live=everything, retain_replicas=intent.retain_replicas
        )
    update = rendering.to_update(live, annotations, shop.owner, body)
    store = member.store_of(shop.selection)
    written = await member.client.replace(shop.kind.target, rendering.key, update, with_status=shop.selection.with_status)
    return _taken_in(store, written, rendering.mark)


def _taken_in(store: Store[Metadata] | None, copy: Metadata, mark: str) -> Written:
    if store is not None:
        store.apply(copy)
    return Written(PropagationStatus.OK, copy.version + mark)


def _is_there(answer: ApiError, target: ResourceType) -> bool:
    """A namespace that is there already may answer a create with ServerTimeout, as KubeFed had learnt."""
    return isinstance(answer, AlreadyExists) or (target.kind == "Namespace" and answer.reason == "ServerTimeout")


def _is_managed(live: Metadata) -> bool:
    return live.label_map().get(MANAGED_LABEL) == MANAGED


def _object_is_absent(answer: NotFound) -> bool:
    """A server that does not serve the type at all says so without a Status."""
    return answer.reason == "NotFound"
