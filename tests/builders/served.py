"""A collection that a fake server keeps as a real one would: list, watch, get, create, PUT, merge patch, delete.

    clusters = Served(server, KUBEFED_CLUSTERS, SYSTEM)
    clusters.put(a_record("eu").manifest())       # seen by whoever lists, and by whoever watches

Versions rise with each write; a write with an older one is a 409. `writes` says what clients changed, in order.
"""

import itertools
from collections.abc import Iterator
from typing import Any

import orjson
from aiohttp import web

from kubefed.core.names import ObjectKey, ResourceType
from tests.fakes.apiserver import FakeApiServer, refuse, send
from tests.fakes.objects import event, page

_VERSIONS: Iterator[int] = itertools.count(1000)
_WITHOUT_GENERATIONS = ("", "rbac.authorization.k8s.io")


class Served:
    """One resource type of one server. `namespace` is where lists and watches of it go; empty for everywhere.

    `label` is the label selector `name=value` of those who list and watch, where they have one.
    """

    def __init__(self, server: FakeApiServer, resource: ResourceType, namespace: str = "", *, label: str = "") -> None:
        self.resource = resource
        self._label = label
        self.objects: dict[ObjectKey, dict[str, Any]] = {}
        self.writes: list[tuple[str, ObjectKey]] = []
        self._server = server
        self._namespaces: set[str] = set()
        path = resource.collection_path(namespace)
        self._stream = server.stream(path)
        server.on("GET", path, self._list)
        self.accept_creations(namespace)

    def put(self, manifest: dict[str, Any]) -> int:
        """Somebody writes an object. Returns its resourceVersion."""
        metadata = manifest["metadata"]
        key = ObjectKey(metadata.get("namespace", ""), metadata["name"])
        known = self.objects.get(key)
        return self._store(key, manifest, "MODIFIED" if known else "ADDED")

    def drop(self, name: str, namespace: str = "") -> None:
        """Somebody deletes an object."""
        key = ObjectKey(namespace, name)
        gone = self.objects.pop(key)
        gone["metadata"]["resourceVersion"] = str(next(_VERSIONS))
        self._server.on("GET", self.resource.object_path(key), refuse(404, "NotFound"))
        self._stream.send(event("DELETED", gone))

    def get(self, name: str, namespace: str = "") -> dict[str, Any]:
        """An object as it is stored."""
        return self.objects[ObjectKey(namespace, name)]

    def _store(self, key: ObjectKey, manifest: dict[str, Any], kind: str) -> int:
        version = next(_VERSIONS)
        defaults: dict[str, Any] = {"uid": f"uid-of-{key}-{version}"}
        if self.resource.group not in _WITHOUT_GENERATIONS:
            defaults["generation"] = 1
        known = self.objects.get(key)
        kept = {"uid": known["metadata"]["uid"]} if known else {}
        manifest["metadata"] = defaults | kept | manifest["metadata"] | {"resourceVersion": str(version)}
        self.objects[key] = manifest
        if known is None:
            self._serve(key)
        if self._selects(manifest):
            self._stream.send(event(kind, manifest))
        elif known is not None:
            self._stream.send(event("DELETED", manifest))
        return version

    def _selects(self, manifest: dict[str, Any]) -> bool:
        name, _, value = self._label.partition("=")
        return not name or (manifest["metadata"].get("labels") or {}).get(name) == value

    def _serve(self, key: ObjectKey) -> None:
        """Answer for a new object; what a test has scripted for one that is there already stays."""
        self.accept_creations(key.namespace)
        path = self.resource.object_path(key)
        for verb, answer in (("GET", self._get), ("PUT", self._replace), ("PATCH", self._patch), ("DELETE", self._delete)):
            self._server.on(verb, path, answer)
        self._server.on("PUT", f"{path}/status", self._replace_status)
        self._server.on("PATCH", f"{path}/status", self._patch)

    def accept_creations(self, namespace: str) -> None:
        """Let objects be created in a namespace that holds none yet."""
        if namespace not in self._namespaces:
            self._namespaces.add(namespace)
            self._server.on("POST", self.resource.collection_path(namespace), self._create)

    def _key(self, request: web.BaseRequest) -> ObjectKey:
        parts = request.path.removesuffix("/status").split("/")
        return ObjectKey(parts[parts.index("namespaces") + 1] if self.resource.namespaced else "", parts[-1])

    async def _list(self, request: web.BaseRequest) -> web.StreamResponse:
        name = request.query.get("fieldSelector", "").partition("metadata.name=")[2]
        assert request.query.get("labelSelector", "") == self._label
        items = [item for key, item in self.objects.items() if name in ("", key.name) and self._selects(item)]
        return await send(page(*items, version=next(_VERSIONS)))(request)

    async def _get(self, request: web.BaseRequest) -> web.StreamResponse:
        return await send(self.objects[self._key(request)])(request)

    async def _create(self, request: web.BaseRequest) -> web.StreamResponse:
        manifest = orjson.loads(await request.read())
        key = ObjectKey(manifest["metadata"].get("namespace", ""), manifest["metadata"]["name"])
        if key in self.objects:
            return await refuse(409, "AlreadyExists")(request)
        self.writes.append(("create", key))
        self._store(key, manifest, "ADDED")
        return await send(self.objects[key], status=201)(request)

    async def _replace(self, request: web.BaseRequest) -> web.StreamResponse:
        return await self._write(request, "update", orjson.loads(await request.read()))

    async def _replace_status(self, request: web.BaseRequest) -> web.StreamResponse:
        given = orjson.loads(await request.read())
        stored = self.objects.get(self._key(request), {})
        metadata = {**stored.get("metadata", {}), "resourceVersion": given["metadata"].get("resourceVersion")}
        return await self._write(request, "status", {**stored, "metadata": metadata, "status": given.get("status")})

    async def _patch(self, request: web.BaseRequest) -> web.StreamResponse:
        patch = orjson.loads(await request.read())
        return await self._write(request, "patch", merged(self.objects.get(self._key(request), {}), patch))

    async def _write(self, request: web.BaseRequest, verb: str, manifest: dict[str, Any]) -> web.StreamResponse:
        key = self._key(request)
        known = self.objects.get(key)
        if known is None:
            return await refuse(404, "NotFound")(request)
        if manifest["metadata"].get("resourceVersion") != known["metadata"]["resourceVersion"]:
            return await refuse(409, "Conflict")(request)
        self.writes.append((verb, key))
        self._store(key, manifest, "MODIFIED")
        if manifest["metadata"].get("deletionTimestamp") and not manifest["metadata"].get("finalizers"):
            self.drop(key.name, key.namespace)
        return await send(manifest)(request)

    async def _delete(self, request: web.BaseRequest) -> web.StreamResponse:
        key = self._key(request)
        options = orjson.loads(await request.read() or b"{}")
        known = self.objects.get(key)
        if known is None:
            return await refuse(404, "NotFound")(request)
        if options.get("preconditions", {}).get("uid", known["metadata"]["uid"]) != known["metadata"]["uid"]:
            return await refuse(409, "Conflict")(request)
        self.writes.append(("delete", key))
        self.drop(key.name, key.namespace)
        return await send({"kind": "Status", "apiVersion": "v1", "status": "Success"})(request)


def merged(target: dict[str, Any], patch: dict[str, Any]) -> dict[str, Any]:
    """A JSON merge patch, as RFC 7396 has it."""
    result = dict(target)
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        elif isinstance(value, dict):
            inner = result.get(name)
            result[name] = merged(inner if isinstance(inner, dict) else {}, value)
        else:
            result[name] = value
    return result
