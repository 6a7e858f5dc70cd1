"""Types are enabled, disabled and removed while the process runs, and do not disturb one another."""

from typing import Any

from fedctl.federation import TYPE_CONFIGS
from kubefed.core.markers import SYNC_FINALIZER
from kubefed.core.names import ObjectKey, ResourceType
from kubefed.federated.federated_type import FederatedType
from tests.builders import kinds
from tests.e2e.conftest import Logs
from tests.support.federation import MEMBER1, MEMBERS, SYSTEM, Federation
from tests.support.kinds import GROUP, WIDGETS
from tests.support.shop import Shop, everywhere, fine
from tests.support.waiting import eventually, eventually_equal


def switch(federation: Federation, kind: FederatedType, propagation: str) -> None:
    federation.host.merge(TYPE_CONFIGS, ObjectKey(SYSTEM, kind.name), {"spec": {"propagation": propagation}})
    state = "Running" if propagation == "Enabled" else "NotRunning"
    eventually_equal(lambda: state_of(federation, kind), state)


def state_of(federation: Federation, kind: FederatedType) -> Any:
    """What the type's status says of its newest generation."""
    config = federation.host.get(TYPE_CONFIGS, ObjectKey(SYSTEM, kind.name))
    status = config.get("status") or {}
    current = status.get("observedGeneration") == config["metadata"]["generation"]
    return status.get("propagationController") if current else "outdated"


def test_a_type_that_is_off_leaves_its_objects_alone_and_catches_up_when_it_is_on(shop: Shop, logs: Logs) -> None:
    settings = shop.settle(shop.config_map(colour="red"))
    cog = shop.settle(shop.a(WIDGETS, "cog").with_template({"spec": {"size": 1}}).placed_on(*MEMBERS))
    logs.mark()

    switch(shop.federation, kinds.CONFIG_MAPS, "Disabled")
    shop.edit(shop.config_map(colour="blue"))
    shop.change(cog, MEMBER1, {"spec": {"size": 7}})
    eventually_equal(lambda: shop.copies(cog, "spec", "size"), everywhere(1))
    assert shop.copies(settings, "data", "colour") == everywhere("red")

    switch(shop.federation, kinds.CONFIG_MAPS, "Enabled")
    eventually_equal(lambda: shop.copies(settings, "data", "colour"), everywhere("blue"))
    shop.await_told(settings, fine(*MEMBERS))
    read_anew = {each.resource for each in logs.requests() if each.verb in ("list", "watch")}
    assert read_anew <= {"configmaps", "federatedconfigmaps"}


def test_a_type_that_is_removed_leaves_copies_and_federated_objects_where_they_are(shop: Shop) -> None:
    gizmos = kinds.a_type(ResourceType(GROUP, "v1", "gizmos", "Gizmo", namespaced=True))
    shop.federation.enable(gizmos)
    for member in MEMBERS:
        shop.federation.join(member)
    wish = shop.settle(shop.a(gizmos, "one").with_template({"spec": {"size": 1}}).placed_on(*MEMBERS))
    config = ObjectKey(SYSTEM, gizmos.name)
    assert shop.federation.host.delete(TYPE_CONFIGS, config)
    eventually(lambda: shop.federation.host.find(TYPE_CONFIGS, config) is None, "the type is let go of")
    assert shop.copies(wish, "spec", "size") == everywhere(1)
    stored = shop.stored(wish)
    assert stored is not None
    assert stored["metadata"]["finalizers"] == [SYNC_FINALIZER]
    shop.federation.fedctl("enable", gizmos.name)
    shop.delete(wish)
    shop.await_gone(wish)
