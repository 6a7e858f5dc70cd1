"""The KubeFedConfig at start: made when there is none, completed, decided on once, and never robbed of what is in it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from kubefed.api.core_v1beta1 import KubeFedConfig, Scope, Trust
from kubefed.app.config import FEDERATION_ID_ANNOTATION, TRUST_ANNOTATION, Configuration, load_configuration
from kubefed.core.errors import ApiError, Misconfigured, Unintelligible
from kubefed.core.names import ObjectKey
from kubefed.sync.versions import PROPAGATED_VERSIONS
from tests.builders.clusters import SYSTEM
from tests.builders.served import Served
from tests.fakes.apiserver import FakeApiServer, html, refuse, send
from tests.fakes.objects import page

RESOURCE = KubeFedConfig.resource_type
KEY = ObjectKey(SYSTEM, "kubefed")
PATH = RESOURCE.object_path(KEY)


class Host:
    """A fake host with or without a KubeFedConfig."""

    def __init__(self, server: FakeApiServer) -> None:
        self.server = server
        self.configs = Served(server, RESOURCE, SYSTEM)
        self.versions = Served(server, PROPAGATED_VERSIONS)
        server.on("GET", PATH, refuse(404, "NotFound"))

    def holds(self, spec: dict[str, Any] | None = None, **metadata: Any) -> None:
        """A KubeFedConfig as KubeFed's chart leaves it, or with this spec."""
        kind = {"apiVersion": RESOURCE.api_version, "kind": RESOURCE.kind}
        named = {"name": KEY.name, "namespace": SYSTEM, **metadata}
        self.configs.put({**kind, "metadata": named, "spec": {"scope": "Cluster"} if spec is None else spec})

    @property
    def stored(self) -> dict[str, Any]:
        return self.configs.objects[KEY]

    async def load(self) -> Configuration:
        return await load_configuration(self.server.client(), SYSTEM)


@asynccontextmanager
async def a_host() -> AsyncIterator[Host]:
    async with FakeApiServer() as server:
        yield Host(server)


async def test_a_config_is_made_with_every_default_when_there_is_none() -> None:
    async with a_host() as host:
        loaded = await host.load()
        spec = host.stored["spec"]
        assert (spec["scope"], spec["trust"]) == ("Cluster", "Strict")
        assert spec["clusterHealthCheck"] == {
            "period": "10s",
            "failureThreshold": 3,
            "successThreshold": 1,
            "timeout": "3s",
        }
        assert spec["leaderElect"]["leaseDuration"] == "15s"
        assert spec["controllerDuration"] == {
            "availableDelay": "20s",
            "unavailableDelay": "1m0s",
            "cacheSyncTimeout": "5m0s",
        }
        assert (loaded.trust, Scope(loaded.spec.scope)) == (Trust.STRICT, Scope.CLUSTER)
        assert host.stored["metadata"]["annotations"][FEDERATION_ID_ANNOTATION] == loaded.federation_id


async def test_the_next_start_finds_the_same_federation_and_writes_nothing() -> None:
    async with a_host() as host:
        first = await host.load()
        host.configs.writes.clear()
        second = await host.load()
        assert (second.federation_id, second.trust, second.spec) == (first.federation_id, first.trust, first.spec)
        assert host.configs.writes == []


async def test_two_replicas_that_start_together_agree_on_one_federation() -> None:
    for there in (False, True):
        async with a_host() as host:
            if there:
                host.holds()
            loaded = await asyncio.gather(*(host.load() for _ in range(4)))
            assert len({each.federation_id for each in loaded}) == 1
            assert len(host.configs.writes) == 1


async def test_what_a_person_wrote_stays_and_only_what_is_missing_is_filled_in() -> None:
    async with a_host() as host:
        host.holds({"scope": "Namespaced", "clusterHealthCheck": {"period": "30s"}}, labels={"own": "label"})
        await host.load()
        assert host.stored["spec"]["scope"] == "Namespaced"
        assert host.stored["spec"]["clusterHealthCheck"]["period"] == "30s"
        assert host.stored["spec"]["clusterHealthCheck"]["timeout"] == "3s"
        assert host.stored["metadata"]["labels"] == {"own": "label"}


async def test_fields_that_only_another_version_knows_survive_being_completed() -> None:
    async with a_host() as host:
        kept = {"finalizers": ["own/f"], "ownerReferences": [{"name": "o"}]}
        host.holds({"scope": "Cluster", "ofTomorrow": {"a": 1}, "leaderElect": {"ofTomorrow": 2}}, **kept)
        await host.load()
        spec = host.stored["spec"]
        assert (spec["ofTomorrow"], spec["leaderElect"]["ofTomorrow"]) == ({"a": 1}, 2)
        assert spec["leaderElect"]["renewDeadline"] == "10s"
        assert {name: host.stored["metadata"][name] for name in kept} == kept


# --- trust ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("spec", "annotations", "trust"),
    [
        ({}, {}, Trust.COMPATIBLE),
        ({}, {FEDERATION_ID_ANNOTATION: "ours"}, Trust.STRICT),
        ({"trust": "Strict"}, {}, Trust.STRICT),
        ({"trust": "Compatible"}, {FEDERATION_ID_ANNOTATION: "ours"}, Trust.COMPATIBLE),
        ({}, {TRUST_ANNOTATION: "Compatible", FEDERATION_ID_ANNOTATION: "ours"}, Trust.COMPATIBLE),
        ({"trust": "Strict"}, {TRUST_ANNOTATION: "Compatible"}, Trust.STRICT),
        ({}, {TRUST_ANNOTATION: "nonsense"}, Trust.STRICT),
    ],
)
async def test_trust_is_decided_once_and_written_down(
    spec: dict[str, Any], annotations: dict[str, str], trust: Trust
) -> None:
    async with a_host() as host:
        host.holds({"scope": "Cluster", **spec}, annotations=annotations)
        assert (await host.load()).trust is trust
        assert host.stored["spec"]["trust"] == host.stored["metadata"]["annotations"][TRUST_ANNOTATION] == str(trust)
        assert (await host.load()).trust is trust


async def test_versions_that_kubefed_recorded_count_as_a_kubefed_that_is_taken_over() -> None:
    async with a_host() as host:
        host.versions.put({"metadata": {"name": "configmap-a", "namespace": "shop"}})
        assert (await host.load()).trust is Trust.COMPATIBLE


async def test_a_host_that_cannot_say_whether_there_was_a_kubefed_decides_nothing() -> None:
    async with a_host() as host:
        path = PROPAGATED_VERSIONS.collection_path()
        host.server.on("GET", path, refuse(500, "InternalError"))
        with pytest.raises(ApiError):
            await host.load()
        assert host.configs.writes == []


async def test_a_misspelt_trust_is_said_so_and_not_written_over() -> None:
    async with a_host() as host:
        host.holds({"scope": "Cluster", "trust": "compatible"})
        with pytest.raises(Misconfigured, match=r"spec\.trust"):
            await host.load()
        assert host.stored["spec"]["trust"] == "compatible"


# --- what cannot be used ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("spec", "named"),
    [
        ({}, "spec.scope"),
        ({"scope": "Galaxy"}, "spec.scope"),
        ({"scope": "Cluster", "clusterHealthCheck": {"period": "0s"}}, "spec.clusterHealthCheck.period"),
        ({"scope": "Cluster", "clusterHealthCheck": {"failureThreshold": -1}}, "failureThreshold"),
        ({"scope": "Cluster", "leaderElect": {"leaseDuration": "1s"}}, "spec.leaderElect"),
        ({"scope": "Cluster", "allowedEndpointRanges": ["everywhere"]}, "spec.allowedEndpointRanges"),
        ({"scope": 7}, "scope"),
        ({"scope": "Cluster", "leaderElect": "often"}, "leaderElect"),
    ],
)
async def test_an_invalid_config_is_refused_by_its_fields_and_left_as_it_is(spec: dict[str, Any], named: str) -> None:
    async with a_host() as host:
        host.holds(spec)
        with pytest.raises(Misconfigured, match=named.replace(".", r"\.")):
            await host.load()
        assert host.configs.writes == []


async def test_a_host_without_our_crds_says_what_to_install() -> None:
    async with a_host() as host:
        host.server.on("GET", PATH, refuse(404, ""))
        with pytest.raises(Misconfigured, match="fedctl install"):
            await host.load()


async def test_a_load_balancers_page_is_no_config_and_no_bug() -> None:
    async with a_host() as host:
        host.server.on("GET", PATH, html())
        with pytest.raises(Unintelligible):
            await host.load()


async def test_somebody_who_keeps_changing_the_config_is_told_of_in_the_end() -> None:
    async with a_host() as host:
        host.holds()
        host.server.on("PUT", PATH, refuse(409, "Conflict"))
        with pytest.raises(Misconfigured, match="keeps being changed"):
            await host.load()
        assert len(host.server.seen("PUT")) == 5


async def test_of_recorded_versions_no_more_is_read_than_whether_there_are_any() -> None:
    async with a_host() as host:
        many = [{"metadata": {"name": f"configmap-{number}", "resourceVersion": "1"}} for number in range(3)]
        host.server.on("GET", PROPAGATED_VERSIONS.collection_path(), send(page(*many, go_on="more")))
        await host.load()
        assert len(host.server.seen("GET", PROPAGATED_VERSIONS.collection_path())) == 1
