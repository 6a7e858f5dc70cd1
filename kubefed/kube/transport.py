"""Opens HTTPS to one API server: TLS context, address pinning, connection pool. Knows HTTP, not Kubernetes."""

import asyncio
import os
import socket
import ssl
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult

from kubefed.core.errors import Misconfigured, Unreachable
from kubefed.kube.addresses import AddressPolicy
from kubefed.kube.connection import Connection, Credentials

CONNECT_TIMEOUT_S = 10.0
_KEEP_ALIVE_S = 75.0  # below the 90 s or more after which API servers and load balancers drop idle connections
_RESOLVE_TTL_S = 30


def open_session(connection: Connection) -> aiohttp.ClientSession:
    """A session that can reach `connection.server` and nothing through a proxy of the environment's choosing.

    Raises Misconfigured when the CA, the client certificate or the key cannot be read, naming which. The pool has no
    limit of its own: whoever calls bounds how much runs at once.
    """
    connector = aiohttp.TCPConnector(
        ssl=tls_context(connection),
        limit=0,
        resolver=_JudgingResolver(connection.addresses),
        ttl_dns_cache=_RESOLVE_TTL_S,
        keepalive_timeout=_KEEP_ALIVE_S,
        socket_factory=_tcp_socket,
    )
    return aiohttp.ClientSession(
        connector=connector,
        auto_decompress=False,
        trust_env=False,
        cookie_jar=aiohttp.DummyCookieJar(),
        read_bufsize=2**18,
    )


def tls_context(connection: Connection) -> ssl.SSLContext:
    """The TLS context for one server. The CA bundle alone is trusted, unless there is none: then the system's roots."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if connection.ca_pem:
        _trust(context, connection.ca_pem)
    else:
        context.load_default_certs(ssl.Purpose.SERVER_AUTH)
    checks = connection.checks
    context.check_hostname = checks.host_name and checks.chain
    if not checks.chain or not checks.validity:
        # OpenSSL offers no "all but the dates"; the Compatible record that asks for it gets no chain check at all.
        context.verify_mode = ssl.CERT_NONE
    if connection.credentials.client_certificate_pem:
        _present(context, connection.credentials)
    return context


def refuse_literal_address(connection: Connection) -> None:
    """Judge a server given as an IP literal, which no resolver ever sees. Raises Misconfigured."""
    host = urlsplit(connection.server).hostname or ""
    try:
        objection = connection.addresses.objection(host)
    except ValueError:
        return  # a name: judged when it is resolved
    if objection:
        raise Misconfigured(
            f"API endpoint {host} is {objection}; list its range in KubeFedConfig spec.allowedEndpointRanges to allow it"
        )


def _trust(context: ssl.SSLContext, ca_pem: str) -> None:
    try:
        context.load_verify_locations(cadata=ca_pem)
    except (ssl.SSLError, ValueError):
        raise Misconfigured("the CA bundle holds no readable PEM certificate") from None


def _present(context: ssl.SSLContext, credentials: Credentials) -> None:
    """OpenSSL reads certificate chains from files only: a private one that is gone before this returns."""
    with tempfile.TemporaryDirectory(prefix="kubefed-") as folder:
        path = Path(folder, "identity.pem")
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(credentials.client_certificate_pem + "\n" + credentials.client_key_pem.reveal())
        try:
            context.load_cert_chain(path)
        except (ssl.SSLError, OSError):
            raise Misconfigured("the client certificate or its key is not readable PEM, or they do not match") from None


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
    nothing.
    """

    def __init__(self, policy: AddressPolicy) -> None:
        self._policy = policy

    async def resolve(self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET) -> list[ResolveResult]:
        loop = asyncio.get_running_loop()
        found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM, family=family)
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
        objections = [self._policy.objection(result["host"]) for result in results]
        admitted = [result for result, objection in zip(results, objections, strict=True) if not objection]
        if not admitted:
            raise Unreachable(f"resolve {host}", reason=f"AddressRefused: {objections[0]}" if objections else "NoAddress")
        return admitted

    async def close(self) -> None:
        """Nothing is held open."""
