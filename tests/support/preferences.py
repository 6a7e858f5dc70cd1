"""What people do with ReplicaSchedulingPreferences, and see of them, in the namespace of a test."""

from dataclasses import dataclass
from typing import Any

from kubefed.core.names import ObjectKey
from kubefed.scheduling.preference import PREFERENCES
from tests.builders.objects import FederatedBuilder
from tests.builders.preferences import PreferenceBuilder
from tests.support.manifests import Manifest
from tests.support.shop import Shop
from tests.support.waiting import eventually_equal

DIVIDED_S = 30.0


@dataclass(frozen=True, slots=True)
class Divider:
    """One federated workload of a shop, and the preference of the same name."""

    shop: Shop
    wish: FederatedBuilder

    def a_preference(self, total: int, **weights: int) -> PreferenceBuilder:
        """One that divides by these weights."""
        key = ObjectKey(self.shop.namespace, self.wish.key.name)
        spec = {"targetKind": self.wish.kind.federated.kind, "totalReplicas": total}
        return PreferenceBuilder(key, spec).weighing(**weights)

    def ask(self, preference: PreferenceBuilder) -> None:
        """Create the preference, or make the stored one ask for this."""
        host = self.shop.federation.host
        if host.find(PREFERENCES, preference.key) is None:
            host.create(PREFERENCES, preference.manifest())
        else:
            fields = dict.fromkeys(("clusters", "rebalance", "intersectWithClusterSelector"))
            host.merge(PREFERENCES, preference.key, {"spec": fields})
            host.merge(PREFERENCES, preference.key, {"spec": preference.spec})

    def withdraw(self) -> None:
        """Delete the preference."""
        assert self.shop.federation.host.delete(PREFERENCES, ObjectKey(self.shop.namespace, self.wish.key.name))

    def await_division(self, *, within_s: float = DIVIDED_S, **replicas: int) -> None:
        """Wait until the copies want so many replicas, and no other cluster has a copy."""
        eventually_equal(lambda: self.shop.copies(self.wish, "spec", "replicas"), replicas, within_s=within_s)

    def await_ready(self, *, within_s: float = DIVIDED_S, **replicas: int | None) -> None:
        """Wait until so many replicas are ready; None where a copy has no replica that could be."""
        eventually_equal(lambda: self.shop.copies(self.wish, "status", "readyReplicas"), replicas, within_s=within_s)

    def stored(self) -> Manifest:
        """The federated object, which must be there."""
        found = self.shop.stored(self.wish)
        assert found is not None
        return found

    def written(self) -> tuple[Any, Any]:
        """Placement and overrides of the federated object."""
        spec = self.stored()["spec"]
        return spec.get("placement"), spec.get("overrides")
