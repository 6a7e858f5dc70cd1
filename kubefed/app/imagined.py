"""Answers writes in a server's place: what the server would say, as far as that can be told without asking it.

For a process that computes everything and writes nothing. Reads go to the server; what was imagined to be written comes
back in the answer only, so that whoever asked goes on as if it had been.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from kubefed.core.errors import NotFound
from kubefed.kube import errors
from kubefed.kube.client import Client, StandIn
from kubefed.kube.messages import Request

_GONE = orjson.dumps({"kind": "Status", "apiVersion": "v1", "status": "Success"})
_FIRST_VERSION = 10**18
"""Above any resourceVersion that a server has reached."""
_MOST_PATHS = 8


@dataclass(frozen=True, slots=True)
class ImaginedWrite:
    """One write that was not made. `changes` are the paths of fields that it would change, without their values."""

    server: str
    verb: str
    path: str
    changes: tuple[str, ...] = ()


class Imagination:
    """The writes of one process that makes none. `told` hears each of them once."""

    def __init__(self, told: Callable[[ImaginedWrite], None]) -> None:
        self._told = told
        self._made: dict[tuple[str, str], dict[str, Any] | None] = {}
        self._version = _FIRST_VERSION

    def of(self, server: str) -> StandIn:
        """What answers the writes to one server, for `kube.Client`."""

        async def answer(client: Client, request: Request) -> bytes:
            return await self._answer(server, client, request)

        return answer

    async def _answer(self, server: str, client: Client, request: Request) -> bytes:
        given: dict[str, Any] = orjson.loads(request.body or b"{}")
        if request.verb == "POST":
            return self._created(server, request, given)
        path = request.path.removesuffix("/status")
        live = await self._live(server, client, path)
        if request.verb == "DELETE":
            self._told(ImaginedWrite(server, "DELETE", request.path))
            self._made[server, path] = None
            return _GONE
        wanted = _merged(live, given) if request.verb == "PATCH" else given
        if path != request.path:
            wanted = {**live, "status": wanted.get("status")}
        self._told(ImaginedWrite(server, request.verb, request.path, changed_paths(live, wanted)))
        kept = {
            name: live["metadata"][name] for name in ("uid", "generation", "creationTimestamp") if name in live["metadata"]
        }
        return self._remember(server, path, {**wanted, "metadata": {**wanted.get("metadata", {}), **kept}})

    def _created(self, server: str, request: Request, given: dict[str, Any]) -> bytes:
        name = given.get("metadata", {}).get("name", "")
        path = f"{request.path}/{name}"
        self._told(ImaginedWrite(server, "POST", path))
        metadata = {"uid": f"imagined-{name}", **given.get("metadata", {})}
        return self._remember(server, path, {**given, "metadata": metadata})

    async def _live(self, server: str, client: Client, path: str) -> dict[str, Any]:
        if (server, path) in self._made:
            made = self._made[server, path]
            if made is None:
                raise NotFound(f"GET {path}", status=404, reason="NotFound")
            return made
        answer = await client.fetch(path)
        if answer.status != _OK:
            raise errors.from_answer(f"GET {path}", answer.status, answer.headers, answer.body)
        found: dict[str, Any] = orjson.loads(answer.body)
        return found

    def _remember(self, server: str, path: str, written: dict[str, Any]) -> bytes:
        self._version += 1
        written["metadata"]["resourceVersion"] = str(self._version)
        self._made[server, path] = written
        return orjson.dumps(written)


_OK = 200


def _merged(target: Any, patch: Any) -> Any:
    """RFC 7386."""
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = _merged(result.get(name), value)
    return result


_SERVERS_OWN = frozenset({"managedFields", "resourceVersion", "uid", "generation", "creationTimestamp", "selfLink"})


def changed_paths(live: Mapping[str, Any], wanted: Mapping[str, Any]) -> tuple[str, ...]:
    """Where two objects differ, but for what the server keeps and what one of them leaves to the server's defaults.

    Paths only, the first few in alphabetical order: values may be secret.
    """
    found: list[str] = []
    _compare(_judged(live), _judged(wanted), "", found)
    return tuple(sorted(found)[:_MOST_PATHS])


def _judged(content: Mapping[str, Any]) -> dict[str, Any]:
    metadata = content.get("metadata")
    if not isinstance(metadata, dict):
        return dict(content)
    return {**content, "metadata": {name: value for name, value in metadata.items() if name not in _SERVERS_OWN}}


def _compare(live: Any, wanted: Any, path: str, found: list[str]) -> None:
    if isinstance(live, dict) and isinstance(wanted, dict):
        for name in wanted:
            _compare(live.get(name), wanted[name], f"{path}.{name}" if path else name, found)
        if path.rpartition(".")[2] in ("data", "stringData", "labels", "annotations"):
            found.extend(f"{path}.{name}" for name in live if name not in wanted)
    elif isinstance(live, list) and isinstance(wanted, list) and len(live) == len(wanted):
        for number, (old, new) in enumerate(zip(live, wanted, strict=True)):
            _compare(old, new, f"{path}[{number}]", found)
    elif live != wanted:
        found.append(path)
