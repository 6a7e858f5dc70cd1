"""A mistake that would remove many copies at once waits for a person, over restarts of the controller as well."""

from collections.abc import Callable

import orjson
import pytest

from fedctl.federation import CLUSTERS
from kubefed.core.markers import REMOVAL_PLAN_ANNOTATION
from kubefed.core.names import ObjectKey
from tests.builders.objects import FederatedBuilder
from tests.support.controller import Controller
from tests.support.federation import MEMBER1, MEMBER2, MEMBERS, SYSTEM, Federation
from tests.support.manifests import Manifest
from tests.support.shop import Shop, fine
from tests.support.waiting import eventually, eventually_equal

MANY = 22


@pytest.fixture
def running(federation: Federation, new_controller: Callable[[], Controller]) -> Controller:  # noqa: ARG001
    controller = new_controller()
    controller.start()
    eventually(controller.leads, "it leads", within_s=60)
    return controller


def many(shop: Shop, **labels: str) -> list[FederatedBuilder]:
    wishes = [shop.config_map(f"settings-{number}").placed_by_labels(**labels) for number in range(MANY)]
    for each in wishes:
        shop.create(each)
    for each in wishes:
        shop.await_told(each, fine(*MEMBERS), within_s=60)
    return wishes


def left(shop: Shop, wishes: list[FederatedBuilder]) -> dict[str, int]:
    return {name: sum(name in shop.copies(each) for each in wishes) for name in MEMBERS}


def plan_on(manifest: Manifest | None) -> dict[str, object]:
    annotations = ((manifest or {}).get("metadata") or {}).get("annotations") or {}
    return dict(orjson.loads(annotations.get(REMOVAL_PLAN_ANNOTATION, "{}")))


def test_a_namespace_placed_elsewhere_by_mistake_takes_nothing_along_until_that_is_approved(
    federation: Federation, running: Controller, namespace: str
) -> None:
    shop = Shop(federation, namespace).open(*MEMBERS)
    wishes = many(shop)
    shop.edit(shop.fed_namespace().placed_on(MEMBER1))
    cause = f"namespace/{shop.namespace}"
    plan = eventually(lambda: plan_on(shop.stored(shop.fed_namespace())), "the plan is written on its cause")
    assert (plan["objects"], plan["clusters"]) == (MANY, [MEMBER2])
    running.kill()
    running.start()
    eventually(
        lambda: f'kubefed_removals_held{{name="{shop.namespace}",scope="namespace"}}' in running.exposition(), "held"
    )
    running.await_quiet()
    assert left(shop, wishes) == dict.fromkeys(MEMBERS, MANY)
    assert str(plan["plan"]) in federation.fedctl("approve")
    assert "approved" in federation.fedctl("approve", cause, "--plan", str(plan["plan"]))
    eventually_equal(lambda: left(shop, wishes), {MEMBER1: MANY, MEMBER2: 0}, within_s=60)
    eventually_equal(lambda: plan_on(shop.stored(shop.fed_namespace())), {})


def test_a_label_that_a_cluster_loses_takes_nothing_away(
    federation: Federation,
    running: Controller,  # noqa: ARG001
    namespace: str,
) -> None:
    shop = Shop(federation, namespace).open(*MEMBERS)
    for member in MEMBERS:
        label(federation, member, "gold")
    try:
        wishes = many(shop, tier="gold")
        label(federation, MEMBER2, "silver")
        plan = eventually(lambda: plan_on(federation.record(MEMBER2)), "the plan is written on the cluster")
        assert plan["copies"] == MANY
        label(federation, MEMBER2, "gold")
        eventually_equal(lambda: plan_on(federation.record(MEMBER2)), {})
        assert left(shop, wishes) == dict.fromkeys(MEMBERS, MANY)
        for each in wishes:
            shop.delete(each)
        for each in wishes:
            shop.await_gone(each)
    finally:
        for member in MEMBERS:
            label(federation, member, None)


def label(federation: Federation, member: str, tier: str | None) -> None:
    federation.host.merge(CLUSTERS, ObjectKey(SYSTEM, member), {"metadata": {"labels": {"tier": tier}}})
