"""Which clusters a person's kubeconfig leads to. This input is the person's own, so exec plugins and files are honoured."""

import binascii
import os
import ssl
from dataclasses import replace

import yaml

from kubefed.core.errors import Misconfigured
from kubefed.kube.connection import Connection
from kubefed.kube.host import Context, load_context


def open_context(kubeconfig: str = "", context: str = "") -> Context:
    """Resolve a context; the current one when `context` is empty. Raises Misconfigured saying what is wrong with it."""
    try:
        found = load_context(kubeconfig, context)
    except (yaml.YAMLError, binascii.Error, ValueError, AttributeError):
        where = kubeconfig or os.environ.get("KUBECONFIG") or "~/.kube/config"
        wanted = f"the context {context!r}" if context else "the current context"
        raise Misconfigured(
            f"kubeconfig {where} cannot be read as far as {wanted} needs it: check its YAML, and that its certificate data "
            "are base64 of PEM"
        ) from None
    _check_authorities(found)
    return replace(found, connection=_without_needless_proxy(found.connection))


def _check_authorities(context: Context) -> None:
    """A bundle without a certificate would otherwise show as a failed handshake."""
    if not context.connection.ca_pem:
        return
    try:
        ssl.create_default_context(cadata=context.connection.ca_pem)
    except (ssl.SSLError, ValueError):
        raise Misconfigured(
            f"the certificate authority of context {context.name!r} is not a PEM certificate: correct "
            "certificate-authority or certificate-authority-data of its cluster in the kubeconfig"
        ) from None


def _without_needless_proxy(connection: Connection) -> Connection:
    """Leave out a proxy of the environment where the environment itself excepts the server from it."""
    from kubernetes.client.rest import should_bypass_proxies

    excepted = os.environ.get("no_proxy") or os.environ.get("NO_PROXY") or ""
    if connection.proxy_url and should_bypass_proxies(connection.server, excepted):
        return replace(connection, proxy_url="")
    return connection


def proxy_is_of_the_environment(connection: Connection) -> bool:
    """Whether the proxy is the person's machine's, which says nothing about the way from host to member."""
    of_the_environment = {os.environ.get(name) for name in ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY")}
    return connection.proxy_url in of_the_environment
