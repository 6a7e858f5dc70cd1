"""Worlds and histories of a made-up federation, in which everything is as it should be until a test says otherwise."""

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from kubefed.core.names import ObjectKey
from tests.builders.kinds import CONFIG_MAPS, NAMESPACES
from tests.chaos.validators.history import History
from tests.chaos.validators.world import Manifest, Named, World
from tests.support.audit import Request

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
TYPES = (CONFIG_MAPS, NAMESPACES)
SETTINGS: Named = (CONFIG_MAPS.name, ObjectKey("shop", "settings"))
SHOP: Named = (NAMESPACES.name, ObjectKey("shop", "shop"))
CONTROLLER, PERSON = "kubefed/1 leader=3", "kubectl"


def a_federated(name: str, *members: str, **spec: Any) -> Manifest:
    """A federated object that is placed on these members and says that all is well there."""
    return {
        "metadata": {"name": name, "namespace": "shop", "generation": 1},
        "spec": {"placement": {"clusters": [{"name": member} for member in members]}, **spec},
        "status": {
            "observedGeneration": 1,
            "conditions": [{"type": "Propagation", "status": "True"}],
            "clusters": [{"name": member} for member in members],
        },
    }


def a_copy(name: str, **fields: Any) -> Manifest:
    """A marked object of a member."""
    return {"metadata": {"name": name, "labels": {"kubefed.io/managed": "true"}}, **fields}


def a_record(*, ready: bool = True, **labels: str) -> Manifest:
    """A KubeFedCluster."""
    return {"metadata": {"labels": labels}, "status": {"conditions": [{"type": "Ready", "status": str(ready)}]}}


def a_world(**changes: Any) -> World:
    """shop/settings, placed on `eu` and `us` and there; `asia` is a member as well. `changes` replace fields."""
    settings = a_federated("settings", "eu", "us", template={"data": {"colour": "red"}})
    shop = a_federated("shop", "eu", "us")
    copies = {SETTINGS: a_copy("settings", data={"colour": "red"}), SHOP: a_copy("shop")}
    world = World(
        types=TYPES,
        federated={SETTINGS: settings, SHOP: shop},
        clusters={"eu": a_record(), "us": a_record(), "asia": a_record()},
        namespaces=frozenset({"shop"}),
        copies={"eu": copies, "us": copies, "asia": {}},
    )
    return replace(world, **changes)


@dataclass(frozen=True)
class Log:
    """What was asked of the host and of the member `eu`, told second by second."""

    host: tuple[Request, ...] = ()
    eu: tuple[Request, ...] = field(default=())

    def told(self, answer: Manifest, *, code: int = 200, second: float = 0, uri: str = "", **fields: Any) -> Self:
        """The host was asked by the controller about shop/settings, or about what `fields` say, and answered."""
        about = {"resource": "federatedconfigmaps", "group": "types.kubefed.io", "name": "settings", "verb": "get"} | fields
        return replace(self, host=(*self.host, a_request(second, code=code, answer=answer, uri=uri, **about)))

    def written(self, verb: str, second: float = 1, **fields: Any) -> Self:
        """The controller wrote the copy in `eu`, or something else that `fields` name."""
        about = {"resource": "configmaps", "name": "settings", "verb": verb} | fields
        return replace(self, eu=(*self.eu, a_request(second, **about)))

    def history(self) -> History:
        """All of it."""
        return History(TYPES, self.host, {"eu": self.eu})


def a_request(second: float, **fields: Any) -> Request:
    """One answered request of the controller in the namespace shop, so many seconds after noon."""
    at = NOON + timedelta(seconds=second)
    about: dict[str, Any] = {
        "received_at": at,
        "answered_at": at + timedelta(milliseconds=5),
        "verb": "get",
        "uri": "",
        "group": "",
        "resource": "",
        "subresource": "",
        "namespace": "shop",
        "name": "",
        "agent": CONTROLLER,
        "user": "",
        "code": 200,
        "sent": {"preconditions": {"uid": "the-very-one"}},
        "answer": {},
    }
    return Request(**{**about, **fields})
