"""After a type was enabled: which members do not serve it, and in which the controller has no rights to it."""

import asyncio
from collections.abc import Iterable
from enum import StrEnum

import orjson

from fedctl.asking import ask_all, client_of
from fedctl.federation import Federation, scope_of
from fedctl.memberlinks import MemberLinks, is_ready
from fedctl.telling import note, warn
from kubefed.api.core_v1beta1 import Scope
from kubefed.core.errors import KubefedError
from kubefed.core.names import ClusterName, ResourceType
from kubefed.kube.client import Client

_REVIEWS = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
_VERBS = ("list", "create")


class Finding(StrEnum):
    """How a member stands to the type."""

    FINE = "fine"
    NOT_SERVED = "does not serve the type"
    NO_RIGHTS = "gives the controller no rights"
    UNKNOWN = "could not be asked"


def advise(federation: Federation, target: ResourceType) -> None:
    """Ask the members that are ready, and say what to do about those that lack something."""
    records = {ClusterName(each["metadata"]["name"]): each for each in federation.clusters()}
    ready = [name for name, record in records.items() if is_ready(record)]
    config = federation.config()
    namespace = federation.namespace if scope_of(config) is Scope.NAMESPACED else ""

    async def ask() -> dict[ClusterName, Finding]:
        async with client_of(federation.host.context.connection) as host:
            links = MemberLinks.of(host, federation.namespace, config)

            async def one(cluster: ClusterName) -> Finding:
                try:
                    async with links.client(records[cluster]) as member:
                        return await _look(member, target, namespace)
                except (KubefedError, ValueError):
                    return Finding.UNKNOWN

            answers = await ask_all(ready, one)
        return {name: Finding.UNKNOWN if isinstance(each, TimeoutError) else each for name, each in answers.items()}

    say_findings(asyncio.run(ask()), target, [name for name in records if name not in ready])


async def _look(member: Client, target: ResourceType, namespace: str) -> Finding:
    group_version = target.collection_path().rpartition("/")[0]
    answer = await member.fetch(group_version)
    if answer.status == 404:
        return Finding.NOT_SERVED
    if answer.status != 200:
        return Finding.UNKNOWN
    resources = orjson.loads(answer.body).get("resources") or ()
    if not any(each.get("name") == target.plural for each in resources):
        return Finding.NOT_SERVED
    allowed = [await _may(member, verb, target, namespace) for verb in _VERBS]
    return Finding.FINE if all(allowed) else Finding.NO_RIGHTS


async def _may(member: Client, verb: str, target: ResourceType, namespace: str) -> bool:
    """Whether the account of the credentials may do it, in the namespace or in all of them."""
    attributes = {"verb": verb, "group": target.group, "resource": target.plural, "namespace": namespace}
    review = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectAccessReview",
        "spec": {"resourceAttributes": attributes},
    }
    answer = orjson.loads(await member.post(_REVIEWS, orjson.dumps(review)))
    return bool((answer.get("status") or {}).get("allowed"))


def say_findings(findings: dict[ClusterName, Finding], target: ResourceType, not_ready: Iterable[ClusterName]) -> None:
    """One line per kind of finding."""
    lacking = _clusters(findings, Finding.NOT_SERVED)
    if lacking:
        warn(f"{target} is not served by {', '.join(lacking)}: install it there, for example its CRD.")
    if barred := _clusters(findings, Finding.NO_RIGHTS):
        commands = "; ".join(f"fedctl join cluster {cluster}" for cluster in barred)
        warn(f"the controller has no rights to {target} in {', '.join(barred)}. Join again to grant them: {commands}")
    unknown = sorted([*_clusters(findings, Finding.UNKNOWN), *not_ready])
    if unknown:
        note(f"Not asked, because not ready or not reachable from here: {', '.join(unknown)}.")


def _clusters(findings: dict[ClusterName, Finding], wanted: Finding) -> list[ClusterName]:
    return sorted(name for name, finding in findings.items() if finding is wanted)
