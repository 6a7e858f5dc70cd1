"""Plain requests to one API server under KubeFed's name, from which the server makes the field manager."""

import http.client
import ssl
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

import orjson

from fedctl.sandbox.running import Sandbox
from kubefed.core.names import ObjectKey, ResourceType
from tests.support.manifests import Manifest

_AGENT = "controller-manager/v0.10.0 (linux/amd64) kubefed"
_TIMEOUT_S = 60.0
_JSON, _MERGE = "application/json", "application/merge-patch+json"


class Wire:
    """One API server. A refusal is an AssertionError: nothing that KubeFed did here was ever refused."""

    def __init__(self, endpoint: str, trust: ssl.SSLContext) -> None:
        address = urlsplit(endpoint)
        self._connection = http.client.HTTPSConnection(
            address.hostname or "", address.port, context=trust, timeout=_TIMEOUT_S
        )

    @classmethod
    def to(cls, sandbox: Sandbox, cluster: str, directory: Path) -> Self:
        """As the cluster's administrator; `directory` takes the client certificate, which TLS reads from files only."""
        sandboxed = sandbox.cluster(cluster)
        pair = sandboxed.client_cert
        file = directory / f"{cluster}.pem"
        file.touch(mode=0o600)
        file.write_bytes(pair.certificate + b"\n" + pair.key)
        trust = ssl.create_default_context(cadata=sandboxed.ca_pem.decode())
        trust.load_cert_chain(file)
        return cls(sandboxed.endpoint, trust)

    def close(self) -> None:
        """Give up the connection."""
        self._connection.close()

    def get(self, resource: ResourceType, key: ObjectKey) -> Manifest:
        """GET one object."""
        return self._ask("GET", resource.object_path(key))

    def create(self, resource: ResourceType, manifest: Manifest) -> Manifest:
        """POST; what was stored."""
        return self._ask("POST", resource.collection_path(manifest["metadata"].get("namespace", "")), manifest)

    def update(self, resource: ResourceType, manifest: Manifest, *, subresource: str = "") -> Manifest:
        """PUT; what was stored."""
        metadata = manifest["metadata"]
        key = ObjectKey(metadata.get("namespace", ""), metadata["name"])
        return self._ask("PUT", resource.object_path(key, subresource), manifest)

    def merge(self, resource: ResourceType, key: ObjectKey, patch: Manifest) -> Manifest:
        """PATCH with a merge patch; what was stored."""
        return self._ask("PATCH", resource.object_path(key), patch, content_type=_MERGE)

    def _ask(self, verb: str, path: str, body: Manifest | None = None, *, content_type: str = _JSON) -> Manifest:
        headers = {"User-Agent": _AGENT, "Content-Type": content_type, "Accept": _JSON}
        self._connection.request(verb, path, None if body is None else orjson.dumps(body), headers)
        answer = self._connection.getresponse()
        text = answer.read()
        assert answer.status < 300, f"{verb} {path}: {answer.status} {text[:400].decode(errors='replace')}"
        found: dict[str, Any] = orjson.loads(text)
        return found
