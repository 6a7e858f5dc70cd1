"""What a member tells about itself: whether it answers, its version, who it is, where its nodes are. Reads only."""

from contextlib import suppress
from dataclasses import dataclass

import msgspec

from kubefed.clusters.health import Probe, judge_answer, judge_error
from kubefed.clusters.topology import region_and_zones
from kubefed.core.errors import ApiError, Forbidden, NotFound, Rejected, Unintelligible
from kubefed.core.names import ObjectKey, ResourceType
from kubefed.kube.client import Client

NAMESPACES = ResourceType("", "v1", "namespaces", "Namespace", namespaced=False)
NODES = ResourceType("", "v1", "nodes", "Node", namespaced=False)


class _Version(msgspec.Struct, rename="camel"):
    git_version: str = ""


_WILL_NOT_TELL = (Forbidden, NotFound, Rejected, Unintelligible)
"""Answers that will be the same next time. All others say nothing yet, which must not be taken for nothing."""

_NOBODY_SERVES = "/apis/nobody.kubefed.io/v1/everything"
_NOT_FOUND = 404
_VERSION_DECODER = msgspec.json.Decoder(_Version)


@dataclass(frozen=True, slots=True)
class Survey:
    """One look at a member. `uid` is that of its kube-system namespace; empty strings are what it would not tell.

    `unlimited`: the credentials are allowed whatever there is, as a cluster-admin's are. None: nobody asked.
    """

    uid: str
    kubernetes_version: str
    region: str
    zones: tuple[str, ...]
    unlimited: bool | None = None


async def probe(client: Client, timeout_s: float) -> Probe:
    """Ask /healthz, as KubeFed did."""
    try:
        return judge_answer(await client.fetch("/healthz", accept="*/*", deadline_s=timeout_s))
    except ApiError as error:
        return judge_error(error)


async def survey(client: Client, *, rights: bool = False) -> Survey:
    """Take a look, at one's own `rights` too when that is asked for.

    What the credentials may not read stays empty; a member that cannot answer now raises ApiError.
    """
    answer = await client.fetch("/version")
    try:
        version = _VERSION_DECODER.decode(answer.body).git_version
    except msgspec.DecodeError:
        version = ""
    region, zones = await _where(client)
    unlimited = await _is_unlimited(client) if rights else None
    return Survey(await identify(client), version, region, zones, unlimited)


async def _is_unlimited(client: Client) -> bool:
    """Whether the credentials may read what nobody serves: only a rule for everything allows that.

    API servers decide what is allowed before they look for it, so that this says it without a write and without a value.
    """
    return (await client.fetch(_NOBODY_SERVES)).status == _NOT_FOUND


async def identify(client: Client) -> str:
    """The uid of the cluster's kube-system namespace, which names the cluster for ever; empty when it may not be read.

    Raises ApiError when the cluster cannot answer now.
    """
    try:
        return (await client.get_metadata(NAMESPACES, ObjectKey("", "kube-system"))).uid
    except _WILL_NOT_TELL:
        return ""


async def _where(client: Client) -> tuple[str, tuple[str, ...]]:
    labels = []
    try:
        async for page in client.pages(NODES, metadata_only=True):
            for item in page.items or ():
                with suppress(ValueError):  # a node that cannot be read is not counted
                    labels.append(client.projector.metadata(item).label_map())
    except _WILL_NOT_TELL:
        return "", ()
    return region_and_zones(labels)
