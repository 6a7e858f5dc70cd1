"""What is measured on: a sandbox with kubefed installed and joined as a person does it."""

import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import orjson

from bench.subjects import CONFIG_MAPS, Subject
from fedctl.sandbox.running import Sandbox
from kubefed.clusters.survey import NAMESPACES
from kubefed.core.names import ResourceType
from kubefed.kube.client import Client
from kubefed.kube.host import load_context
from tests.support.commands import fedctl

NAMESPACE = "bench"
FEDERATED_NAMESPACES = ResourceType(
    "types.kubefed.io", "v1beta1", "federatednamespaces", "FederatedNamespace", namespaced=True
)


@dataclass(frozen=True, slots=True)
class Rig:
    """The clusters under measurement."""

    sandbox: Sandbox
    subject: Subject = CONFIG_MAPS

    @property
    def members(self) -> list[str]:
        """The contexts of the members."""
        return [member.name for member in self.sandbox.members]

    def client(self, context: str) -> Client:
        """A client of the bench's own for one cluster. To be closed by the caller."""
        return Client(load_context(str(self.sandbox.kubeconfig), context).connection, agent=lambda: "kubefed-bench")

    def fedctl(self, *arguments: str) -> None:
        """Run fedctl against the host; fails the run when it fails."""
        fedctl(self.sandbox.kubeconfig, *arguments)


@contextmanager
def a_rig(members: int, subject: Subject = CONFIG_MAPS) -> Iterator[Rig]:
    """A fresh federation without controllers in the clusters; removed at the end, also when this process is killed."""
    with Sandbox.started(members, name=f"bench-{os.getpid()}", owner=True, controllers=False) as sandbox:
        rig = Rig(sandbox, subject)
        rig.fedctl("install", "--host-cluster-context", "host", "--allowed-endpoint-range", "127.0.0.0/8")
        for member in rig.members:
            rig.fedctl("join", "cluster", member, "--host-cluster-context", "host")
        asyncio.run(_make_namespaces(rig))
        yield rig


async def _make_namespaces(rig: Rig) -> None:
    """A federated namespace; in the members as well, because the bare flow knows nothing of namespaces."""
    body = orjson.dumps({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": NAMESPACE}})
    for context in ("host", *rig.members):
        client = rig.client(context)
        await client.create(NAMESPACES, "", body)
        if context == "host":
            federated = {
                "apiVersion": FEDERATED_NAMESPACES.api_version,
                "kind": FEDERATED_NAMESPACES.kind,
                "metadata": {"name": NAMESPACE, "namespace": NAMESPACE},
                "spec": {"placement": {"clusterSelector": {}}},
            }
            await client.create(FEDERATED_NAMESPACES, NAMESPACE, orjson.dumps(federated))
        await client.close()
