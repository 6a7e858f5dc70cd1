"""The topology file: which clusters there are, and what each looks like. Models and their checks; no processes.

The sandbox and scripts/kind-up.sh read the same file. Examples: examples/topologies/.
"""

import re
from collections import Counter
from collections.abc import Iterable
from ipaddress import IPv4Network
from pathlib import Path
from typing import Annotated, Literal, Self

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from fedctl.sandbox.errors import BadTopology

_DNS_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
_LONGEST_LABEL = 63
_LONGEST_CLUSTER_NAME = 40  # leaves room for what is built from it: `<cluster>-node12`, `member-<cluster>-token`


def _dns_label(text: str) -> str:
    if len(text) <= _LONGEST_LABEL and _DNS_LABEL.fullmatch(text):
        return text
    raise ValueError(f"{text!r} is no DNS label: lower-case letters, digits and '-', at most {_LONGEST_LABEL} characters")


DnsLabel = Annotated[str, AfterValidator(_dns_label)]


class _Described(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True, hide_input_in_errors=True)


class NodeSpec(_Described):
    """One simulated machine. `zone` is one of its cluster's zones."""

    name: DnsLabel
    zone: DnsLabel | None = None


class ClusterSpec(_Described):
    """One cluster. Without `nodes` it gets one node per zone; without `zones` it has none and schedules nothing."""

    name: Annotated[DnsLabel, Field(max_length=_LONGEST_CLUSTER_NAME)]
    role: Literal["host", "member"] = "member"
    region: DnsLabel | None = None
    zones: tuple[DnsLabel, ...] = ()
    nodes: tuple[NodeSpec, ...] = ()
    network: DnsLabel = "network1"
    mesh: Literal["primary", "remote"] | None = None
    pod_cidr: Annotated[IPv4Network | None, Field(alias="podCIDR")] = None
    service_cidr: Annotated[IPv4Network | None, Field(alias="serviceCIDR")] = None

    @model_validator(mode="before")
    @classmethod
    def _one_node_per_zone(cls, given: object) -> object:
        if not isinstance(given, dict) or "nodes" in given or not isinstance(given.get("zones"), list | tuple):
            return given
        names = [f"{given.get('name', 'cluster')}-node{number}" for number in range(1, len(given["zones"]) + 1)]
        return given | {"nodes": [{"name": name, "zone": zone} for name, zone in zip(names, given["zones"], strict=True)]}

    @field_validator("service_cidr")
    @classmethod
    def _service_range_fits_an_api_server(cls, range_: IPv4Network | None) -> IPv4Network | None:
        # kube-apiserver refuses ranges of more than 2^20 addresses and needs a few for itself.
        if range_ is None or _WIDEST_SERVICE_RANGE <= range_.prefixlen <= _NARROWEST_SERVICE_RANGE:
            return range_
        raise ValueError(f"a service range has a prefix between /{_WIDEST_SERVICE_RANGE} and /{_NARROWEST_SERVICE_RANGE}")

    @model_validator(mode="after")
    def _places_agree(self) -> Self:
        if self.zones and self.region is None:
            raise ValueError("zones without a region: add `region:`")
        _refuse_twice("zone", self.zones)
        _refuse_twice("node", (node.name for node in self.nodes))
        for node in self.nodes:
            if node.zone is not None and node.zone not in self.zones:
                known = ", ".join(self.zones) or "none"
                raise ValueError(
                    f"node {node.name!r} is in zone {node.zone!r}, which is not among the cluster's zones ({known})"
                )
        return self


_WIDEST_SERVICE_RANGE, _NARROWEST_SERVICE_RANGE = 12, 28


class Topology(_Described):
    """All clusters of a sandbox: exactly one host, and members in the order in which they are shown."""

    clusters: tuple[ClusterSpec, ...]

    @model_validator(mode="after")
    def _clusters_agree(self) -> Self:
        _refuse_twice("cluster", (cluster.name for cluster in self.clusters))
        hosts = [cluster.name for cluster in self.clusters if cluster.role == "host"]
        if len(hosts) != 1:
            found = ", ".join(hosts) or "none"
            raise ValueError(f"exactly one cluster has `role: host`; found: {found}")
        meshes = [cluster.mesh for cluster in self.clusters]
        if "remote" in meshes and "primary" not in meshes:
            raise ValueError("a cluster has `mesh: remote`, and none has `mesh: primary` to serve it")
        for label in ("pod_cidr", "service_cidr"):
            _refuse_overlap([(cluster.name, range_) for cluster in self.clusters if (range_ := getattr(cluster, label))])
        return self

    @property
    def host(self) -> ClusterSpec:
        """The cluster that federates the others."""
        return next(cluster for cluster in self.clusters if cluster.role == "host")

    def cluster(self, name: str) -> ClusterSpec:
        """The cluster of that name, which must be there."""
        return next(cluster for cluster in self.clusters if cluster.name == name)

    @property
    def members(self) -> tuple[ClusterSpec, ...]:
        """The federated clusters, in the file's order."""
        return tuple(cluster for cluster in self.clusters if cluster.role == "member")


def of_members(count: int) -> Topology:
    """A host and `count` members `member1`.., each in a region of its own with two zones and a node in each."""
    members = [
        {"name": f"member{number}", "region": f"region{number}", "zones": [f"region{number}-a", f"region{number}-b"]}
        for number in range(1, count + 1)
    ]
    return Topology.model_validate({"clusters": [{"name": "host", "role": "host"}, *members]})


def read(path: Path) -> Topology:
    """Read and check a topology file. Raises BadTopology that says what is wrong, at which entry of which file."""
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as fault:
        raise BadTopology(f"cannot read topology {path}: {fault.strerror}", _SEE_EXAMPLES) from fault
    except (yaml.YAMLError, UnicodeDecodeError) as fault:
        raise BadTopology(f"{path} is not YAML: {' '.join(str(fault).split())}", _SEE_EXAMPLES) from fault
    if not isinstance(document, dict):
        raise BadTopology(f"{path} holds no topology: expected a mapping with the key `clusters`", _SEE_EXAMPLES)
    try:
        return Topology.model_validate(document)
    except ValidationError as fault:
        raise BadTopology(f"topology {path} cannot work:\n{complaints(fault)}", _SEE_EXAMPLES) from fault


_SEE_EXAMPLES = "Correct it; examples/topologies/ has files that work."


def complaints(fault: ValidationError) -> str:
    """One line per fault: where it is, as a path into the file, and what is wrong there."""
    found = [
        (error["loc"], _WORDS.get(error["type"]) or error["msg"].removeprefix("Value error, ")) for error in fault.errors()
    ]
    return "\n".join(f"  {_where(location)}: {what}" for location, what in found)


_WORDS = {
    "extra_forbidden": "there is no such key",
    "missing": "is required",
    "tuple_type": "must be a list",
    "model_type": "must be a mapping of keys to values",
    "string_type": "must be a text",
}
"""pydantic's own words are for programmers."""


def _where(location: tuple[int | str, ...]) -> str:
    path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location)
    return path.removeprefix(".") or "the file"


def _refuse_twice(what: str, names: Iterable[str]) -> None:
    twice = [name for name, times in Counter(names).items() if times > 1]
    if twice:
        raise ValueError(f"{what} named twice: {', '.join(twice)}")


def _refuse_overlap(ranges: list[tuple[str, IPv4Network]]) -> None:
    for index, (name, range_) in enumerate(ranges):
        for other, another in ranges[index + 1 :]:
            if range_.overlaps(another):
                raise ValueError(f"the ranges {range_} of {name} and {another} of {other} overlap")
