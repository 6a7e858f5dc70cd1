"""What KubeFed leaves behind: objects of five kinds in three members, most as they should be, some not."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from kubefed.core.names import ObjectKey
from tests.builders import kinds
from tests.builders.objects import FederatedBuilder
from tests.e2e.takeover.kubefed_of_old import KubeFedOfOld
from tests.support.audit import Request
from tests.support.federation import MEMBER1, MEMBER2, Federation
from tests.support.manifests import Manifest, encoded, field_of, replace
from tests.support.shop import Shop
from tests.support.waiting import eventually

MEMBER3 = "member3"
MEMBERS = (MEMBER1, MEMBER2, MEMBER3)
_ODD_TEXT = '<b>&\u2028é\t"quoted" 😀'
_BUSY_S = 60.0


def everywhere(value: Any) -> dict[str, Any]:
    """The same in all three."""
    return dict.fromkeys(MEMBERS, value)


@dataclass(frozen=True, slots=True)
class Write:
    """One write to a member that must happen. `changes`: a field that it must name."""

    member: str
    verb: str
    wish: FederatedBuilder
    changes: str = ""

    @property
    def counted_as(self) -> tuple[str, str, str, str]:
        """As an audit log has it."""
        return self.member, self.verb, self.wish.kind.target.plural, self.wish.key.name

    @property
    def printed_as(self) -> str:
        """As a shadow run begins its line."""
        target, key = self.wish.kind.target, self.wish.key
        path = target.object_path(key if target.namespaced else ObjectKey("", key.name))
        return f"{self.member}  {self.verb}  {path}"


@dataclass(slots=True)
class Estate:
    """Two federated namespaces and what is in the first."""

    shop: Shop
    annex: Shop
    in_sync: list[FederatedBuilder] = field(default_factory=list)
    out_of_sync: list[FederatedBuilder] = field(default_factory=list)
    due: list[Write] = field(default_factory=list)

    @classmethod
    def of(cls, federation: Federation) -> Self:
        """Nothing yet, in namespaces of its own."""
        name = f"takeover-{os.urandom(2).hex()}"
        return cls(Shop(federation, name), Shop(federation, f"{name}-annex"))

    @property
    def wishes(self) -> Sequence[FederatedBuilder]:
        """All federated objects."""
        return [*self.in_sync, *self.out_of_sync]

    def owns(self, request: Request) -> bool:
        """Whether the request was about one of ours."""
        return bool({request.namespace, request.name} & {self.shop.namespace, self.annex.namespace})

    def record_key(self, wish: FederatedBuilder) -> ObjectKey:
        """Where its PropagatedVersion is."""
        return ObjectKey(wish.key.namespace, f"{wish.kind.target.kind.lower()}-{wish.key.name}")

    # --- what is wished ----------------------------------------------------------------------------------------

    def secret(self, name: str) -> FederatedBuilder:
        """A FederatedSecret."""
        return self.shop.a(kinds.SECRETS, name).with_template({"data": {"word": encoded("red")}}).placed_on(*MEMBERS)

    def service(self, name: str) -> FederatedBuilder:
        """A FederatedService, to which each member gives an address of its own."""
        spec = {"selector": {"app": name}, "ports": [{"name": "http", "port": 80, "protocol": "TCP"}]}
        return self.shop.a(kinds.SERVICES, name).with_template({"spec": spec}).placed_on(*MEMBERS)

    def overridden(self) -> FederatedBuilder:
        """A FederatedDeployment that is another in the second member."""
        note = replace("/spec/template/metadata/annotations", {"note": _ODD_TEXT})
        return self.shop.deployment("web").overridden(MEMBER2, replace("/spec/replicas", 5), note)

    # --- what happens ------------------------------------------------------------------------------------------

    def build(self, kubefed: KubeFedOfOld) -> None:
        """People create, KubeFed propagates."""
        for shop in (self.shop, self.annex):
            shop.open(*MEMBERS)
            kubefed.propagate(shop.fed_namespace().placed_on(*MEMBERS))
        odd = self.shop.config_map("odd", text=_ODD_TEXT, empty="")
        plain = [self.shop.config_map("settings"), self.secret("password"), self.service("door"), self.overridden()]
        for_later = [self.shop.deployment("doomed"), self.shop.config_map("orphan")]
        self.in_sync = [*plain, odd, *for_later]
        for wish in self.in_sync:
            kubefed.propagate(self.shop.create(wish), told_as=(MEMBER2, MEMBER3, MEMBER1) if wish is odd else ())
        self.in_sync.append(self.shop.fed_namespace().placed_on(*MEMBERS))
        self._build_what_will_drift(kubefed)

    def _build_what_will_drift(self, kubefed: KubeFedOfOld) -> None:
        self.out_of_sync = [
            self.shop.deployment("drifted"),
            self.shop.config_map("drifted"),
            self.secret("drifted"),
            self.service("drifted"),
            self.shop.config_map("lost"),
            self.shop.config_map("edited"),
            self.shop.config_map("deleted"),
        ]
        for wish in self.out_of_sync:
            kubefed.propagate(self.shop.create(wish))
        self.out_of_sync.append(self.annex.fed_namespace().placed_on(*MEMBERS))

    def drift(self) -> None:
        """What people do while nobody looks, once the members' own controllers have left their marks."""
        for wish in self.wishes:
            if wish.kind is kinds.DEPLOYMENTS:
                eventually(self._seen_by_members(wish), f"the members have seen {wish.key}", within_s=_BUSY_S)
        deployment, config_map, secret, service, lost, edited, deleted, namespace = self.out_of_sync
        self._changed(deployment, MEMBER1, {"spec": {"replicas": 9}}, "spec.replicas")
        self._changed(config_map, MEMBER2, {"data": {"colour": "blue"}}, "data.colour")
        self._changed(secret, MEMBER1, {"data": {"word": encoded("blue")}}, "data.word")
        self._changed(service, MEMBER3, {"spec": {"selector": {"app": "other"}}}, "spec.selector.app")
        self._changed(namespace, MEMBER1, {"metadata": {"labels": {"team": "other"}}}, "metadata.labels.team")
        self.shop.remove(lost, MEMBER1)
        self.due.append(Write(MEMBER1, "create", lost))
        self.shop.edit(edited.with_template({"data": {"colour": "green"}}))
        self.due.extend(Write(member, "update", edited, "data.colour") for member in MEMBERS)
        self.shop.delete(deleted)
        self.due.extend(Write(member, "delete", deleted) for member in MEMBERS)

    def half_deleted(self) -> Manifest | None:
        """The object whose deletion KubeFed did not live to see."""
        return next((self.shop.stored(wish) for wish in self.out_of_sync if wish.key.name == "deleted"), None)

    def _changed(self, wish: FederatedBuilder, member: str, patch: Manifest, changes: str) -> None:
        self.shop.change(wish, member, patch)
        self.due.append(Write(member, "update", wish, changes))

    def _seen_by_members(self, wish: FederatedBuilder) -> Callable[[], bool]:
        return lambda: (
            self.shop.copies(wish, "status", "observedGeneration") == dict.fromkeys(MEMBERS, 1)
            and all(field_of(self.shop.copy(wish, member) or {}, "metadata", "annotations") for member in MEMBERS)
        )
