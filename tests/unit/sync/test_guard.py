"""What one act would remove is counted before the first copy goes, and too much of it waits for a person."""

import orjson
import pytest

from kubefed.api.core_v1beta1 import DeletionGuardConfig, GuardMode, Trust
from kubefed.core.markers import APPROVED_PLAN_ANNOTATION, REMOVAL_PLAN_ANNOTATION
from kubefed.core.names import ClusterName, ObjectKey
from kubefed.sync.removals import Limits, Removal, excess, guard_settings, plan_id
from tests.builders.clusters import SYSTEM
from tests.builders.objects import FederatedBuilder, a_fed_config_map, a_fed_namespace
from tests.fakes.loop import virtually
from tests.unit.clusters.a_federation import in_time
from tests.unit.sync.a_control_plane import ControlPlane, a_control_plane

EU, US = ClusterName("eu"), ClusterName("us")
FEW, MANY = 5, 25
NAMESPACE = a_fed_namespace()


def removals(count: int, cluster: ClusterName = EU, *, own: bool = False) -> list[Removal]:
    return [Removal(cluster, "configmaps", ObjectKey("shop", f"c{each}"), f"uid-{each}", own) for each in range(count)]


# --- rules -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("planned", "copies", "said"),
    [
        (removals(20), {EU: 1000}, ""),
        (removals(21), {EU: 1000}, "21 objects are more than 20"),
        (removals(21, own=True), {EU: 30}, ""),
        (removals(10), {EU: 10}, ""),
        (removals(11), {EU: 44}, ""),
        (removals(11), {EU: 43}, "25 % of the 43 copies in eu are more than 25 %"),
        ([each for n in range(5) for each in removals(1, ClusterName(f"c{n}"))], {}, ""),
        ([each for n in range(6) for each in removals(1, ClusterName(f"c{n}"))], {}, "6 clusters are more than 5"),
    ],
)
def test_too_much_is_too_many_objects_too_much_of_a_member_or_too_many_members(
    planned: list[Removal], copies: dict[ClusterName, int], said: str
) -> None:
    assert excess(planned, copies, Limits()) == said


def test_a_plan_is_named_by_what_its_cause_is_and_by_every_copy_in_any_order() -> None:
    planned = removals(3)
    assert plan_id(("uid", 1), planned) == plan_id(("uid", 1), planned[::-1])
    assert plan_id(("uid", 1), planned) != plan_id(("uid", 2), planned)
    assert plan_id(("uid", 1), planned) != plan_id(("uid", 1), planned[:2])
    assert plan_id(("uid", 1), planned) != plan_id(("uid", 1), removals(3, US))


def test_where_kubefed_was_trusted_namespaces_are_only_warned_about_unless_somebody_says_otherwise() -> None:
    assert guard_settings(None, Trust.COMPATIBLE).warns_about_namespaces
    assert not guard_settings(None, Trust.STRICT).warns_about_namespaces
    assert not guard_settings(DeletionGuardConfig(mode=GuardMode.HOLD), Trust.COMPATIBLE).warns_about_namespaces
    assert guard_settings(DeletionGuardConfig(max_objects=0), Trust.STRICT).limits == Limits(objects=0)


# --- in a control plane ----------------------------------------------------------------------------------------


async def settings_in(plane: ControlPlane, count: int, **placement: str) -> list[FederatedBuilder]:
    """So many objects that have their copies in both members."""
    found = [
        a_fed_config_map().named(f"settings-{number}", "shop").placed_by_labels(**placement) for number in range(count)
    ]
    for each in found:
        plane.put(each)
    for each in found:
        await plane.settle(each, eu="", us="")
    await plane.settle(NAMESPACE, eu="", us="")
    return found


def left(plane: ControlPlane, cluster: str, objects: list[FederatedBuilder]) -> int:
    return sum(plane.copy(cluster, each) is not None for each in objects)


def annotations_of(plane: ControlPlane, builder: FederatedBuilder) -> dict[str, str]:
    return plane.object(builder)["metadata"].get("annotations") or {}


def annotate(plane: ControlPlane, builder: FederatedBuilder, name: str, text: str) -> None:
    stored = plane.object(builder)
    metadata = {**stored["metadata"], "annotations": {**annotations_of(plane, builder), name: text}}
    plane.federated[builder.kind.name].put({**stored, "metadata": metadata})


def test_a_namespace_that_takes_few_objects_along_is_nobodys_business() -> None:
    async def story() -> None:
        async with a_control_plane("eu", "us") as plane:
            objects = await settings_in(plane, FEW)
            plane.edit(NAMESPACE.placed_on("eu"))
            await in_time(lambda: left(plane, "us", objects) == 0, within_s=20)
            assert left(plane, "eu", objects) == FEW
            assert REMOVAL_PLAN_ANNOTATION not in annotations_of(plane, NAMESPACE)

    virtually(story())


def test_a_namespace_that_takes_many_objects_along_waits_until_exactly_that_is_approved() -> None:
    async def story() -> None:
        async with a_control_plane("eu", "us") as plane:
            objects = await settings_in(plane, MANY)
            plane.edit(NAMESPACE.placed_on("eu"))
            await in_time(lambda: REMOVAL_PLAN_ANNOTATION in annotations_of(plane, NAMESPACE), within_s=20)
            await plane.quiet(60)
            assert (left(plane, "us", objects), left(plane, "us", [NAMESPACE])) == (MANY, 1)
            plan = orjson.loads(annotations_of(plane, NAMESPACE)[REMOVAL_PLAN_ANNOTATION])
            assert (plan["objects"], plan["copies"], plan["clusters"]) == (MANY, MANY + 1, ["us"])
            told = [message for name, reason, message in plane.events if (name, reason) == ("shop", "ApprovalRequired")]
            assert len(told) == 1
            assert f"fedctl approve namespace/shop --plan {plan['plan']}" in told[0]
            annotate(plane, NAMESPACE, APPROVED_PLAN_ANNOTATION, "another-plan")
            await plane.quiet(30)
            assert left(plane, "us", objects) == MANY
            annotate(plane, NAMESPACE, APPROVED_PLAN_ANNOTATION, plan["plan"])
            await in_time(lambda: left(plane, "us", [*objects, NAMESPACE]) == 0, within_s=20)
            await in_time(lambda: not annotations_of(plane, NAMESPACE), within_s=20)
            assert left(plane, "eu", objects) == MANY

    virtually(story())


def test_going_back_on_it_ends_the_waiting() -> None:
    async def story() -> None:
        async with a_control_plane("eu", "us") as plane:
            objects = await settings_in(plane, MANY)
            plane.edit(NAMESPACE.placed_on("eu"))
            await in_time(lambda: REMOVAL_PLAN_ANNOTATION in annotations_of(plane, NAMESPACE), within_s=20)
            plane.edit(NAMESPACE.placed_on("eu", "us"))
            await in_time(lambda: plane.manager.guard.held() == {}, within_s=20)
            assert left(plane, "us", objects) == MANY

    virtually(story())


def test_a_label_that_a_cluster_loses_takes_nothing_away_by_itself() -> None:
    async def story() -> None:
        async with a_control_plane("eu", "us") as plane:
            for name, server in plane.servers.items():
                plane.federation.join(name, server, tier="gold")
            objects = await settings_in(plane, MANY, tier="gold")
            plane.federation.join("us", plane.servers["us"], tier="silver")
            records = plane.federation.records
            key = ObjectKey(SYSTEM, "us")
            await in_time(
                lambda: REMOVAL_PLAN_ANNOTATION in (records.objects[key]["metadata"].get("annotations") or {}), within_s=20
            )
            await plane.quiet(60)
            assert left(plane, "us", objects) == MANY
            plane.federation.join("us", plane.servers["us"], tier="gold")
            await in_time(lambda: plane.manager.guard.held() == {}, within_s=20)
            assert left(plane, "us", objects) == MANY

    virtually(story())


def test_a_person_who_places_one_object_elsewhere_or_deletes_it_is_never_stopped() -> None:
    async def story() -> None:
        async with a_control_plane("eu", "us") as plane:
            objects = await settings_in(plane, MANY)
            for each in objects:
                plane.edit(each.placed_by_labels(tier="gold"))
            await in_time(lambda: left(plane, "us", objects) == left(plane, "eu", objects) == 0, within_s=60)
            assert plane.manager.guard.held() == {}

    virtually(story())


def test_a_host_namespace_that_is_deleted_by_mistake_takes_nothing_along_at_once() -> None:
    async def story() -> None:
        async with a_control_plane("eu", "us") as plane:
            objects = await settings_in(plane, MANY)
            host = plane.namespaces.objects[ObjectKey("", "shop")]
            ending = {**host["metadata"], "deletionTimestamp": "2026-01-01T00:00:00Z"}
            plane.namespaces.put({**host, "metadata": ending})
            for each in objects:
                plane.delete(each)
            await in_time(lambda: plane.manager.guard.held() != {}, within_s=20)
            await plane.quiet(60)
            assert left(plane, "us", objects) == left(plane, "eu", objects) == MANY

    virtually(story())
