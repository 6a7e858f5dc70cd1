"""One API server, one call after another, with the credentials of a person's own context.

This is the `kubernetes` package's dynamic client with this project's names for types, keys and errors. Nothing is
discovered and nothing cached on disk: callers say which type they mean. Where many servers are asked at once, asking.py
does it.
"""

import json
import ssl
import tempfile
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote

import urllib3
from kubernetes import client, dynamic
from urllib3 import exceptions as faults

from fedctl.kinds import NAMESPACES
from fedctl.manifests import Manifest, key_of
from kubefed.core.errors import ApiError, NotFound, OutcomeUnknown, Unreachable
from kubefed.core.names import ObjectKey, ResourceType
from kubefed.kube import errors
from kubefed.kube.connection import Connection
from kubefed.kube.host import Context
from kubefed.version import __version__

FIELD_MANAGER = "fedctl"
JSON = "application/json"
_MERGE_PATCH = "application/merge-patch+json"
_APPLY_PATCH = "application/apply-patch+yaml"
_PAGE_ITEMS = 500
_FIRST_CALL_S = (4.0, 5.0)
_CALL_S = (4.0, 30.0)
"""Seconds for the connection and for the answer."""


class ApiServer:
    """One cluster. `opened` is the way to get one; every call raises one of core/errors.py."""

    def __init__(self, context: Context, keys: Path) -> None:
        """`keys` is a private directory for the client certificate, which TLS libraries read from files only."""
        self.context = context
        configuration = _configuration(context.connection, keys)
        api_client = client.ApiClient(configuration)
        api_client.user_agent = f"fedctl/{__version__}"
        self._client = dynamic.DynamicClient(api_client, discoverer=_no_discovery)

    @classmethod
    @contextmanager
    def opened(cls, context: Context) -> Iterator[Self]:
        """A server that has answered once. Raises Unreachable within ten seconds when it does not."""
        with tempfile.TemporaryDirectory(prefix="fedctl-") as keys, warnings.catch_warnings():
            if not context.connection.checks.chain:
                warnings.simplefilter("ignore", urllib3.exceptions.InsecureRequestWarning)
            server = cls(context, Path(keys))
            try:
                server.version()
                yield server
            finally:
                server.close()

    def close(self) -> None:
        """Give up the connections."""
        self._client.client.rest_client.pool_manager.clear()

    # --- reading -----------------------------------------------------------------------------------------------

    def version(self) -> str:
        """The version of Kubernetes. The first call of all: it finds out whether the server answers."""
        return str(self._json("GET", "/version", timeout_s=_FIRST_CALL_S).get("gitVersion") or "")

    def identity(self) -> str:
        """The uid of kube-system, which names a cluster for ever."""
        return str(self.get(NAMESPACES, ObjectKey("", "kube-system"))["metadata"]["uid"])

    def get(self, resource: ResourceType, key: ObjectKey) -> Manifest:
        """One object."""
        return self._json("GET", resource.object_path(_quoted(key)))

    def find(self, resource: ResourceType, key: ObjectKey) -> Manifest | None:
        """One object, or None when it, or its whole type, is not there."""
        try:
            return self.get(resource, key)
        except NotFound:
            return None

    def objects(
        self, resource: ResourceType, namespace: str = "", *, labels: str = "", fields: str = ""
    ) -> Iterator[Manifest]:
        """Every object, page by page, without apiVersion and kind where the server leaves them out."""
        query = {"limit": str(_PAGE_ITEMS), "labelSelector": labels, "fieldSelector": fields, "continue": ""}
        while True:
            page = self._json("GET", resource.collection_path(namespace), query={k: v for k, v in query.items() if v})
            yield from page.get("items") or ()
            query["continue"] = (page.get("metadata") or {}).get("continue") or ""
            if not query["continue"]:
                return

    def read(self, path: str) -> Manifest:
        """Whatever a path answers: version, OpenAPI."""
        return self._json("GET", path)

    # --- writing -----------------------------------------------------------------------------------------------

    def create(self, resource: ResourceType, manifest: Manifest) -> Manifest:
        """Create an object. Raises AlreadyExists."""
        namespace = manifest["metadata"].get("namespace", "")
        return self._json("POST", resource.collection_path(namespace), manifest, query=_AS_FEDCTL)

    def replace(self, resource: ResourceType, manifest: Manifest) -> Manifest:
        """Replace an object that was read before. Raises Stale when it has changed since."""
        return self._json("PUT", resource.object_path(key_of(manifest)), manifest, query=_AS_FEDCTL)

    def merge(self, resource: ResourceType, key: ObjectKey, patch: Manifest, *, subresource: str = "") -> Manifest:
        """Change some fields, of the object or of its `subresource`; null removes one."""
        path = resource.object_path(_quoted(key), subresource)
        return self._json("PATCH", path, patch, query=_AS_FEDCTL, content_type=_MERGE_PATCH)

    def apply(self, resource: ResourceType, manifest: Manifest) -> Manifest:
        """Create the object, or take over and set the fields of `manifest` in it."""
        path = resource.object_path(key_of(manifest))
        return self._json("PATCH", path, manifest, query=_AS_FEDCTL | {"force": "true"}, content_type=_APPLY_PATCH)

    def delete(self, resource: ResourceType, key: ObjectKey, *, uid: str = "") -> bool:
        """Delete an object; with `uid`, only if it still is that one. False when it was not there."""
        options: Manifest = {"apiVersion": "v1", "kind": "DeleteOptions", "propagationPolicy": "Background"}
        if uid:
            options["preconditions"] = {"uid": uid}
        try:
            self._json("DELETE", resource.object_path(_quoted(key)), options)
        except NotFound:
            return False
        return True

    def post(self, path: str, body: Manifest) -> Manifest:
        """What is no object: TokenRequests and access reviews."""
        return self._json("POST", path, body)

    # --- the wire ----------------------------------------------------------------------------------------------

    def _json(
        self,
        verb: str,
        path: str,
        body: Manifest | None = None,
        *,
        query: Mapping[str, str] | None = None,
        content_type: str = JSON,
        timeout_s: tuple[float, float] = _CALL_S,
    ) -> Manifest:
        request = f"context {self.context.name}: {verb} {path}"
        try:
            response = self._client.request(
                verb,
                path,
                body=body,
                query_params=list((query or {}).items()),
                content_type=content_type,
                serialize=False,
                _request_timeout=timeout_s,
            )
            answer: Manifest = json.loads(response.data)
        except client.ApiException as refusal:
            raise _refused(request, refusal) from None
        except (faults.HTTPError, OSError) as fault:
            raise _unanswered(request, fault, is_write=verb != "GET") from None
        except ValueError:
            raise errors.from_answer(request, 200, {}, b"") from None
        return answer


_AS_FEDCTL: dict[str, str] = {"fieldManager": FIELD_MANAGER}


def _quoted(key: ObjectKey) -> ObjectKey:
    """What a person typed must stay one segment of the path."""
    return ObjectKey(quote(key.namespace, safe=""), key.name)


def _no_discovery(*_: object) -> None:
    """Stands in for the dynamic client's discovery, which would keep a file with a guessable name in /tmp."""


def _configuration(connection: Connection, keys: Path) -> Any:
    configuration: Any = client.Configuration(host=connection.server, retries=False)
    configuration.ca_cert_data = connection.ca_pem or None
    configuration.verify_ssl = connection.checks.chain
    configuration.assert_hostname = None if connection.checks.host_name else False
    configuration.tls_server_name = connection.tls_server_name or None
    configuration.proxy = connection.proxy_url or None
    credentials = connection.credentials
    if credentials.token:
        configuration.api_key = {"BearerToken": f"Bearer {credentials.token.reveal()}"}
    if credentials.client_certificate_pem:
        configuration.cert_file = _written(keys / "client.crt", credentials.client_certificate_pem)
        configuration.key_file = _written(keys / "client.key", credentials.client_key_pem.reveal())
    return configuration


def _written(path: Path, pem: str) -> str:
    path.touch(mode=0o600)
    path.write_text(pem)
    return str(path)


def _refused(request: str, refusal: Any) -> ApiError:
    """The error for an answer that is not 2xx; a failed handshake comes as one as well, with status 0."""
    if not refusal.status:
        return Unreachable(request, reason=_tls_reason(refusal))
    body = refusal.body or b""
    return errors.from_answer(
        request, refusal.status, refusal.headers or {}, body.encode() if isinstance(body, str) else body
    )


def _tls_reason(fault: BaseException | None) -> str:
    """A word for what is wrong with the certificate, found in the chain of exceptions."""
    while fault is not None:
        for one in (fault, *fault.args):
            if isinstance(one, ssl.SSLCertVerificationError):
                return f"CertificateNotTrusted: {one.verify_message}"
        fault = fault.__cause__ or fault.__context__
    return "TLSHandshakeFailed"


def _unanswered(request: str, fault: Exception, *, is_write: bool) -> ApiError:
    """The error for a request that got no whole answer."""
    reason = _transport_reason(fault)
    if is_write and reason in ("Timeout", "ConnectionLost"):
        return OutcomeUnknown(request, reason=reason)
    return Unreachable(request, reason=reason)


def _transport_reason(fault: Exception) -> str:
    if isinstance(fault, faults.NameResolutionError):
        return "NameNotResolved"
    if isinstance(fault, faults.ProxyError):
        return "ProxyFailed"
    if isinstance(fault, faults.NewConnectionError):  # a timeout as well, to urllib3
        return "ConnectionRefused" if "refused" in str(fault) else "NoRoute"
    if isinstance(fault, faults.ConnectTimeoutError):
        return "ConnectTimeout"
    return "Timeout" if isinstance(fault, faults.TimeoutError) else "ConnectionLost"
