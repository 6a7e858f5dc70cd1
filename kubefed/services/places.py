"""Where members are, and whose addresses are whose, as their records say. Read once for each version of a record."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import msgspec

from kubefed.clusters.member import Member
from kubefed.clusters.registry import Registry
from kubefed.core.catalogue import Place
from kubefed.core.names import ClusterName
from kubefed.kube.wire import Object
from kubefed.services.addresses import AddressRules, rules_for


class _Place(msgspec.Struct, rename="camel"):
    region: str | None = None
    zone: str | None = None
    network: str | None = None
    gateways: list[str] | None = None
    endpoint_ranges: list[str] | None = None


class _Spec(msgspec.Struct, rename="camel"):
    api_endpoint: str = ""
    place: _Place | None = None


_SPEC = msgspec.json.Decoder(_Spec)


@dataclass(frozen=True, slots=True)
class _Said:
    """What one record says."""

    server: str
    place: _Place


class Places:
    """The places of all members."""

    def __init__(self, registry: Registry, host_server: str) -> None:
        self._registry = registry
        self._host = _host_of(host_server)
        self._said: dict[ClusterName, tuple[int, _Said]] = {}
        self._rules: dict[ClusterName, AddressRules] = {}
        self._rules_of: tuple[tuple[ClusterName, int], ...] = ()

    def all(self) -> Mapping[ClusterName, Place]:
        """Where each registered member is."""
        return {name: self._place(member) for name, member in self._registry.members.items()}

    def rules(self, cluster: ClusterName) -> AddressRules:
        """Which addresses a member may offer."""
        self._read_records()
        return self._rules.get(cluster) or AddressRules()

    def _place(self, member: Member) -> Place:
        said = self._of(member.name).place
        only_zone = member.zones[0] if len(member.zones) == 1 else ""
        return Place(
            region=said.region or member.region,
            zone=said.zone or only_zone,
            network=said.network or "",
            gateways=tuple(said.gateways or ()),
        )

    def _read_records(self) -> None:
        """Work the rules out anew when a record has changed."""
        said = {name: self._of(name) for name in self._registry.members}
        versions = tuple((name, self._said[name][0]) for name in said if name in self._said)
        if versions == self._rules_of:
            return
        self._rules_of = versions
        ranges = {name: tuple(each.place.endpoint_ranges or ()) for name, each in said.items()}
        servers = {name: each.server for name, each in said.items()}
        self._rules = {name: rules_for(name, ranges, servers, self._host) for name in said}

    def _of(self, cluster: ClusterName) -> _Said:
        record = self._registry.record(cluster)
        if record is None:
            self._said.pop(cluster, None)
            return _Said("", _Place())
        known = self._said.get(cluster)
        if known is None or known[0] != record.resource_version:
            known = self._said[cluster] = (record.resource_version, _read(record))
        return known[1]


def _read(record: Object) -> _Said:
    """What cannot be read says nothing: the registry tells people about such records."""
    try:
        spec = _SPEC.decode(record.spec)
    except (ValueError, RecursionError):
        return _Said("", _Place())
    return _Said(_host_of(spec.api_endpoint), spec.place or _Place())


def _host_of(endpoint: str) -> str:
    try:
        return urlsplit(endpoint if "//" in endpoint else f"//{endpoint}").hostname or ""
    except ValueError:
        return ""
