"""From a cluster record and its Secret to a connection: what is accepted, what is refused, and why. Pure.

The Secret holds `token`, as KubeFed's does, or `kubeconfig`. It is bound to the endpoint and CA that it was issued for, so
that whoever may edit the record, but not the Secret, cannot have the token sent somewhere else.
"""

import base64
import binascii
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import msgspec
import orjson

from kubefed.api.core_v1beta1 import Trust
from kubefed.clusters.record import ClusterRecord
from kubefed.core.errors import Misconfigured
from kubefed.core.names import ObjectKey, ResourceType
from kubefed.core.secret import Secret
from kubefed.kube.addresses import AddressPolicy
from kubefed.kube.connection import Connection, Credentials, TlsChecks
from kubefed.kube.endpoint import https_url
from kubefed.kube.kubeconfig import parse_kubeconfig

SECRETS = ResourceType("", "v1", "secrets", "Secret", namespaced=True)

TOKEN, KUBECONFIG = "token", "kubeconfig"
BOUND_TO_ANNOTATION = "kubefed.io/bound-to"
"""On a credentials Secret: the fingerprint of the endpoint and CA that the credentials may be sent to."""
_ACCOUNT_PREFIX = "system:serviceaccount:"
_NO_CLAIMS = (IndexError, KeyError, TypeError, AttributeError, ValueError, OverflowError, OSError)
"""What reading claims of an arbitrary text can end in; a year beyond C's is an OSError."""
_ALL_CHECKS, _NAME_CHECK, _DATE_CHECK = "*", "SubjectName", "ValidityPeriod"


@dataclass(frozen=True, slots=True)
class CredentialsSecret:
    """A credentials Secret as it was read. Its values do not show when it is printed."""

    key: ObjectKey
    resource_version: int
    annotations: Mapping[str, str]
    data: Mapping[str, Secret] = field(repr=False)


@dataclass(frozen=True, slots=True)
class TokenLife:
    """When a bearer token was issued and when it ends, and whose it is, by its own claims. Unknown for opaque tokens."""

    issued_at: datetime
    expires_at: datetime
    namespace: str
    service_account: str


@dataclass(frozen=True, slots=True)
class Relaxation:
    """Something a record asks for that is less safe than it should be: a word for it, and what to do."""

    reason: str
    message: str


class _WireSecretMetadata(msgspec.Struct, rename="camel"):
    name: str
    namespace: str = ""
    resource_version: str = "0"
    annotations: dict[str, str] | None = None


class _WireSecret(msgspec.Struct):
    metadata: _WireSecretMetadata
    data: dict[str, str] | None = None


_SECRET_DECODER = msgspec.json.Decoder(_WireSecret)


def decode_secret(body: bytes | msgspec.Raw) -> CredentialsSecret:
    """Read a Secret. Values that are not base64 of text count as empty. Raises msgspec.DecodeError."""
    wire = _SECRET_DECODER.decode(body)
    return CredentialsSecret(
        ObjectKey(wire.metadata.namespace, wire.metadata.name),
        int(wire.metadata.resource_version),
        wire.metadata.annotations or {},
        {name: Secret(_text(value)) for name, value in (wire.data or {}).items()},
    )


def connection_for(
    record: ClusterRecord, secret: CredentialsSecret | None, *, trust: Trust, addresses: AddressPolicy
) -> Connection:
    """How to reach the cluster. Raises Misconfigured saying what is wrong with the record or the Secret."""
    if secret is None:
        raise Misconfigured(f"Secret {record.secret_name} does not exist: join the cluster again, or create it")
    if kubeconfig := secret.data.get(KUBECONFIG):
        connection = parse_kubeconfig(kubeconfig.reveal().encode(), addresses)
        if connection.server != https_url(record.endpoint):
            raise Misconfigured("the Secret's kubeconfig names another server than spec.apiEndpoint")
    else:
        connection = _token_connection(record, secret, trust, addresses)
    bound_to = secret.annotations.get(BOUND_TO_ANNOTATION)
    if bound_to and bound_to != fingerprint(connection):
        raise Misconfigured(
            f"Secret {record.secret_name} was issued for another endpoint or CA: join the cluster again for new credentials"
        )
    return connection


def fingerprint(connection: Connection) -> str:
    """Names an endpoint and the CA that vouches for it."""
    return hashlib.sha256(f"{connection.server}\n{connection.ca_pem.strip()}".encode()).hexdigest()


def granted(record: ClusterRecord, secret: CredentialsSecret | None) -> tuple[Relaxation, ...]:
    """What a connection that was made has of what only Compatible trust grants, as warnings for the record's status.

    A kubeconfig brings its own CA and is held to every check, whatever the record asks for.
    """
    return () if secret is not None and secret.data.get(KUBECONFIG) else _asked(record)


def _asked(record: ClusterRecord) -> tuple[Relaxation, ...]:
    asked = []
    if record.disabled_checks:
        checks = ", ".join(record.disabled_checks)
        asked.append(Relaxation("TLSValidationDisabled", f"spec.disabledTLSValidations is {checks}: remove it"))
    if not record.ca_bundle:
        asked.append(Relaxation("SystemRootsTrusted", "spec.caBundle is empty: set it to the cluster's own CA"))
    if record.proxy_url:
        asked.append(Relaxation("ProxyInRecord", "spec.proxyURL is set: remove it"))
    return tuple(asked)


def lasting(token: Secret | None) -> tuple[Relaxation, ...]:
    """A warning about a service account token that never ends, as KubeFed's do. Nothing is known of opaque tokens."""
    try:
        claims = _claims(token) if token else {}
        endless = str(claims.get("sub")).startswith(_ACCOUNT_PREFIX) and "exp" not in claims
    except _NO_CLAIMS:
        return ()
    advice = "the token never ends, and a stolen copy never stops working: join the cluster again under trust Strict"
    return (Relaxation("TokenNeverExpires", advice),) if endless else ()


def token_life(token: Secret) -> TokenLife | None:
    """The life of a Kubernetes service account token, read from its claims without verifying them: for planning only."""
    try:
        claims = _claims(token)
        owner = claims["kubernetes.io"]
        return TokenLife(
            issued_at=datetime.fromtimestamp(claims["iat"], UTC),
            expires_at=datetime.fromtimestamp(claims["exp"], UTC),
            namespace=str(owner["namespace"]),
            service_account=str(owner["serviceaccount"]["name"]),
        )
    except _NO_CLAIMS:
        return None


def _claims(token: Secret) -> dict[str, Any]:
    """Raises one of _NO_CLAIMS for what is no JSON Web Token."""
    text = token.reveal().split(".")[1]
    claims: dict[str, Any] = orjson.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    return claims


def _token_connection(
    record: ClusterRecord, secret: CredentialsSecret, trust: Trust, addresses: AddressPolicy
) -> Connection:
    token = secret.data.get(TOKEN)
    if not token:
        raise Misconfigured(f"Secret {record.secret_name} holds neither data.token nor data.kubeconfig")
    connection = Connection(
        server=https_url(record.endpoint),
        ca_pem=_ca_pem(record.ca_bundle),
        credentials=Credentials(token),
        addresses=addresses,
    )
    asked = _asked(record)
    if not asked:
        return connection
    if trust is Trust.STRICT:
        raise Misconfigured(f"{asked[0].message}; KubeFedConfig spec.trust Strict does not allow it")
    return replace(connection, checks=_checks(record.disabled_checks), proxy_url=record.proxy_url)


def _checks(disabled: tuple[str, ...]) -> TlsChecks:
    if _ALL_CHECKS in disabled:
        return TlsChecks(chain=False, host_name=False, validity=False)
    return TlsChecks(host_name=_NAME_CHECK not in disabled, validity=_DATE_CHECK not in disabled)


def _ca_pem(ca_bundle: str) -> str:
    """The text of a bundle. Its base64 may be wrapped: Go reads it so, and KubeFed's users wrote it so."""
    try:
        return base64.b64decode("".join(ca_bundle.split()), validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        raise Misconfigured("spec.caBundle is not base64 of PEM text") from None


def _text(value: str) -> str:
    try:
        return base64.b64decode(value).decode("utf-8").strip()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return ""
