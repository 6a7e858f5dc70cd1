"""With a configuration in a file the host's own decides nothing but what is decided once, and is never written."""

from pathlib import Path

import pytest

from kubefed.api.core_v1beta1 import KubeFedConfig, Trust
from kubefed.app.config import FEDERATION_ID_ANNOTATION, TRUST_ANNOTATION, Configuration, load_configuration
from kubefed.core.errors import Misconfigured
from kubefed.core.names import ObjectKey
from kubefed.sync.versions import PROPAGATED_VERSIONS
from tests.builders.clusters import SYSTEM
from tests.builders.served import Served
from tests.fakes.apiserver import FakeApiServer, refuse, send
from tests.fakes.objects import page

RESOURCE = KubeFedConfig.resource_type
PATH = RESOURCE.object_path(ObjectKey(SYSTEM, "kubefed"))
KUBE_SYSTEM = "/api/v1/namespaces/kube-system"
FILE = """
apiVersion: core.kubefed.io/v1beta1
kind: KubeFedConfig
spec:
  scope: Cluster
  clusterHealthCheck:
    period: 7s
"""


def a_host(server: FakeApiServer) -> None:
    """Without a configuration and without records, but with an identity."""
    server.on("GET", PATH, refuse(404, "NotFound"))
    metadata = {"name": "kube-system", "uid": "u-1", "resourceVersion": "1"}
    server.on("GET", KUBE_SYSTEM, send({"kind": "PartialObjectMetadata", "metadata": metadata}))
    server.on("GET", PROPAGATED_VERSIONS.collection_path(""), send(page()))


async def load(server: FakeApiServer, folder: Path, text: str = FILE) -> Configuration:
    file = folder / "kubefed.yaml"
    file.write_text(text, encoding="utf-8")
    return await load_configuration(server.client(), SYSTEM, str(file))


async def test_it_counts_with_every_default_and_gets_the_same_id_at_every_start(tmp_path: Path) -> None:
    async with FakeApiServer() as server:
        a_host(server)
        first, second = await load(server, tmp_path), await load(server, tmp_path)
        assert first.spec.cluster_health_check is not None
        assert str(first.spec.cluster_health_check.period) == "7s"
        assert first.spec.leader_elect is not None
        assert first.trust is Trust.STRICT
        assert first.federation_id == second.federation_id != ""
        assert {request.verb for request in server.requests} == {"GET"}


async def test_what_was_decided_for_the_hosts_own_stands(tmp_path: Path) -> None:
    async with FakeApiServer() as server:
        a_host(server)
        configs = Served(server, RESOURCE, SYSTEM)
        decided = {FEDERATION_ID_ANNOTATION: "an-id", TRUST_ANNOTATION: "Compatible"}
        metadata = {"name": "kubefed", "namespace": SYSTEM, "annotations": decided}
        stored = {"apiVersion": RESOURCE.api_version, "kind": RESOURCE.kind, "metadata": metadata}
        configs.put({**stored, "spec": {"scope": "Namespaced", "clusterHealthCheck": {"period": "99s"}}})
        loaded = await load(server, tmp_path)
        assert (loaded.federation_id, loaded.trust, loaded.spec.scope) == ("an-id", Trust.COMPATIBLE, "Cluster")
        assert loaded.spec.cluster_health_check is not None
        assert str(loaded.spec.cluster_health_check.period) == "7s"
        assert {request.verb for request in server.requests} == {"GET"}


async def test_a_host_that_does_not_tell_who_it_is_needs_an_id_in_the_file(tmp_path: Path) -> None:
    async with FakeApiServer() as server:
        a_host(server)
        server.on("GET", KUBE_SYSTEM, refuse(403, "Forbidden"))
        with pytest.raises(Misconfigured, match=FEDERATION_ID_ANNOTATION):
            await load(server, tmp_path)
        annotated = f"{FILE}metadata:\n  annotations:\n    {FEDERATION_ID_ANNOTATION}: mine\n"
        assert (await load(server, tmp_path, annotated)).federation_id == "mine"


async def test_a_file_that_is_not_valid_is_refused_with_its_fields(tmp_path: Path) -> None:
    async with FakeApiServer() as server:
        a_host(server)
        with pytest.raises(Misconfigured, match=r"spec\.scope"):
            await load(server, tmp_path, FILE.replace("Cluster", "Everything"))
