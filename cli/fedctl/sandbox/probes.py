"""Asking an API server how it is, with the standard library: the sandbox must tell before any client of ours works."""

import http.client
import json
import ssl
from pathlib import Path
from typing import Any

from fedctl.sandbox import pki
from fedctl.sandbox.servers import ClusterLayout

_TIMEOUT_S = 2.0


def is_ready(cluster: ClusterLayout) -> bool:
    """Whether it serves: /readyz is ok and the namespaces that every cluster has are there."""
    paths = ("/readyz", "/api/v1/namespaces/default", "/api/v1/namespaces/kube-system")
    return all(exists(cluster, path) for path in paths)


def is_healthy_etcd(port: int) -> bool:
    """Whether an etcd, and not another program that took its port, answers on loopback."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_TIMEOUT_S)
    try:
        connection.request("GET", "/health")
        return b'"health":"true"' in connection.getresponse().read()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def accepts_pods(cluster: ClusterLayout) -> bool:
    """Whether the controllers work: they made the ServiceAccount that every pod of the default namespace needs."""
    return exists(cluster, "/api/v1/namespaces/default/serviceaccounts/default")


def exists(cluster: ClusterLayout, path: str) -> bool:
    """Whether a GET of this path finds something."""
    status, _ = get(cluster, path)
    return status == http.HTTPStatus.OK


def nodes(cluster: ClusterLayout) -> list[dict[str, Any]] | None:
    """All nodes; None when they could not be read."""
    status, body = get(cluster, "/api/v1/nodes")
    return list(json.loads(body)["items"]) if status == http.HTTPStatus.OK else None


def is_ready_node(node: dict[str, Any]) -> bool:
    """Whether pods can start on a node: its Ready condition says so."""
    conditions = node.get("status", {}).get("conditions", [])
    return any(condition["type"] == "Ready" and condition["status"] == "True" for condition in conditions)


def has_ready_nodes(cluster: ClusterLayout, count: int) -> bool:
    """Whether at least so many nodes are ready and take any pod."""
    found = nodes(cluster) or []
    return sum(is_ready_node(node) and not node["spec"].get("taints") for node in found) >= count


def version(cluster: ClusterLayout) -> str:
    """The server's `gitVersion`; empty when it does not answer."""
    status, body = get(cluster, "/version")
    return str(json.loads(body)["gitVersion"]) if status == http.HTTPStatus.OK else ""


def get(cluster: ClusterLayout, path: str) -> tuple[int, bytes]:
    """GET a path as the administrator: HTTP status and body; 0 and nothing when there was no answer in two seconds."""
    connection = http.client.HTTPSConnection("127.0.0.1", cluster.port, timeout=_TIMEOUT_S, context=_tls(cluster.pki))
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read()
    except (OSError, http.client.HTTPException):
        return 0, b""  # refused, reset, or silent: it is not up
    finally:
        connection.close()


def _tls(directory: Path) -> ssl.SSLContext:
    # Not cached: a sandbox of the same name has other keys the next time.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(directory / "ca.crt")
    context.load_cert_chain(directory / f"{pki.ADMIN}.crt", directory / f"{pki.ADMIN}.key")
    return context
