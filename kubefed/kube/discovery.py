"""What one API server serves: resource types with their scope, short names and verbs. Reads; remembers nothing."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

import msgspec

from kubefed.core.errors import Unintelligible
from kubefed.core.names import ResourceType
from kubefed.kube import errors
from kubefed.kube.client import Client
from kubefed.kube.messages import Answer

_T = TypeVar("_T")

_AGGREGATED = (
    "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,"
    "application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList"
)


@dataclass(frozen=True, slots=True)
class ServedResource:
    """One resource type as a server offers it. `preferred`: of the version that the group's server prefers."""

    resource: ResourceType
    singular: str
    short_names: tuple[str, ...]
    verbs: frozenset[str]
    categories: tuple[str, ...]
    preferred: bool


@dataclass(frozen=True, slots=True)
class Catalog:
    """Everything one API server serves, in its own order: the core group first. Subresources are left out."""

    served: tuple[ServedResource, ...]
    stale_groups: tuple[str, ...] = ()
    """`group/version` of aggregated APIs whose server did not answer: what they serve is unknown."""

    def offers(self, resource: ResourceType) -> bool:
        """Whether exactly this type, version and scope is served."""
        return any(served.resource == resource for served in self.served)

    def named(self, name: str) -> tuple[ServedResource, ...]:
        """Every resource type that `name` may mean: plural, singular, short name, kind, or a group-qualified plural.

        One entry a (group, plural), of the preferred version. A core type hides all others of the same name.
        """
        wanted = name.lower()
        found = [served for served in self.served if served.preferred and _answers_to(served, wanted)]
        core = [served for served in found if not served.resource.group]
        return tuple(core or found)


def _answers_to(served: ServedResource, wanted: str) -> bool:
    resource = served.resource
    if "." in wanted:
        return wanted in (resource.qualified_plural, f"{resource.plural}.{resource.version}.{resource.group}")
    return wanted in (resource.plural, served.singular, resource.kind.lower(), *served.short_names)


async def discover(client: Client) -> Catalog:
    """Ask one API server for everything it serves: two requests, or one a group version from servers before 1.27."""
    answers = [await client.fetch(path, accept=_AGGREGATED) for path in ("/api", "/apis")]
    for path, answer in zip(("/api", "/apis"), answers, strict=True):
        if answer.status != 200:
            raise errors.from_answer(f"GET {path}", answer.status, answer.headers, answer.body)
    if all(b"APIGroupDiscoveryList" in answer.body[:200] for answer in answers):
        return _catalog(group for answer in answers for group in _decoded(answer, _GROUPS).items)
    return await _discover_group_by_group(client, answers)


# --- the aggregated form ---------------------------------------------------------------------------------------


class _Kind(msgspec.Struct):
    kind: str = ""


class _WireResource(msgspec.Struct, rename="camel"):
    resource: str
    scope: str
    response_kind: _Kind | None = None
    singular_resource: str = ""
    short_names: list[str] | None = None
    verbs: list[str] | None = None
    categories: list[str] | None = None


class _WireVersion(msgspec.Struct):
    version: str
    resources: list[_WireResource] | None = None
    freshness: str = ""


class _GroupName(msgspec.Struct):
    name: str = ""


class _WireGroup(msgspec.Struct):
    metadata: _GroupName = msgspec.field(default_factory=_GroupName)
    versions: list[_WireVersion] | None = None


class _WireGroups(msgspec.Struct):
    items: list[_WireGroup]


_GROUPS = msgspec.json.Decoder(_WireGroups)


def _catalog(groups: Iterable[_WireGroup]) -> Catalog:
    served: list[ServedResource] = []
    stale: list[str] = []
    for group in groups:
        seen: set[str] = set()
        for version in group.versions or ():
            if version.freshness == "Stale":
                stale.append(f"{group.metadata.name}/{version.version}")
            for wire in version.resources or ():
                served.append(_served(group.metadata.name, version.version, wire, preferred=wire.resource not in seen))
                seen.add(wire.resource)
    return Catalog(tuple(served), tuple(stale))


def _served(group: str, version: str, wire: _WireResource, *, preferred: bool) -> ServedResource:
    kind = wire.response_kind.kind if wire.response_kind else ""
    return ServedResource(
        ResourceType(group, version, wire.resource, kind, wire.scope == "Namespaced"),
        wire.singular_resource,
        tuple(wire.short_names or ()),
        frozenset(wire.verbs or ()),
        tuple(wire.categories or ()),
        preferred,
    )


# --- the older form --------------------------------------------------------------------------------------------


class _LegacyResource(msgspec.Struct, rename="camel"):
    name: str
    kind: str
    namespaced: bool
    singular_name: str = ""
    short_names: list[str] | None = None
    verbs: list[str] | None = None
    categories: list[str] | None = None


class _LegacyResources(msgspec.Struct):
    resources: list[_LegacyResource] | None


class _LegacyVersion(msgspec.Struct):
    version: str


class _LegacyGroup(msgspec.Struct):
    name: str
    versions: list[_LegacyVersion] = []


class _LegacyGroups(msgspec.Struct):
    groups: list[_LegacyGroup]


class _LegacyVersions(msgspec.Struct):
    versions: list[str]


async def _discover_group_by_group(client: Client, answers: list[Answer]) -> Catalog:
    core = _decoded(answers[0], msgspec.json.Decoder(_LegacyVersions)).versions
    groups = [_LegacyGroup("", [_LegacyVersion(version) for version in core])]
    groups += _decoded(answers[1], msgspec.json.Decoder(_LegacyGroups)).groups
    return _catalog([await _legacy_group(client, group) for group in groups])


async def _legacy_group(client: Client, group: _LegacyGroup) -> _WireGroup:
    versions = []
    for version in group.versions:
        path = f"/apis/{group.name}/{version.version}" if group.name else f"/api/{version.version}"
        resources = _legacy_resources(await client.fetch(path))
        versions.append(_WireVersion(version.version, resources, freshness="Stale" if resources is None else ""))
    return _WireGroup(_GroupName(group.name), versions)


def _legacy_resources(answer: Answer) -> list[_WireResource] | None:
    """None when it is not known: an aggregated API that is down must not hide all the others."""
    if answer.status != 200:
        return None
    try:
        return list(_modern(_decoded(answer, msgspec.json.Decoder(_LegacyResources)).resources or ()))
    except Unintelligible:
        return None


def _modern(resources: Iterable[_LegacyResource]) -> Iterator[_WireResource]:
    for old in resources:
        if "/" not in old.name:
            scope = "Namespaced" if old.namespaced else "Cluster"
            kind = _Kind(old.kind)
            yield _WireResource(old.name, scope, kind, old.singular_name, old.short_names, old.verbs, old.categories)


def _decoded(answer: Answer, decoder: msgspec.json.Decoder[_T]) -> _T:
    try:
        return decoder.decode(answer.body)
    except (msgspec.DecodeError, RecursionError):
        raise Unintelligible("GET discovery", status=answer.status, reason="NotKubernetes") from None
