"""How a program reaches the cluster that its own operator points it at: kubeconfig, flags, or the pod it runs in.

This input is trusted: it comes from whoever started the process, so the `kubernetes` package's loader is used with all
it can do (exec plugins, files). Never for anything read from an API server.
"""

import base64
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kubefed.core.errors import Misconfigured
from kubefed.core.secret import Secret
from kubefed.kube.connection import Connection, Credentials, TlsChecks
from kubefed.kube.endpoint import https_url

_SERVICE_ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")


@dataclass(frozen=True, slots=True)
class Context:
    """One kubeconfig context, resolved: where it leads, and its default namespace."""

    name: str
    connection: Connection
    namespace: str


def load_context(kubeconfig: str = "", context: str = "") -> Context:
    """Resolve a kubeconfig context; the current one when `context` is empty.

    Raises Misconfigured saying which file was read and which contexts there are.
    """
    import yaml
    from kubernetes import client, config  # 40 MiB that an in-cluster controller never needs

    path = kubeconfig or os.environ.get("KUBECONFIG") or str(Path.home() / ".kube" / "config")
    configuration: Any = client.Configuration()
    try:
        contexts, current = config.list_kube_config_contexts(config_file=path)
        chosen = next((entry for entry in contexts if entry["name"] == context), None) if context else current
        if chosen is None:
            names = ", ".join(sorted(entry["name"] for entry in contexts)) or "none"
            raise Misconfigured(f"kubeconfig {path} has no context {context!r}; it has: {names}")
        config.load_kube_config(
            config_file=path, context=chosen["name"], client_configuration=configuration, persist_config=False
        )
    except (config.ConfigException, yaml.YAMLError, OSError, TypeError, KeyError, ValueError, AttributeError) as problem:
        raise Misconfigured(
            f"kubeconfig {path} cannot be used ({type(problem).__name__}): check that it exists and has a current context, "
            "or name another file with --kubeconfig"
        ) from None
    return Context(chosen["name"], _connection(configuration), chosen["context"].get("namespace") or "default")


def in_cluster() -> Connection:
    """The connection of the pod that this process runs in. Raises Misconfigured when it runs in none."""
    host, port = os.environ.get("KUBERNETES_SERVICE_HOST"), os.environ.get("KUBERNETES_SERVICE_PORT", "443")
    if not host:
        raise Misconfigured("not running in a cluster: name a kubeconfig with --kubeconfig")
    try:
        token = (_SERVICE_ACCOUNT / "token").read_text().strip()
        ca_pem = (_SERVICE_ACCOUNT / "ca.crt").read_text()
    except OSError:
        raise Misconfigured(f"the pod has no service account in {_SERVICE_ACCOUNT}: mount one") from None
    address = f"[{host}]" if ":" in host else host
    return Connection(f"https://{address}:{port}", ca_pem, Credentials(Secret(token)))


def own_namespace() -> str:
    """The namespace of the pod that this process runs in; empty when it runs in none."""
    try:
        return (_SERVICE_ACCOUNT / "namespace").read_text().strip()
    except OSError:
        return ""


def _connection(configuration: Any) -> Connection:
    """The `kubernetes` package keeps PEM in temporary files and the token in a header's form."""
    token = str(configuration.get_api_key_with_prefix("BearerToken") or configuration.api_key.get("authorization") or "")
    return Connection(
        server=https_url(configuration.host),
        ca_pem=_read(configuration.ssl_ca_cert),
        credentials=Credentials(
            Secret(token.removeprefix("Bearer ")), _read(configuration.cert_file), Secret(_read(configuration.key_file))
        ),
        tls_server_name=configuration.tls_server_name or "",
        checks=TlsChecks() if configuration.verify_ssl else TlsChecks(chain=False, host_name=False, validity=False),
        proxy_url=configuration.proxy or "",
    )


def _read(path: str | None) -> str:
    return Path(path).read_text() if path else ""


def ca_data(connection: Connection) -> str:
    """The CA bundle as KubeFedCluster `spec.caBundle` holds it: base64 of PEM."""
    return base64.b64encode(connection.ca_pem.encode()).decode()
