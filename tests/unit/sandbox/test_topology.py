"""What a topology file may say, what is filled in, and what each mistake is answered with."""

from pathlib import Path

import pytest

from fedctl.sandbox import screens, topology
from fedctl.sandbox.errors import BadTopology
from fedctl.sandbox.topology import Topology

EXAMPLES = Path(__file__).parents[3] / "examples" / "topologies"


def read(tmp_path: Path, text: str) -> Topology:
    file = tmp_path / "topology.yaml"
    file.write_text(text, encoding="utf-8")
    return topology.read(file)


def complaint_about(tmp_path: Path, text: str) -> str:
    with pytest.raises(BadTopology) as caught:
        read(tmp_path, text)
    assert caught.value.todo
    return caught.value.what


@pytest.mark.parametrize("file", sorted(EXAMPLES.glob("*.yaml")), ids=lambda file: file.stem)
def test_every_example_can_be_read(file: Path) -> None:
    assert topology.read(file).host.role == "host"


def test_two_datacenters_have_two_zones_each_and_networks_of_their_own() -> None:
    shape = topology.read(EXAMPLES / "two-datacenters.yaml")
    assert [len(member.zones) for member in shape.members] == [2, 2]
    assert len({cluster.network for cluster in shape.clusters}) == 3


def test_a_cluster_without_nodes_gets_one_per_zone(tmp_path: Path) -> None:
    shape = read(tmp_path, "clusters: [{name: h, role: host}, {name: m, region: r, zones: [a, b]}]")
    assert [(node.name, node.zone) for node in shape.cluster("m").nodes] == [("m-node1", "a"), ("m-node2", "b")]


def test_a_cluster_with_an_empty_list_of_nodes_has_none(tmp_path: Path) -> None:
    shape = read(tmp_path, "clusters: [{name: h, role: host, region: r, zones: [a], nodes: []}]")
    assert shape.host.nodes == ()


def test_members_by_number_are_each_in_a_region_of_their_own() -> None:
    shape = topology.of_members(3)
    assert [member.name for member in shape.members] == ["member1", "member2", "member3"]
    assert len({member.region for member in shape.members}) == 3
    assert shape.host.nodes == ()


def test_a_host_without_members_is_a_topology() -> None:
    assert topology.of_members(0).members == ()


HOST = "{name: h, role: host}"

MISTAKES = {
    "no host": ("clusters: [{name: a}]", "exactly one cluster has `role: host`; found: none"),
    "no clusters": ("clusters: []", "exactly one cluster has `role: host`; found: none"),
    "two hosts": ("clusters: [{name: a, role: host}, {name: b, role: host}]", "found: a, b"),
    "name that is no label": ("clusters: [{name: A_b, role: host}]", "clusters[0].name: 'A_b' is no DNS label"),
    "name that is a number": ("clusters: [{name: 7, role: host}]", "clusters[0].name: must be a text"),
    "name too long for what is built from it": (f"clusters: [{{name: {'a' * 41}, role: host}}]", "clusters[0].name: "),
    "name twice": (f"clusters: [{HOST}, {{name: m}}, {{name: m}}]", "cluster named twice: m"),
    "no name": ("clusters: [{role: host}]", "clusters[0].name: is required"),
    "unknown key": (f"clusters: [{HOST}]\ncolour: red", "colour: there is no such key"),
    "unknown role": ("clusters: [{name: a, role: boss}]", "clusters[0].role: Input should be 'host' or 'member'"),
    "zones without region": (f"clusters: [{HOST}, {{name: m, zones: [a]}}]", "clusters[1]: zones without a region"),
    "zones that are no list": (
        f"clusters: [{HOST}, {{name: m, region: r, zones: a}}]",
        "clusters[1].zones: must be a list",
    ),
    "zone twice": (f"clusters: [{HOST}, {{name: m, region: r, zones: [a, a]}}]", "zone named twice: a"),
    "node in a foreign zone": (
        f"clusters: [{HOST}, {{name: m, region: r, zones: [a], nodes: [{{name: n, zone: b}}]}}]",
        "node 'n' is in zone 'b', which is not among the cluster's zones (a)",
    ),
    "node twice": (
        f"clusters: [{HOST}, {{name: m, nodes: [{{name: n}}, {{name: n}}]}}]",
        "node named twice: n",
    ),
    "overlapping ranges": (
        "clusters: [{name: h, role: host, podCIDR: 10.0.0.0/8}, {name: m, podCIDR: 10.1.0.0/16}]",
        "the ranges 10.0.0.0/8 of h and 10.1.0.0/16 of m overlap",
    ),
    "Service range too wide": ("clusters: [{name: h, role: host, serviceCIDR: 10.0.0.0/8}]", "between /12 and /28"),
    "remote mesh alone": (f"clusters: [{HOST}, {{name: m, mesh: remote}}]", "none has `mesh: primary`"),
    "not YAML": ("clusters: [", "is not YAML"),
    "a list": ("- name: h", "expected a mapping with the key `clusters`"),
    "nothing": ("", "expected a mapping with the key `clusters`"),
    "clusters that are no list": ("clusters: three", "clusters: must be a list"),
    "cluster that is a word": ("clusters: [host]", "clusters[0]: must be a mapping of keys to values"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_named_with_its_place(tmp_path: Path, mistake: str) -> None:
    text, answer = MISTAKES[mistake]
    complaint = complaint_about(tmp_path, text)
    assert answer in complaint
    assert "topology.yaml" in complaint


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    complaint = complaint_about(tmp_path, "clusters: [{name: A, role: host}, {name: b, colour: red}]")
    assert "clusters[0].name" in complaint
    assert "clusters[1].colour" in complaint


def test_a_missing_file_is_named() -> None:
    with pytest.raises(BadTopology, match="cannot read topology /nowhere/at-all: No such file or directory"):
        topology.read(Path("/nowhere/at-all"))


def test_lines_for_shell_scripts_have_a_word_for_everything(tmp_path: Path) -> None:
    member = "{name: m, region: r, zones: [a, b], network: n, mesh: primary, podCIDR: 10.1.0.0/16}"
    shape = read(tmp_path, f"clusters: [{HOST}, {member}]")
    assert screens.topology_lines(shape).splitlines() == [
        "h host - - network1 - - -",
        "m member r a,b n primary 10.1.0.0/16 -",
    ]
