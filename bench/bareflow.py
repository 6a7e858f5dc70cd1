"""The floor: the writes that a federation cannot do without, and no rules.

`python -m bench.bareflow KUBECONFIG TYPE MEMBER...`

Watches federated objects of one type and for each new one writes the finalizer, one copy a member, the PropagatedVersion
with its status, and the status; for each deleted one reads it once more, deletes the copies, and drops the finalizer. What
this takes is what the API servers and Python's HTTP allow.
"""

import asyncio
import sys
from dataclasses import dataclass, field
from typing import Any

import orjson

from bench.rig import NAMESPACE
from bench.subjects import SUBJECTS, Subject
from kubefed.core.names import ObjectKey
from kubefed.kube.client import Client
from kubefed.kube.host import load_context
from kubefed.sync.versions import PROPAGATED_VERSIONS

_FINALIZER = "kubefed.io/sync-controller"
_AT_ONCE = 16


@dataclass(frozen=True, slots=True)
class _Member:
    """A member, and the uids of the copies that its watch has shown."""

    client: Client
    uids: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Flow:
    """Everything it works with."""

    host: Client
    members: tuple[_Member, ...]
    subject: Subject

    async def create(self, found: dict[str, Any]) -> None:
        """Serve one new federated object."""
        name, federated, target = found["metadata"]["name"], self.subject.federated, self.subject.target
        key, record = ObjectKey(NAMESPACE, name), ObjectKey(NAMESPACE, f"{target.kind.lower()}-{name}")
        patched = await self.host.patch(federated, key, orjson.dumps({"metadata": {"finalizers": [_FINALIZER]}}))
        copy = {"metadata": {"name": name, "labels": {"kubefed.io/managed": "true"}}, **found["spec"]["template"]}
        body = orjson.dumps({"apiVersion": target.api_version, "kind": target.kind, **copy})
        await asyncio.gather(*(member.client.create(target, NAMESPACE, body) for member in self.members))
        version = {"apiVersion": "core.kubefed.io/v1alpha1", "kind": "PropagatedVersion", "metadata": {"name": record.name}}
        created = await self.host.create(PROPAGATED_VERSIONS, NAMESPACE, orjson.dumps(version))
        version["metadata"] = {"name": record.name, "resourceVersion": str(created.resource_version)}
        version["status"] = {"templateVersion": "", "overridesVersion": "", "clusterVersions": []}
        await self.host.replace(PROPAGATED_VERSIONS, record, orjson.dumps(version), subresource="status")
        told = {
            "apiVersion": federated.api_version,
            "kind": federated.kind,
            "metadata": {"name": name, "resourceVersion": str(patched.resource_version)},
            "status": {"conditions": [{"type": "Propagation", "status": "True"}]},
        }
        await self.host.replace(federated, key, orjson.dumps(told), subresource="status")

    async def delete(self, found: dict[str, Any]) -> None:
        """Serve one federated object that is being deleted."""
        key, target = ObjectKey(NAMESPACE, found["metadata"]["name"]), self.subject.target
        await self.host.get(self.subject.federated, key)
        await asyncio.gather(*(member.client.delete(target, key, uid=member.uids[key.name]) for member in self.members))
        await self.host.patch(self.subject.federated, key, orjson.dumps({"metadata": {"finalizers": []}}))

    async def watch_copies(self, member: _Member, opened: asyncio.Event) -> None:
        """Watch the copies, as every controller must, for their uids."""
        client, target = member.client, self.subject.target
        async for page in client.pages(target, namespace=NAMESPACE, metadata_only=True):
            since = page.metadata.resource_version
        async for event in client.watch(
            target, since=since, timeout_s=3600, namespace=NAMESPACE, metadata_only=True, opened=opened.set
        ):
            if event.type == "ADDED":
                copy = client.projector.metadata(event.object)
                member.uids[copy.name] = copy.uid


async def flow(kubeconfig: str, plural: str, contexts: list[str]) -> None:
    """Run until killed. Prints `ready` when it watches."""
    host, *clients = [
        Client(load_context(kubeconfig, context).connection, agent=lambda: "bareflow") for context in ("host", *contexts)
    ]
    work = _Flow(host, tuple(_Member(client) for client in clients), SUBJECTS[plural])
    watching = [asyncio.Event() for _ in work.members]
    turns = asyncio.Semaphore(_AT_ONCE)
    seen: set[str] = set()
    deleting: set[str] = set()

    async def handle(found: dict[str, Any]) -> None:
        async with turns:
            await (work.delete(found) if "deletionTimestamp" in found["metadata"] else work.create(found))

    def opened() -> None:
        sys.stdout.write("ready\n")
        sys.stdout.flush()

    async with asyncio.TaskGroup() as tasks:
        for member, opening in zip(work.members, watching, strict=True):
            tasks.create_task(work.watch_copies(member, opening))
        await asyncio.gather(*(opening.wait() for opening in watching))
        federated = work.subject.federated
        async for page in host.pages(federated, namespace=NAMESPACE):
            since = page.metadata.resource_version
        async for event in host.watch(federated, since=since, timeout_s=3600, namespace=NAMESPACE, opened=opened):
            found = orjson.loads(bytes(event.object))
            group = deleting if "deletionTimestamp" in found.get("metadata", {}) else seen
            if event.type in ("ADDED", "MODIFIED") and found["metadata"]["uid"] not in group:
                group.add(found["metadata"]["uid"])
                tasks.create_task(handle(found))


if __name__ == "__main__":
    asyncio.run(flow(sys.argv[1], sys.argv[2], sys.argv[3:]))
