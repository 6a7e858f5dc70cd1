"""Which programs a wish leads to, and what they occupy."""

import pytest

from fedctl.sandbox import footprint, machine
from fedctl.sandbox.errors import BadTopology
from fedctl.sandbox.plans import Plan

API, KCM, SCHEDULER = "kube-apiserver", "kube-controller-manager", "kube-scheduler"


def programs(plan: Plan) -> dict[str, tuple[str, ...]]:
    return {cluster.name: plan.programs_of(cluster) for cluster in plan.topology.clusters}


def test_usually_every_cluster_has_controllers_and_those_with_nodes_a_scheduler() -> None:
    assert programs(Plan.of(1)) == {"host": (API, KCM), "member1": (API, KCM, SCHEDULER)}


def test_without_controllers_there_is_nothing_but_api_servers() -> None:
    plan = Plan.of(1, controllers=False)
    assert programs(plan) == {"host": (API,), "member1": (API,)}
    assert plan.simulated() == ()


def test_without_a_scheduler_no_nodes_are_simulated() -> None:
    plan = Plan.of(1, scheduler=False)
    assert programs(plan) == {"host": (API, KCM), "member1": (API, KCM)}
    assert plan.simulated() == ()


def test_controllers_can_be_wanted_for_some_clusters_only() -> None:
    plan = Plan.of(2, controllers=["member2"])
    assert programs(plan) == {"host": (API,), "member1": (API,), "member2": (API, KCM, SCHEDULER)}
    assert plan.simulated() == ("member2",)


def test_controllers_for_a_cluster_that_is_not_there_are_refused() -> None:
    with pytest.raises(BadTopology, match="lacks: nowhere"):
        Plan.of(1, controllers=["nowhere"])


def test_an_etcd_of_its_own_for_a_cluster_that_is_not_there_is_refused() -> None:
    with pytest.raises(BadTopology, match="lacks: nowhere"):
        Plan.of(1).with_own_etcd("nowhere")


def test_equal_wishes_are_equal_plans() -> None:
    assert Plan.of(2) == Plan.of(2)
    assert Plan.of(2) != Plan.of(2, controllers=False)
    assert Plan.of(2) != Plan.of(2).with_own_etcd("host")


def test_memory_grows_with_each_program() -> None:
    bare, managed = Plan.of(3, controllers=False), Plan.of(3)
    assert 1000 < footprint.memory_mib(bare) < 1500
    assert footprint.memory_mib(managed) > footprint.memory_mib(bare) + 4 * 100
    assert footprint.memory_mib(bare.with_own_etcd("host")) > footprint.memory_mib(bare)


@pytest.mark.parametrize(("mib", "words"), [(850, "850 MiB"), (1024, "1.0 GiB"), (1946, "1.9 GiB")])
def test_amounts_are_spelt_for_people(mib: int, words: str) -> None:
    assert footprint.spell(mib) == words


def test_a_machine_with_enough_of_both_is_not_short() -> None:
    assert footprint.shortage(Plan.of(3), free_memory_mib=4000, free_disk_mib=1000) == ""
    assert footprint.shortage(Plan.of(3), free_memory_mib=None, free_disk_mib=1000) == ""


def test_what_is_short_is_said_with_numbers() -> None:
    assert footprint.shortage(Plan.of(3), 1000, 1000).startswith("memory than is free: about 2.2 GiB, of 1000 MiB")
    assert footprint.shortage(Plan.of(3), 4000, 100) == "disk than is free: about 400 MiB, of 100 MiB"


def test_macos_says_its_free_memory_in_pages() -> None:
    told = (
        "Mach Virtual Memory Statistics: (page size of 16384 bytes)\n"
        "Pages free:                               10000.\n"
        "Pages active:                            400000.\n"
        "Pages inactive:                           20000.\n"
    )
    assert machine.from_vm_stat(told) == 30000 * 16384 // 2**20
    assert machine.from_vm_stat("something else") is None
