"""Fetches copies from the members that are ready, all at once, with the credentials that the controller uses."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from fedctl.asking import DEADLINE_S, ask_all, client_of
from fedctl.federation import Federation
from fedctl.manifests import key_of
from fedctl.memberlinks import MemberLinks, is_ready
from kubefed.api.core_v1beta1 import KubeFedConfig
from kubefed.core.errors import ApiError, Forbidden, KubefedError, NotFound
from kubefed.core.markers import MANAGED, MANAGED_LABEL
from kubefed.core.names import ClusterName, ObjectKey, ResourceType
from kubefed.kube.client import Client

Record = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Question:
    """Which objects: one when the key has a name, else those of its namespace, or of all namespaces, that have the labels.

    These are our copies unless something else is said.
    """

    target: ResourceType
    key: ObjectKey
    labels: str = f"{MANAGED_LABEL}={MANAGED}"


@dataclass(frozen=True, slots=True)
class Found:
    """What one member holds, or why that is not known: `unknown` is empty when it is."""

    copies: Mapping[ObjectKey, dict[str, Any]] = field(default_factory=dict)
    unknown: str = ""


Answers = Mapping[ClusterName, Found]

NOT_READY = "not ready"
NOT_ALLOWED = "you may not read its credentials"


def fetch(
    federation: Federation, config: KubeFedConfig, records: Mapping[ClusterName, Record], question: Question
) -> dict[ClusterName, Found]:
    """Ask every ready cluster of `records`, each for at most three seconds. One entry a cluster."""
    ready = [name for name, record in records.items() if is_ready(record)]
    answers = asyncio.run(_fetch(federation, config, {name: records[name] for name in ready}, question)) if ready else {}
    return {name: answers.get(name, Found(unknown=NOT_READY)) for name in records}


async def _fetch(
    federation: Federation, config: KubeFedConfig, records: Mapping[ClusterName, Record], question: Question
) -> dict[ClusterName, Found]:
    async with client_of(federation.host.context.connection) as host:
        links = MemberLinks.of(host, federation.namespace, config)

        async def one(cluster: ClusterName) -> Found:
            try:
                async with links.client(records[cluster]) as member:
                    return Found({key_of(copy): copy for copy in await _ask(member, question)})
            except KubefedError as problem:
                return Found(unknown=_reason(problem))

        answers = await ask_all(records, one)
    late = Found(unknown=f"no answer within {DEADLINE_S:.0f} s")
    return {name: late if isinstance(each, TimeoutError) else each for name, each in answers.items()}


async def _ask(member: Client, question: Question) -> Sequence[dict[str, Any]]:
    target, key = question.target, question.key
    if key.name:
        try:
            return [orjson.loads(await member.get(target, key))]
        except NotFound as answer:
            if answer.reason == "NotFound":
                return []
            raise
    pages = member.pages(target, namespace=key.namespace, label_selector=question.labels)
    return [_with_kind(target, orjson.loads(bytes(item))) async for page in pages for item in page.items or ()]


def _with_kind(target: ResourceType, item: dict[str, Any]) -> dict[str, Any]:
    """Lists leave out what is the same for all."""
    return {"apiVersion": target.api_version, "kind": target.kind, **item}


def _reason(problem: KubefedError) -> str:
    if isinstance(problem, Forbidden) and "/secrets/" in problem.request:
        return NOT_ALLOWED
    if isinstance(problem, NotFound):
        return "does not serve the type"
    return problem.explanation() if isinstance(problem, ApiError) else str(problem)


def unknown_clusters(found: Mapping[ClusterName, Found]) -> list[str]:
    """Sentences about the clusters of which nothing is known, one a reason, sorted."""
    reasons: dict[str, list[str]] = {}
    for cluster, each in found.items():
        if each.unknown:
            reasons.setdefault(each.unknown, []).append(cluster)
    return [f"Not counted in {_listed(names)}: {reason}." for reason, names in sorted(reasons.items())]


def _listed(names: Iterable[str]) -> str:
    ordered = sorted(names)
    more = f" and {len(ordered) - _MOST_NAMES} more" if len(ordered) > _MOST_NAMES else ""
    return ", ".join(ordered[:_MOST_NAMES]) + more


_MOST_NAMES = 8
