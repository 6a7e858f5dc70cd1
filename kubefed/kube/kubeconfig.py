"""Reads kubeconfigs that came from a Secret: hostile input. Pure; accepts a closed model and nothing else.

A kubeconfig can name programs to run, files to read and proxies to go through. One that the controller reads has none of
these: server, CA data, token or client certificate data, TLS server name. Anything else is refused by the name of its
field; values are never repeated. `fedctl`, on a person's own machine, uses the `kubernetes` package's loader instead.
"""

import base64
import binascii
import re
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
_DEEPEST = 20
_LOADER: type[yaml.SafeLoader | yaml.CSafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def parse_kubeconfig(text: bytes, addresses: AddressPolicy) -> Connection:
    """The connection of the current context. Raises Misconfigured naming the first field that is wrong or not allowed."""
    document = _load(text)
    context_name = _string(document.get("current-context"), "current-context")
    context = _named(document, "contexts", "context", context_name)
    cluster_name = _string(context.get("cluster"), "contexts[].context.cluster")
    user_name = _string(context.get("user"), "contexts[].context.user")
    cluster = _closed(_named(document, "clusters", "cluster", cluster_name), _CLUSTER_FIELDS, "clusters[].cluster")
    user = _closed(_named(document, "users", "user", user_name), _USER_FIELDS, "users[].user")
    ca_pem = _decoded(cluster, "certificate-authority-data", "clusters[].cluster")
    if not ca_pem:
        raise Misconfigured("kubeconfig clusters[].cluster.certificate-authority-data is missing: add the cluster's CA")
    return Connection(
        server=https_url(_string(cluster.get("server"), "clusters[].cluster.server")),
        ca_pem=ca_pem,
        credentials=_credentials(user),
        tls_server_name=_optional_string(cluster.get("tls-server-name"), "clusters[].cluster.tls-server-name"),
        addresses=addresses,
    )


def _load(text: bytes) -> Mapping[str, Any]:
    if len(text) > LARGEST_BYTES:
        raise Misconfigured(f"kubeconfig is larger than {LARGEST_BYTES} bytes: keep only one context in it")
    try:
        _refuse_bombs(text)
        document = yaml.load(text, Loader=_LOADER)  # noqa: S506 - both are safe ones
    except (yaml.YAMLError, RecursionError, UnicodeDecodeError, ValueError):
        raise Misconfigured("kubeconfig is not readable YAML") from None
    if not isinstance(document, dict):
        raise Misconfigured("kubeconfig is not a YAML mapping")
    return document


def _refuse_bombs(text: bytes) -> None:
    """Anchors make much of little; deep nesting keeps a loader busy for long, or ends the process. Nothing is built yet."""
    depth = 0
    for event in yaml.parse(text, Loader=_LOADER):
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise Misconfigured("kubeconfig uses YAML anchors: write it without them")
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > _DEEPEST:
            raise Misconfigured("kubeconfig is nested too deeply to be one")


def _named(document: Mapping[str, Any], section: str, field: str, name: str) -> Mapping[str, Any]:
    entries = document.get(section)
    named = [entry for entry in (entries if isinstance(entries, list) else ()) if _is_named(entry, name)]
    if len(named) > 1:
        raise Misconfigured(f"kubeconfig {section} has more than one entry of the name that the current context uses")
    if not named or not isinstance(named[0].get(field), dict):
        raise Misconfigured(f"kubeconfig {section} has no entry that the current context names")
    found: Mapping[str, Any] = named[0][field]
    return found


def _is_named(entry: object, name: str) -> bool:
    return isinstance(entry, dict) and entry.get("name") == name


def _closed(mapping: Mapping[str, Any], allowed: frozenset[str], where: str) -> Mapping[str, Any]:
    for field in mapping:
        if field not in allowed | _HARMLESS:
            shown = field if isinstance(field, str) and _FIELD.fullmatch(field) else "(unknown)"
            raise Misconfigured(
                f"kubeconfig {where}.{shown} is not allowed in a stored kubeconfig: only {', '.join(sorted(allowed))} are"
            )
    return mapping


_FIELD = re.compile(r"[A-Za-z-]{1,32}")
"""How fields are named. What is no such name may be a value that slipped."""


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
        return base64.b64decode("".join(value.split()), validate=True).decode("ascii")
    except (binascii.Error, AttributeError, TypeError, ValueError):
        raise Misconfigured(f"kubeconfig {where}.{field} is not base64 of PEM text") from None


def _string(value: object, where: str) -> str:
    if not isinstance(value, str) or not value:
        raise Misconfigured(f"kubeconfig {where} is missing or not a string")
    return value


def _optional_string(value: object, where: str) -> str:
    return "" if value is None or value == "" else _string(value, where)
