"""Statuses of copies, collected: in the federated object under KubeFed's gate, in a FederatedServiceStatus without it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from fedctl.federation import CONFIGS, TYPE_CONFIGS
from kubefed.api.core_v1alpha1 import FederatedServiceStatus
from kubefed.core.markers import CONFIG_NAME
from kubefed.core.names import ObjectKey, ResourceType
from tests.builders import kinds
from tests.builders.objects import FederatedBuilder
from tests.support.controller import Controller
from tests.support.federation import MEMBER1, MEMBER2, MEMBERS, SYSTEM, Federation
from tests.support.manifests import Manifest
from tests.support.shop import Shop, everywhere, fine
from tests.support.waiting import eventually_equal

GATE = "RawResourceStatusCollection"


@contextmanager
def merged(federation: Federation, resource: ResourceType, name: str, before: Manifest, after: Manifest) -> Iterator[None]:
    """A spec with some fields changed, for a while."""
    key = ObjectKey(SYSTEM, name)
    federation.host.merge(resource, key, {"spec": before})
    try:
        yield
    finally:
        federation.host.merge(resource, key, {"spec": after})


def replicas_told(shop: Shop, wish: FederatedBuilder) -> dict[str, int]:
    """The replicas that each member's Deployment has, in the words of the federated object."""
    status = (shop.stored(wish) or {}).get("status") or {}
    return {entry["name"]: entry.get("remoteStatus", {}).get("replicas") for entry in status.get("clusters") or ()}


def test_under_the_gate_a_federated_object_shows_the_statuses_of_its_copies(
    federation: Federation, empty_shop: Shop, new_controller: Callable[[], Controller]
) -> None:
    shop, controller = empty_shop, new_controller()
    gates = {"featureGates": [{"name": GATE, "configuration": "Enabled"}]}
    no_gates = {"featureGates": [{"name": GATE, "configuration": "Disabled"}]}
    collected, not_collected = {"statusCollection": "Enabled"}, {"statusCollection": None}
    with (
        merged(federation, CONFIGS, CONFIG_NAME, gates, no_gates),
        merged(federation, TYPE_CONFIGS, "deployments.apps", collected, not_collected),
    ):
        controller.start()
        wish = shop.create(shop.deployment(replicas=2))
        shop.await_told(wish, fine(*MEMBERS))
        eventually_equal(lambda: replicas_told(shop, wish), everywhere(2))
        shop.edit(shop.deployment(replicas=3))
        eventually_equal(lambda: replicas_told(shop, wish), everywhere(3))
        controller.stop()


def test_without_the_gate_services_have_a_status_object_of_their_own(
    federation: Federation, empty_shop: Shop, new_controller: Callable[[], Controller]
) -> None:
    shop, controller = empty_shop, new_controller()
    status_type = {"group": "core.kubefed.io", "version": "v1alpha1", "kind": "FederatedServiceStatus"}
    status_type |= {"pluralName": "federatedservicestatuses", "scope": "Namespaced"}
    enabled: Manifest = {"statusCollection": "Enabled", "statusType": status_type}
    with merged(federation, TYPE_CONFIGS, "services", enabled, dict.fromkeys(enabled)):
        controller.start()
        wish = (
            shop.a(kinds.SERVICES, "web")
            .with_template({"spec": {"type": "LoadBalancer", "ports": [{"port": 80}]}})
            .placed_on(*MEMBERS)
        )
        shop.settle(wish)
        resource = FederatedServiceStatus.resource_type
        expected = [{"clusterName": member, "status": {"loadBalancer": {}}} for member in MEMBERS]
        eventually_equal(lambda: (federation.host.find(resource, wish.key) or {}).get("clusterStatus"), expected)
        ingress = {"status": {"loadBalancer": {"ingress": [{"ip": "198.18.0.7"}]}}}
        federation.servers[MEMBER2].merge(kinds.SERVICES.target, wish.key, ingress, subresource="status")

        def addresses() -> dict[str, list[str]]:
            found = federation.host.get(resource, wish.key)["clusterStatus"]
            entries = {each["clusterName"]: each["status"]["loadBalancer"].get("ingress", []) for each in found}
            return {cluster: [entry["ip"] for entry in ingress] for cluster, ingress in entries.items()}

        eventually_equal(addresses, {MEMBER1: [], MEMBER2: ["198.18.0.7"]})
        [owner] = federation.host.get(resource, wish.key)["metadata"]["ownerReferences"]
        assert (owner["kind"], owner["name"]) == ("FederatedService", "web")
        controller.stop()
