"""Kubeconfigs of a sandbox: everything embedded, so that a file can be copied anywhere. Pure."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass

import yaml

from fedctl.sandbox.pki import Pair


@dataclass(frozen=True, slots=True)
class Access:
    """How one user reaches one cluster. `context` is the name under which a kubeconfig lists it."""

    context: str
    server: str
    authority: bytes
    client: Pair


def render(accesses: Sequence[Access]) -> str:
    """A kubeconfig with one context per access; the first one is current."""
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": accesses[0].context,
        "clusters": [{"name": access.context, "cluster": _cluster(access)} for access in accesses],
        "users": [{"name": access.context, "user": _user(access)} for access in accesses],
        "contexts": [{"name": access.context, "context": _context(access)} for access in accesses],
    }
    return yaml.safe_dump(document, sort_keys=False)


def _cluster(access: Access) -> dict[str, str]:
    return {"server": access.server, "certificate-authority-data": _base64(access.authority)}


def _user(access: Access) -> dict[str, str]:
    return {"client-certificate-data": _base64(access.client.certificate), "client-key-data": _base64(access.client.key)}


def _context(access: Access) -> dict[str, str]:
    return {"cluster": access.context, "user": access.context}


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode("ascii")
