"""Reads kubeconfigs that came from a Secret: hostile input. Pure; accepts a closed model and nothing else.

A kubeconfig can name programs to run, files to read and proxies to go through. One that the controller reads has none of
these: server, CA data, token or client certificate data, TLS server name. Anything else is refused by the name of its
field; values are never repeated. `fedctl`, on a person's own machine, uses the `kubernetes` package's loader instead.
"""

import base64
import binascii
from collections.abc import Mapping
from typing import Any

import yaml

from kubefed.core.errors import Misconfigured
from kubefed.core.secret import Secret
from kubefed.kube.addresses import AddressPolicy
from kubefed.kube.connection import Connection, Credentials
from kubefed.kube.endpoint import https_url

LARGEST_BYTES = 64 * 1024

_CLUSTER_FIELDS = frozenset({"server", "certificate-authority-data", "tls-server-name"})
_USER_FIELDS = frozenset({"token", "client-certificate-data", "client-key-data"})
_HARMLESS = frozenset({"extensions"})


def parse_kubeconfig(text: bytes, addresses: AddressPolicy) -> Connection:
    """The connection of the current context. Raises Misconfigured naming the first field that is wrong or not allowed."""
    document = _load(text)
    context_name = _string(document.get("current-context"), "current-context")
    context = _named(document, "contexts", "context", context_name)
    cluster_name = _string(context.get("cluster"), f"contexts[{context_name}].context.cluster")
    user_name = _string(context.get("user"), f"contexts[{context_name}].context.user")
    cluster = _closed(_named(document, "clusters", "cluster", cluster_name), _CLUSTER_FIELDS, "clusters[].cluster")
    user = _closed(_named(document, "users", "user", user_name), _USER_FIELDS, "users[].user")
    ca_pem = _decoded(cluster, "certificate-authority-data", "clusters[].cluster")
    if not ca_pem:
        raise Misconfigured("kubeconfig clusters[].cluster.certificate-authority-data is missing: add the cluster's CA")
    return Connection(
        server=https_url(_string(cluster.get("server"), "clusters[].cluster.server")),
        ca_pem=ca_pem,
        credentials=_credentials(user),
        tls_server_name=str(cluster.get("tls-server-name") or ""),
        addresses=addresses,
    )


def _load(text: bytes) -> Mapping[str, Any]:
    if len(text) > LARGEST_BYTES:
        raise Misconfigured(f"kubeconfig is larger than {LARGEST_BYTES} bytes: keep only one context in it")
    try:
        if any(isinstance(token, yaml.AliasToken | yaml.AnchorToken) for token in yaml.scan(text, yaml.SafeLoader)):
            raise Misconfigured("kubeconfig uses YAML anchors: write it without them")
        document = yaml.safe_load(text)
    except (yaml.YAMLError, RecursionError, UnicodeDecodeError, ValueError):
        raise Misconfigured("kubeconfig is not readable YAML") from None
    if not isinstance(document, dict):
        raise Misconfigured("kubeconfig is not a YAML mapping")
    return document


def _named(document: Mapping[str, Any], section: str, field: str, name: str) -> Mapping[str, Any]:
    entries = document.get(section)
    for entry in entries if isinstance(entries, list) else ():
        if isinstance(entry, dict) and entry.get("name") == name and isinstance(entry.get(field), dict):
            found: Mapping[str, Any] = entry[field]
            return found
    raise Misconfigured(f"kubeconfig {section} has no entry that the current context names")


def _closed(mapping: Mapping[str, Any], allowed: frozenset[str], where: str) -> Mapping[str, Any]:
    for field in mapping:
        if field not in allowed | _HARMLESS:
            raise Misconfigured(
                f"kubeconfig {where}.{field} is not allowed in a stored kubeconfig: only {', '.join(sorted(allowed))} are"
            )
    return mapping


def _credentials(user: Mapping[str, Any]) -> Credentials:
    token = user.get("token") or ""
    if not isinstance(token, str):
        raise Misconfigured("kubeconfig users[].user.token is not a string")
    certificate = _decoded(user, "client-certificate-data", "users[].user")
    key = _decoded(user, "client-key-data", "users[].user")
    if bool(certificate) != bool(key):
        raise Misconfigured("kubeconfig users[].user needs client-certificate-data and client-key-data together")
    if not token and not certificate:
        raise Misconfigured("kubeconfig users[].user holds neither token nor client-certificate-data")
    return Credentials(Secret(token), certificate, Secret(key))


def _decoded(mapping: Mapping[str, Any], field: str, where: str) -> str:
    value = mapping.get(field)
    if value is None:
        return ""
    try:
        return base64.b64decode(value, validate=True).decode("ascii")
    except (binascii.Error, UnicodeDecodeError, TypeError, ValueError):
        raise Misconfigured(f"kubeconfig {where}.{field} is not base64 of PEM text") from None


def _string(value: object, where: str) -> str:
    if not isinstance(value, str) or not value:
        raise Misconfigured(f"kubeconfig {where} is missing or not a string")
    return value
