"""The floor: the writes that a federation cannot do without, and no rules. `python -m bench.bareflow KUBECONFIG MEMBER...`

Watches FederatedConfigMaps and for each new one writes the finalizer, one copy a member, the PropagatedVersion with its
status, and the status; for each deleted one reads it once more, deletes the copies, and drops the finalizer. What this
takes is what the API servers and Python's HTTP allow.
"""

import asyncio
import sys
from typing import Any

import orjson

from bench.observers import CONFIG_MAPS, FEDERATED_CONFIG_MAPS
from bench.rig import NAMESPACE
from kubefed.core.names import ObjectKey
from kubefed.kube.client import Client
from kubefed.kube.host import load_context
from kubefed.sync.versions import PROPAGATED_VERSIONS

_FINALIZER = "kubefed.io/sync-controller"
_AT_ONCE = 16


async def _create(host: Client, members: list[Client], found: dict[str, Any]) -> None:
    name = found["metadata"]["name"]
    key, record = ObjectKey(NAMESPACE, name), ObjectKey(NAMESPACE, f"configmap-{name}")
    patched = await host.patch(FEDERATED_CONFIG_MAPS, key, orjson.dumps({"metadata": {"finalizers": [_FINALIZER]}}))
    copy = {"metadata": {"name": name, "labels": {"kubefed.io/managed": "true"}}, **found["spec"]["template"]}
    body = orjson.dumps({"apiVersion": "v1", "kind": "ConfigMap", **copy})
    await asyncio.gather(*(member.create(CONFIG_MAPS, NAMESPACE, body) for member in members))
    version = {"apiVersion": "core.kubefed.io/v1alpha1", "kind": "PropagatedVersion", "metadata": {"name": record.name}}
    created = await host.create(PROPAGATED_VERSIONS, NAMESPACE, orjson.dumps(version))
    version["metadata"] = {"name": record.name, "resourceVersion": str(created.resource_version)}
    version["status"] = {"templateVersion": "", "overridesVersion": "", "clusterVersions": []}
    await host.replace(PROPAGATED_VERSIONS, record, orjson.dumps(version), subresource="status")
    status = {"conditions": [{"type": "Propagation", "status": "True"}]}
    told = {
        "apiVersion": "types.kubefed.io/v1beta1",
        "kind": "FederatedConfigMap",
        "metadata": {"name": name, "resourceVersion": str(patched.resource_version)},
        "status": status,
    }
    await host.replace(FEDERATED_CONFIG_MAPS, key, orjson.dumps(told), subresource="status")


async def _delete(host: Client, members: list[Client], copies: list[dict[str, str]], found: dict[str, Any]) -> None:
    key = ObjectKey(NAMESPACE, found["metadata"]["name"])
    await host.get(FEDERATED_CONFIG_MAPS, key)
    await asyncio.gather(
        *(member.delete(CONFIG_MAPS, key, uid=uids[key.name]) for member, uids in zip(members, copies, strict=True))
    )
    await host.patch(FEDERATED_CONFIG_MAPS, key, orjson.dumps({"metadata": {"finalizers": []}}))


async def _uids(member: Client, uids: dict[str, str], opened: asyncio.Event) -> None:
    """Watch the copies, as every controller must, for their uids."""
    async for page in member.pages(CONFIG_MAPS, namespace=NAMESPACE, metadata_only=True):
        since = page.metadata.resource_version
    async for event in member.watch(
        CONFIG_MAPS, since=since, timeout_s=3600, namespace=NAMESPACE, metadata_only=True, opened=opened.set
    ):
        if event.type == "ADDED":
            copy = member.projector.metadata(event.object)
            uids[copy.name] = copy.uid


async def flow(kubeconfig: str, contexts: list[str]) -> None:
    """Run until killed. Prints `ready` when it watches."""
    host, *members = [
        Client(load_context(kubeconfig, context).connection, agent=lambda: "bareflow") for context in ("host", *contexts)
    ]
    copies: list[dict[str, str]] = [{} for _ in members]
    watching = [asyncio.Event() for _ in members]
    turns = asyncio.Semaphore(_AT_ONCE)
    seen: set[str] = set()
    deleting: set[str] = set()

    async def handle(found: dict[str, Any]) -> None:
        async with turns:
            if "deletionTimestamp" in found["metadata"]:
                await _delete(host, members, copies, found)
            else:
                await _create(host, members, found)

    def opened() -> None:
        sys.stdout.write("ready\n")
        sys.stdout.flush()

    async with asyncio.TaskGroup() as tasks:
        for member, uids, opening in zip(members, copies, watching, strict=True):
            tasks.create_task(_uids(member, uids, opening))
        await asyncio.gather(*(opening.wait() for opening in watching))
        async for page in host.pages(FEDERATED_CONFIG_MAPS, namespace=NAMESPACE):
            since = page.metadata.resource_version
        async for event in host.watch(
            FEDERATED_CONFIG_MAPS, since=since, timeout_s=3600, namespace=NAMESPACE, opened=opened
        ):
            found = orjson.loads(bytes(event.object))
            group = deleting if "deletionTimestamp" in found.get("metadata", {}) else seen
            if event.type in ("ADDED", "MODIFIED") and found["metadata"]["uid"] not in group:
                group.add(found["metadata"]["uid"])
                tasks.create_task(handle(found))


if __name__ == "__main__":
    asyncio.run(flow(sys.argv[1], sys.argv[2:]))
