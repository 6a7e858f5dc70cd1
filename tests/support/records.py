"""A KubeFedCluster and its Secret that a test writes itself, as somebody with a text editor would."""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from fedctl.federation import CLUSTERS
from fedctl.kinds import SECRETS
from kubefed.core.names import ObjectKey
from tests.support.federation import SYSTEM, Federation
from tests.support.manifests import Manifest, encoded
from tests.support.waiting import eventually, eventually_equal


@dataclass(frozen=True, slots=True)
class HandMade:
    """One record and its Secret, both called `name`."""

    federation: Federation
    name: str

    def write(self, spec: Manifest, data: Mapping[str, str]) -> None:
        """Create both; whatever of `data` is there, the Secret is."""
        metadata = {"name": self.name, "namespace": SYSTEM}
        values = {name: encoded(text) for name, text in data.items()}
        secret = {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "data": values}
        record = {"apiVersion": CLUSTERS.api_version, "kind": CLUSTERS.kind, "metadata": metadata}
        self.federation.host.create(SECRETS, secret)
        self.federation.host.create(CLUSTERS, {**record, "spec": {"secretRef": {"name": self.name}, **spec}})
        self.federation.refresh_credential_rights()

    def set_secret(self, data: Mapping[str, str]) -> None:
        """Set entries of the Secret."""
        self.federation.host.merge(SECRETS, self._key, {"data": {name: encoded(text) for name, text in data.items()}})

    def annotate_secret(self, metadata: Manifest) -> None:
        """Change the Secret's metadata."""
        self.federation.host.merge(SECRETS, self._key, {"metadata": metadata})

    def remove(self) -> None:
        """Delete both."""
        self.federation.host.delete(CLUSTERS, self._key)
        self.federation.host.delete(SECRETS, self._key)

    def await_state(self, state: str, message: str) -> str:
        """Wait until the record is in this state, with words that contain `message`; all its words."""
        return await_state(self.federation, self.name, state, message)

    @property
    def _key(self) -> ObjectKey:
        return ObjectKey(SYSTEM, self.name)


def await_state(federation: Federation, cluster: str, state: str, message: str = "") -> str:
    """Wait until a cluster's record tells of this state in words that contain `message`; all its words."""
    told = eventually(lambda: _told(federation, cluster, state, message), f"{cluster} is {state} and says {message!r}")
    return str(told)


def _told(federation: Federation, cluster: str, state: str, message: str) -> Manifest:
    status: Manifest = federation.record(cluster).get("status") or {}
    details = status.get("details") or {}
    return status if details.get("state") == state and message in details.get("message", "") else {}


def await_conditions(federation: Federation, cluster: str, **expected: str) -> None:
    """Wait until a cluster's record has exactly these conditions, by type."""
    eventually_equal(lambda: _conditions(federation, cluster), expected)


def _conditions(federation: Federation, cluster: str) -> dict[str, str]:
    status = federation.record(cluster).get("status") or {}
    return {each["type"]: each["status"] for each in status.get("conditions") or ()}


def reaching(federation: Federation, member: str, **spec: Any) -> Manifest:
    """The endpoint and CA of a member, as a record's spec has them, and whatever else a test wants there."""
    joined = federation.record(member)["spec"]
    return {"apiEndpoint": joined["apiEndpoint"], "caBundle": joined["caBundle"], **spec}


def token_of(federation: Federation, member: str) -> str:
    """The token of the moment."""
    return base64.b64decode(federation.credentials(member)["data"]["token"]).decode()


def claims_of(token: str) -> dict[str, Any]:
    """What a service account token says of itself."""
    text = token.split(".")[1]
    claims: dict[str, Any] = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    return claims


def a_kubeconfig(federation: Federation, member: str, *, user: Manifest | None = None, **cluster: Any) -> str:
    """A stored kubeconfig with an administrator's certificate, or with another user, and these fields of its cluster."""
    sandboxed = federation.sandbox.cluster(member)
    pair = sandboxed.client_cert
    certificate = {
        "client-certificate-data": base64.b64encode(pair.certificate).decode(),
        "client-key-data": base64.b64encode(pair.key).decode(),
    }
    reached = {"server": sandboxed.endpoint, "certificate-authority-data": base64.b64encode(sandboxed.ca_pem).decode()}
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "it",
        "clusters": [{"name": "it", "cluster": {**reached, **cluster}}],
        "users": [{"name": "it", "user": certificate if user is None else user}],
        "contexts": [{"name": "it", "context": {"cluster": "it", "user": "it"}}],
    }
    return yaml.safe_dump(document)
