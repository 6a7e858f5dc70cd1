"""A KubeFed that still runs on the host: nothing is written until it is gone."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import orjson
import pytest

from fedctl.kinds import DEPLOYMENTS
from kubefed.core.markers import CONTROLLER_NAME
from kubefed.core.names import ObjectKey, ResourceType
from tests.e2e.conftest import Logs
from tests.support.controller import Controller
from tests.support.federation import SYSTEM, Federation
from tests.support.manifests import Manifest
from tests.support.waiting import eventually

KEY = ObjectKey(SYSTEM, CONTROLLER_NAME)
LEASE_S = 2
WAITS = "nothing is written while KubeFed runs on this host"


def a_lock(resource: ResourceType, renewed_at: datetime) -> Manifest:
    """KubeFed's lock as client-go wrote it."""
    leader = {
        "holderIdentity": "kubefed-controller-manager-0_1",
        "leaseDurationSeconds": LEASE_S,
        "renewTime": renewed_at.isoformat(timespec="seconds").replace("+00:00", "Z"),
        "leaderTransitions": 3,
    }
    annotations = {"control-plane.alpha.kubernetes.io/leader": orjson.dumps(leader).decode()}
    metadata = {"name": KEY.name, "namespace": KEY.namespace, "annotations": annotations}
    return {"apiVersion": "v1", "kind": resource.kind, "metadata": metadata}


def a_deployment_of_kubefeds() -> Manifest:
    """What KubeFed's chart installs, as far as it tells which program it is."""
    labels = {"kubefed-control-plane": "controller-manager"}
    container = {"name": "controller-manager", "image": "kubefed", "command": ["/hyperfed/controller-manager"]}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": KEY.name, "namespace": KEY.namespace},
        "spec": {
            "replicas": 1,
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": {"containers": [container]}},
        },
    }


@contextmanager
def existing(federation: Federation, resource: ResourceType, manifest: Manifest) -> Iterator[None]:
    """The object is there for a while."""
    federation.host.create(resource, manifest)
    try:
        yield
    finally:
        federation.host.delete(resource, KEY)


@pytest.mark.parametrize("kind", ["ConfigMap", "Endpoints"])
def test_a_lock_counts_as_held_until_it_has_not_been_renewed_for_its_duration(
    kind: str, federation: Federation, new_controller: Callable[[], Controller], logs: Logs
) -> None:
    lock = ResourceType("", "v1", "configmaps" if kind == "ConfigMap" else "endpoints", kind, namespaced=True)
    controller, begun = new_controller(), datetime.now(UTC)
    with existing(federation, lock, a_lock(lock, begun)):
        controller.launch()
        eventually(lambda: WAITS in controller.said(), "it says that it waits")
        assert controller.answer("readyz") == 503
        federation.host.merge(lock, KEY, {"metadata": a_lock(lock, datetime(2026, 1, 1, tzinfo=UTC))["metadata"]})
        logs.mark()
        eventually(lambda: controller.answer("readyz") == 200, "a lock that is renewed no more is given up")
        assert f"{kind} {KEY}" in controller.said()
    assert controller.stop() == 0


def test_a_deployment_of_kubefeds_must_be_scaled_to_nothing_first(
    federation: Federation, new_controller: Callable[[], Controller], logs: Logs
) -> None:
    controller = new_controller()
    with existing(federation, DEPLOYMENTS, a_deployment_of_kubefeds()):
        controller.launch()
        eventually(lambda: "scale deployment" in controller.said(), "it says what to do")
        assert controller.answer("readyz") == 503
        assert [each for each in logs.requests() if each.writes] == []
        federation.host.merge(DEPLOYMENTS, KEY, {"spec": {"replicas": 0}})
        eventually(lambda: controller.answer("readyz") == 200, "it starts")
    assert controller.stop() == 0
