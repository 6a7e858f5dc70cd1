"""Opens HTTPS to one API server: address pinning, connection pool, the last look before a request leaves.

Knows HTTP, not Kubernetes. What TLS trusts and shows is tls.py's business.
"""

import asyncio
import re
import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from ipaddress import ip_address
from types import SimpleNamespace
from urllib.parse import urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from kubefed.core.errors import Misconfigured, Unreachable
from kubefed.kube.addresses import AddressPolicy
from kubefed.kube.connection import Connection
from kubefed.kube.handshakes import Handshakes, Turn
from kubefed.kube.tls import tls_context

CONNECT_TIMEOUT_S = 10.0
_KEEP_ALIVE_S = 75.0  # below the 90 s or more after which API servers and load balancers drop idle connections
_RESOLVE_TTL_S = 30


class Departure:
    """One request on its way out. `left` tells whether the server may have seen any of it."""

    __slots__ = ("_fence", "left", "turn")

    def __init__(self, fence: Callable[[], None]) -> None:
        """`fence` is asked once more when the connection stands, which may be seconds after the call began."""
        self._fence = fence
        self.left = False
        self.turn: Turn | None = None
        """While a connection is begun for it."""

    def leave(self) -> None:
        """Called before the first byte is written, each time that it is. Raises what the fence raises."""
        self._fence()
        self.left = True


def open_session(connection: Connection, handshakes: Handshakes | None = None) -> aiohttp.ClientSession:
    """A session that can reach `connection.server` and nothing through a proxy of the environment's choosing.

    Raises Misconfigured naming what of the connection cannot be used. The pool has no limit of its own: whoever calls
    bounds how much runs at once. Each request takes a Departure as its `trace_request_ctx`. Connections take turns with
    all others that begin under the same `handshakes`.
    """
    _refuse_what_cannot_be_sent(connection)
    connector = aiohttp.TCPConnector(
        ssl=tls_context(connection),
        limit=0,
        resolver=_JudgingResolver(connection.addresses),
        ttl_dns_cache=_RESOLVE_TTL_S,
        keepalive_timeout=_KEEP_ALIVE_S,
        socket_factory=_judging_sockets(connection.addresses),
    )
    departures = aiohttp.TraceConfig()
    departures.on_request_headers_sent.append(_about_to_leave)
    if handshakes is not None:
        departures.on_connection_create_start.append(partial(_begin_connection, handshakes))
        departures.on_connection_create_end.append(_end_connection)
        departures.on_request_exception.append(_end_connection)
    return aiohttp.ClientSession(
        connector=connector,
        auto_decompress=False,
        trust_env=False,
        cookie_jar=aiohttp.DummyCookieJar(),
        read_bufsize=2**18,
        trace_configs=[departures],
    )


def _refuse_what_cannot_be_sent(connection: Connection) -> None:
    """What HTTP or a resolver would stumble over in the middle of a request is refused before there is one."""
    host = urlsplit(connection.server).hostname or ""
    if not _is_host(host):
        raise Misconfigured(
            "API endpoint names no host that can be looked up: write https://name:port or https://address:port"
        )
    if objection := _objection(connection.addresses, host) if _is_literal(host) else "":
        raise Misconfigured(
            f"API endpoint {host} is {objection}; list its range in KubeFedConfig spec.allowedEndpointRanges to allow it"
        )
    if connection.tls_server_name and not _is_host(connection.tls_server_name):
        raise Misconfigured("the TLS server name is no host name: write the name that is in the server's certificate")
    if not _TOKEN.fullmatch(connection.credentials.token.reveal()):
        raise Misconfigured("the bearer token holds characters that no token has: store it as one line, without quotes")
    if connection.proxy_url and not _is_proxy(connection.proxy_url):
        raise Misconfigured("the proxy cannot be used: write http://host:port")


def _is_proxy(text: str) -> bool:
    try:
        url = urlsplit(text)
        return url.scheme in {"http", "https"} and _is_host(url.hostname or "") and url.port != 0
    except ValueError:
        return False


_TOKEN = re.compile(r"[!-~]*")
_HOST = re.compile(r"[A-Za-z0-9_.:%-]{1,253}")


def _is_host(text: str) -> bool:
    """Whether this is an address or can be looked up. `127.1` is neither, but would be taken for an address."""
    if _is_literal(text):
        return _is_address(text)
    labels = text.removesuffix(".").split(".")
    return _HOST.fullmatch(text) is not None and all(0 < len(label) <= _LONGEST_LABEL for label in labels)


_LONGEST_LABEL = 63


def _is_literal(host: str) -> bool:
    """Whether aiohttp connects to this without asking a resolver."""
    return ":" in host or host.replace(".", "").isdigit()


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _objection(policy: AddressPolicy, address: str) -> str:
    return policy.objection(address) if _is_address(address) else "not an address as addresses are written"


async def _about_to_leave(_session: object, context: SimpleNamespace, _headers: object) -> None:
    departure: Departure = context.trace_request_ctx
    departure.leave()


async def _begin_connection(handshakes: Handshakes, _session: object, context: SimpleNamespace, _params: object) -> None:
    departure: Departure = context.trace_request_ctx
    departure.turn = await handshakes.turn()


async def _end_connection(_session: object, context: SimpleNamespace, _params: object) -> None:
    departure: Departure = context.trace_request_ctx
    if departure.turn is not None:
        departure.turn.end()


def _judging_sockets(policy: AddressPolicy) -> Callable[[aiohttp.AddrInfoType], socket.socket]:
    """Makes sockets for admitted addresses only: every connection passes here, however its address was found."""

    def open_socket(address: aiohttp.AddrInfoType) -> socket.socket:
        if objection := _objection(policy, str(address[4][0])):
            raise Unreachable("connect", reason=f"AddressRefused: {objection}")
        return _tcp_socket(address)

    return open_socket


def _tcp_socket(address: aiohttp.AddrInfoType) -> socket.socket:
    """A socket whose dead peer is noticed by the kernel within half a minute, for streams that are silent for long."""
    family, kind, protocol = address[:3]
    sock = socket.socket(family, kind, protocol)
    sock.setblocking(False)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in (("TCP_KEEPIDLE", 15), ("TCP_KEEPINTVL", 5), ("TCP_KEEPCNT", 3)):
        if hasattr(socket, option):
            sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)
    return sock


class _JudgingResolver(AbstractResolver):
    """Resolves a name and hands on only addresses that the policy has no objection to.

    The connection is made to the very addresses judged here, so a name that resolves differently a second time gains
    nothing. Look-ups run in threads of its own: one cluster's dead name server must not hold up the names of others.
    """

    def __init__(self, policy: AddressPolicy) -> None:
        self._policy = policy
        self._threads = ThreadPoolExecutor(_LOOK_UPS_AT_ONCE, thread_name_prefix="resolve")

    async def resolve(self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET) -> list[ResolveResult]:
        look_up = partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM, family=family)
        found = await asyncio.get_running_loop().run_in_executor(self._threads, look_up)
        results = [
            ResolveResult(
                hostname=host,
                host=str(address[0]),
                port=int(address[1]),
                family=fam,
                proto=proto,
                flags=socket.AI_NUMERICHOST,
            )
            for fam, _, proto, _, address in found
        ]
        objections = [_objection(self._policy, result["host"]) for result in results]
        admitted = [result for result, objection in zip(results, objections, strict=True) if not objection]
        if not admitted:
            raise Unreachable(f"resolve {host}", reason=f"AddressRefused: {objections[0]}" if objections else "NoAddress")
        return admitted

    async def close(self) -> None:
        """Let the threads end when they have no more to do."""
        self._threads.shutdown(wait=False)


_LOOK_UPS_AT_ONCE = 2  # the server's name and a proxy's
