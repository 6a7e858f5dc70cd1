"""Cluster records and the Secrets beside them: `a_record("eu").at(server).labelled(zone="1").build()`."""

import base64
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Self

import orjson

from kubefed.api.core_v1beta1 import Trust
from kubefed.clusters.credentials import TOKEN, CredentialsSecret, decode_secret
from kubefed.clusters.record import KUBEFED_CLUSTERS, ClusterRecord, read_record
from kubefed.clusters.settings import RegistrySettings
from kubefed.kube.addresses import AddressPolicy
from kubefed.kube.wire import Object, Projector

SYSTEM = "kube-federation-system"
"""The system namespace of the tests."""
ENDPOINT = "https://192.0.2.1:6443"
CA_PEM = "-----BEGIN CERTIFICATE-----\nnobody's\n-----END CERTIFICATE-----\n"
HOST_UID = "uid-of-the-host"

_PROJECTOR = Projector(annotation_prefix="kubefed.io/")


def base64_of(text: str) -> str:
    """Text as it stands in Secrets and in `caBundle`."""
    return base64.b64encode(text.encode()).decode()


@dataclass(frozen=True)
class RecordBuilder:
    """A KubeFedCluster whose Secret is named like it. Its status is empty: nobody has probed it yet."""

    name: str
    spec: dict[str, Any]
    metadata: dict[str, Any] = field(default_factory=dict)
    status: dict[str, Any] | None = None

    def with_spec(self, **fields: Any) -> Self:
        """Fields of the spec, in Kubernetes' spelling."""
        return replace(self, spec={**self.spec, **fields})

    def at(self, endpoint: str, ca_pem: str = CA_PEM) -> Self:
        """At another address, under another authority."""
        return self.with_spec(apiEndpoint=endpoint, caBundle=base64_of(ca_pem))

    def with_secret(self, name: str) -> Self:
        """With its credentials in another Secret."""
        return self.with_spec(secretRef={"name": name})

    def labelled(self, **labels: str) -> Self:
        """With these labels, by which placements select it."""
        return replace(self, metadata={**self.metadata, "labels": labels})

    def in_version(self, version: int) -> Self:
        """In this resourceVersion."""
        return replace(self, metadata={**self.metadata, "resourceVersion": str(version)})

    def with_status(self, status: dict[str, Any]) -> Self:
        """With what was written about it before."""
        return replace(self, status=status)

    def manifest(self) -> dict[str, Any]:
        """The whole object."""
        document = {
            "apiVersion": KUBEFED_CLUSTERS.api_version,
            "kind": KUBEFED_CLUSTERS.kind,
            "metadata": {"name": self.name, "namespace": SYSTEM, **self.metadata},
            "spec": self.spec,
        }
        return document if self.status is None else {**document, "status": self.status}

    def build(self) -> Object:
        """The object as the registry holds it, in resourceVersion 1 unless something else was said."""
        manifest = self.manifest()
        manifest["metadata"] = {"uid": f"uid-of-{self.name}", "resourceVersion": "1", **manifest["metadata"]}
        return _PROJECTOR.object(orjson.dumps(manifest))

    def read(self) -> ClusterRecord:
        """What is read from it. Raises Misconfigured."""
        return read_record(self.build())


def a_record(name: str = "eu") -> RecordBuilder:
    """A record that could be used."""
    spec = {"apiEndpoint": ENDPOINT, "caBundle": base64_of(CA_PEM), "secretRef": {"name": name}}
    return RecordBuilder(name, spec)


def secret_manifest(
    data: dict[str, str], name: str = "eu", *, annotations: dict[str, str] | None = None, version: int = 1
) -> dict[str, Any]:
    """A credentials Secret with these data, which are encoded here."""
    metadata = {"namespace": SYSTEM, "name": name, "resourceVersion": str(version), "annotations": annotations}
    encoded = {key: base64_of(text) for key, text in data.items()}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "data": encoded}


def a_secret(
    token: str = "opaque",  # noqa: S107 - it opens nothing
    *,
    annotations: dict[str, str] | None = None,
    **data: str,
) -> CredentialsSecret:
    """The Secret of the record `eu`, as it is read. An empty token is left out."""
    given = {TOKEN: token, **data} if token else data
    return decode_secret(orjson.dumps(secret_manifest(given, annotations=annotations)))


def a_token(issued_at: datetime, expires_at: datetime, *, account: str = "eu-kubefed", **claims: Any) -> str:
    """A service account token of this life, as far as anybody reads it without verifying it."""
    owner = {"namespace": "fed", "serviceaccount": {"name": account}}
    body = {"iat": int(issued_at.timestamp()), "exp": int(expires_at.timestamp()), "kubernetes.io": owner, **claims}
    return f"header.{base64.urlsafe_b64encode(orjson.dumps(body)).decode().rstrip('=')}.signature"


def registry_settings(**fields: Any) -> RegistrySettings:
    """Strict trust, loopback allowed because fake servers are there, KubeFed's periods and thresholds."""
    defaults: dict[str, Any] = {
        "namespace": SYSTEM,
        "host_uid": HOST_UID,
        "trust": Trust.STRICT,
        "addresses": AddressPolicy.of(("127.0.0.0/8",)),
    }
    return RegistrySettings(**(defaults | fields))
