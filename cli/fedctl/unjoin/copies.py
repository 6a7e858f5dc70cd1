"""Finds the copies that a federation has in a member, and what becomes of each. Pure but for `found` and `treated`.

The controller's rights there are gone by the time anything is treated, so nobody makes anew what is taken away here.
"""

import asyncio
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import orjson

from fedctl.kinds import NAMESPACES
from fedctl.manifests import key_of
from kubefed.core.errors import ApiError, NotFound
from kubefed.core.markers import MANAGED, MANAGED_LABEL, OWNER_ANNOTATION
from kubefed.core.names import ObjectKey, ResourceType
from kubefed.kube.client import Client

_AT_ONCE = 16


@dataclass(frozen=True, slots=True)
class Cleaning:
    """Which copies are looked for, and how they are treated.

    `owner` is the federation's mark; `namespace` is empty for all; `spares_namespaces` where the member is the host.
    """

    targets: tuple[ResourceType, ...]
    owner: str
    deletes: bool
    namespace: str = ""
    spares_namespaces: bool = False


@dataclass(frozen=True, slots=True)
class Copy:
    """One labelled object in the member. `foreign`: another federation made it."""

    target: ResourceType
    key: ObjectKey
    uid: str
    foreign: bool


class Fate(StrEnum):
    """What becomes of a copy, as people read it."""

    DELETED = "deleted"
    KEPT = "kept, as ordinary objects"
    LEFT_ALONE = "left alone, because another federation made them"


@dataclass(frozen=True, slots=True)
class Failure:
    """What could not be done, and the server's reason."""

    what: str
    reason: str


def fates(copies: Sequence[Copy], cleaning: Cleaning) -> dict[Copy, Fate]:
    """Decide about every copy. A namespace goes only with all that is in it, so one with foreign copies is kept. Pure."""
    shared = {copy.key.namespace for copy in copies if copy.foreign}
    return {copy: _fate(copy, cleaning, shared) for copy in copies}


def _fate(copy: Copy, cleaning: Cleaning, shared: set[str]) -> Fate:
    if copy.foreign:
        return Fate.LEFT_ALONE
    is_spared = copy.target == NAMESPACES and (cleaning.spares_namespaces or copy.key.name in shared)
    return Fate.DELETED if cleaning.deletes and not is_spared else Fate.KEPT


def sentences(decided: Mapping[Copy, Fate]) -> list[str]:
    """How many of each type have which fate, one line each. Pure."""
    numbers = Counter((str(copy.target), _said(copy, fate)) for copy, fate in decided.items())
    return [f"{target}: {number} {fate}" for (target, fate), number in sorted(numbers.items())]


def _said(copy: Copy, fate: Fate) -> str:
    goes_with_all = copy.target == NAMESPACES and fate is Fate.DELETED
    return f"{fate}, with everything in them" if goes_with_all else fate


def copy_of(target: ResourceType, manifest: Mapping[str, Any], owner: str) -> Copy:
    """Read an object's metadata. One without a mark was made by KubeFed, or before there were marks. Pure."""
    metadata = manifest["metadata"]
    mark = (metadata.get("annotations") or {}).get(OWNER_ANNOTATION)
    return Copy(target, key_of(manifest), metadata["uid"], foreign=mark is not None and mark != owner)


async def found(member: Client, cleaning: Cleaning) -> tuple[list[Copy], list[Failure]]:
    """Every labelled object of the types, and the types that could not be listed."""
    copies: list[Copy] = []
    failures: list[Failure] = []
    for target in cleaning.targets:
        try:
            copies += await _listed(member, target, cleaning)
        except NotFound:
            continue  # the member does not serve the type
        except ApiError as problem:
            failures.append(Failure(f"{target} cannot be listed", problem.explanation()))
    return copies, failures


async def _listed(member: Client, target: ResourceType, cleaning: Cleaning) -> list[Copy]:
    selector = f"{MANAGED_LABEL}={MANAGED}"
    pages = member.pages(target, namespace=cleaning.namespace, label_selector=selector, metadata_only=True)
    items = [orjson.loads(bytes(item)) async for page in pages for item in page.items or ()]
    return [copy_of(target, item, cleaning.owner) for item in items]


async def treated(member: Client, decided: Mapping[Copy, Fate]) -> list[Failure]:
    """Take the marks off, or delete, a few at the same time. Namespaces last: what is in them is dealt with by then."""
    slots = asyncio.Semaphore(_AT_ONCE)

    async def one(copy: Copy, fate: Fate) -> Failure | None:
        async with slots:
            return await _treat(member, copy, fate)

    failures: list[Failure | None] = []
    for are_namespaces in (False, True):
        batch = [(copy, fate) for copy, fate in decided.items() if (copy.target == NAMESPACES) is are_namespaces]
        failures += await asyncio.gather(*(one(copy, fate) for copy, fate in batch))
    return [failure for failure in failures if failure]


async def _treat(member: Client, copy: Copy, fate: Fate) -> Failure | None:
    try:
        if fate is Fate.DELETED:
            await member.delete(copy.target, copy.key, uid=copy.uid, options={"propagationPolicy": "Background"})
        elif fate is Fate.KEPT:
            await member.patch(copy.target, copy.key, orjson.dumps(_unmarked(copy.uid)))
    except NotFound:
        return None  # somebody was faster
    except ApiError as problem:
        verb = "deleted" if fate is Fate.DELETED else "released"
        return Failure(f"{copy.target.kind} {copy.key} was not {verb}", problem.explanation())
    return None


def _unmarked(uid: str) -> dict[str, Any]:
    """With the uid, so that a server refuses the patch for another object of that name."""
    return {"metadata": {"uid": uid, "labels": {MANAGED_LABEL: None}, "annotations": {OWNER_ANNOTATION: None}}}


def listed(failures: Iterable[Failure]) -> str:
    """The first few, as the end of a sentence. Pure."""
    each = [f"{failure.what} ({failure.reason})" for failure in failures]
    more = f"; and {len(each) - _MOST_SHOWN} more" if len(each) > _MOST_SHOWN else ""
    return "; ".join(each[:_MOST_SHOWN]) + more


_MOST_SHOWN = 5
