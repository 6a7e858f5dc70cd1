"""Simulated members answer as real ones do: the same requests to both, and the answers compared."""

import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import orjson
import pytest

from bench.simulated.cluster import TOKEN
from bench.simulated.process import Simulated, simulated
from kubefed.kube.wire import METADATA_LIST_ONLY, METADATA_ONLY
from tests.support.federation import MEMBERS, Federation

_COLLECTION = "/api/v1/namespaces/{namespace}/configmaps"
_OBJECT = _COLLECTION + "/settings"
_LABEL = "kubefed.io%2Fmanaged=true"
_SERVERS_OWN = ("uid", "resourceVersion", "creationTimestamp", "continue", "selfLink")


class Asked:
    """One server under examination: asked in the test's namespace, its answers without what only it could have chosen."""

    def __init__(self, session: aiohttp.ClientSession, base: str, namespace: str) -> None:
        self.namespace = namespace
        self._session = session
        self._base = base

    async def ask(self, verb: str, path: str, body: object = None, accept: str = "application/json") -> tuple[int, Any]:
        """Status and decoded body of an answer."""
        url = self._base + path.format(namespace=self.namespace)
        data = orjson.dumps(body) if body is not None else None
        headers = {"Accept": accept, "Content-Type": "application/json"}
        async with self._session.request(verb, url, data=data, headers=headers) as answer:
            text = await answer.read()
            plain = answer.content_type != "application/json"
            return answer.status, text.decode() if plain else orjson.loads(text)

    async def watch(self, since: str, count: int, *, path: str = _COLLECTION) -> list[tuple[str, Any]]:
        """The first events after a version."""
        query = f"?watch=1&allowWatchBookmarks=true&labelSelector={_LABEL}&timeoutSeconds=60&resourceVersion={since}"
        events: list[tuple[str, Any]] = []
        url = self._base + path.format(namespace=self.namespace) + query
        async with self._session.get(url, headers={"Accept": METADATA_ONLY}) as answer:
            while len(events) < count:
                event = orjson.loads(await answer.content.readline())
                if event["type"] != "BOOKMARK":
                    events.append((event["type"], event["object"]))
            break_off(answer)
        return events


def break_off(answer: aiohttp.ClientResponse) -> None:
    """End a stream at once; else its TLS connection waits for the server's farewell longer than the test's loop lives."""
    if answer.connection is not None and answer.connection.transport is not None:
        answer.connection.transport.abort()


Exchange = Callable[[Asked], Awaitable[object]]


@pytest.fixture(scope="module")
def members(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Simulated]:
    """One simulated member."""
    with simulated(1, tmp_path_factory.mktemp("pki"), latency_ms=0) as found:
        yield found


@asynccontextmanager
async def asked(federation: Federation, members: Simulated, namespace: str) -> AsyncIterator[tuple[Asked, Asked]]:
    """A real member and a simulated one, both with the namespace."""
    real = federation.sandbox.cluster(MEMBERS[0])
    trusting = ssl.create_default_context(cadata=real.ca_pem.decode())
    pki = real.layout().pki
    trusting.load_cert_chain(pki / "admin.crt", pki / "admin.key")
    simulated_tls = ssl.create_default_context(cadata=members.ca_pem.decode())
    token = {"Authorization": f"Bearer {TOKEN}"}
    async with (
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=trusting)) as to_real,
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=simulated_tls), headers=token) as to_simulated,
    ):
        both = Asked(to_real, real.endpoint, namespace), Asked(to_simulated, members.endpoints[0], namespace)
        for each in both:
            code, _ = await each.ask("POST", "/api/v1/namespaces", {"metadata": {"name": namespace}})
            assert code == 201
        yield both


def a_config_map(**fields: Any) -> dict[str, Any]:
    metadata = {"name": "settings", "labels": {"kubefed.io/managed": "true"}, "annotations": {"team": "shop"}}
    metadata |= fields.pop("metadata", {})
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": {"colour": "blue"}} | fields


async def create(server: Asked) -> dict[str, Any]:
    """The ConfigMap, as the server stored it."""
    code, made = await server.ask("POST", _COLLECTION + "?fieldManager=kubefed", a_config_map())
    assert code == 201
    return dict(made)


async def health(server: Asked) -> object:
    return await server.ask("GET", "/healthz")


async def version(server: Asked) -> object:
    code, body = await server.ask("GET", "/version")
    return code, {name: body[name] for name in ("major", "minor", "gitVersion")}


async def creation_in_metadata(server: Asked) -> object:
    return await server.ask("POST", _COLLECTION + "?fieldManager=kubefed", a_config_map(), METADATA_ONLY)


async def creation_of_one_that_is_there(server: Asked) -> object:
    await create(server)
    return await server.ask("POST", _COLLECTION, a_config_map())


async def creation_where_no_namespace_is(server: Asked) -> object:
    return await server.ask("POST", "/api/v1/namespaces/nowhere/configmaps", a_config_map())


async def absence(server: Asked) -> object:
    return await server.ask("GET", _OBJECT)


async def reading_whole(server: Asked) -> object:
    await create(server)
    return await server.ask("GET", _OBJECT)


async def replacement(server: Asked) -> object:
    made = await create(server)
    wanted = a_config_map(data={"colour": "red"}, metadata={"resourceVersion": made["metadata"]["resourceVersion"]})
    return await server.ask("PUT", _OBJECT + "?fieldManager=kubefed", wanted, METADATA_ONLY)


async def replacement_by_the_same(server: Asked) -> object:
    made = await create(server)
    code, kept = await server.ask("PUT", _OBJECT + "?fieldManager=kubefed", made)
    return code, kept["metadata"]["resourceVersion"] == made["metadata"]["resourceVersion"]


async def replacement_of_an_older_one(server: Asked) -> object:
    made = await create(server)
    await server.ask("PUT", _OBJECT, {**made, "data": {"colour": "red"}})
    return await server.ask("PUT", _OBJECT, {**made, "data": {"colour": "green"}})


async def replacement_of_nothing(server: Asked) -> object:
    return await server.ask("PUT", _OBJECT, a_config_map(metadata={"resourceVersion": "1", "uid": "another"}))


async def deletion(server: Asked) -> object:
    made = await create(server)
    options = {"apiVersion": "v1", "kind": "DeleteOptions", "preconditions": {"uid": made["metadata"]["uid"]}}
    return await server.ask("DELETE", _OBJECT, options, METADATA_ONLY)


async def deletion_of_another(server: Asked) -> object:
    await create(server)
    options = {"apiVersion": "v1", "kind": "DeleteOptions", "preconditions": {"uid": "of-another"}}
    return await server.ask("DELETE", _OBJECT, options, METADATA_ONLY)


async def pages(server: Asked) -> object:
    for name in ("a", "b", "c"):
        await server.ask("POST", _COLLECTION, a_config_map(metadata={"name": name, "annotations": {}}))
    await server.ask("POST", _COLLECTION, a_config_map(metadata={"name": "unlabelled", "labels": {}}))
    path = f"{_COLLECTION}?labelSelector={_LABEL}&limit=2"
    _, first = await server.ask("GET", path, accept=METADATA_LIST_ONLY)
    second = await server.ask("GET", f"{path}&continue={first['metadata']['continue']}", accept=METADATA_LIST_ONLY)
    return first, second


async def a_watch(server: Asked) -> object:
    _, empty = await server.ask("GET", _COLLECTION)
    made = await create(server)
    await server.ask("PUT", _OBJECT, {**made, "data": {"colour": "red"}})
    _, seen = await server.ask("PUT", _OBJECT, a_config_map(metadata={"labels": {}}))
    await server.ask("PUT", _OBJECT, {**seen, "metadata": {**seen["metadata"], "labels": {"kubefed.io/managed": "true"}}})
    await server.ask("DELETE", _OBJECT)
    return await server.watch(empty["metadata"]["resourceVersion"], 5)


async def an_unknown_type(server: Asked) -> object:
    code, _ = await server.ask("GET", "/apis/unheard.of/v1/things")
    return code


EXCHANGES: list[Exchange] = [
    health,
    version,
    creation_in_metadata,
    creation_of_one_that_is_there,
    creation_where_no_namespace_is,
    absence,
    reading_whole,
    replacement,
    replacement_by_the_same,
    replacement_of_an_older_one,
    replacement_of_nothing,
    deletion,
    deletion_of_another,
    pages,
    a_watch,
    an_unknown_type,
]


@pytest.mark.parametrize("exchange", EXCHANGES, ids=lambda exchange: exchange.__name__)
async def test_a_simulated_member_answers_as_a_real_one(
    exchange: Exchange, federation: Federation, members: Simulated, namespace: str
) -> None:
    async with asked(federation, members, namespace) as (real, simulation):
        assert comparable(await exchange(simulation)) == comparable(await exchange(real))


async def test_a_simulated_member_knows_its_token(members: Simulated) -> None:
    tls = ssl.create_default_context(cadata=members.ca_pem.decode())
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=tls)) as session:
        code, body = await Asked(session, members.endpoints[0], "default").ask("GET", _COLLECTION)
    assert (code, body["reason"]) == (401, "Unauthorized")


def comparable(answer: Any) -> Any:
    """An answer with a word in the place of what no two servers choose alike, and without a refusal's words."""
    if isinstance(answer, list | tuple):
        return [comparable(each) for each in answer]
    if not isinstance(answer, dict):
        return answer
    if answer.get("kind") == "Status":
        return {name: answer.get(name) for name in ("status", "reason", "code")}
    kept = {name: "…" if name in _SERVERS_OWN else comparable(value) for name, value in answer.items()}
    if "managedFields" in kept:
        kept["managedFields"] = "…"
    return kept
