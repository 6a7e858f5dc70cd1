"""Whether a member can be reached from the host as its context says, under the rules of the federation. Pure."""

import ipaddress
from urllib.parse import urlsplit

from kubefed.api.allowed_ranges import allowed_ranges
from kubefed.api.core_v1beta1 import KubeFedConfig, TLSValidation, Trust
from kubefed.core.errors import Misconfigured
from kubefed.kube.addresses import AddressPolicy
from kubefed.kube.connection import Connection


def check_connection(connection: Connection, context: str, trust: Trust, *, has_proxy: bool) -> None:
    """Raises Misconfigured for what a cluster record cannot say, or what Strict trust does not allow.

    `has_proxy`: the kubeconfig itself, not the environment of this machine, names a proxy.
    """
    if connection.tls_server_name:
        raise Misconfigured(
            f"context {context!r} expects the certificate of another server (tls-server-name), which cluster records "
            "cannot say: use an address that the certificate is for"
        )
    if trust is Trust.COMPATIBLE:
        return
    if not connection.checks.chain:
        raise Misconfigured(
            f"context {context!r} does not verify the server's certificate (insecure-skip-tls-verify): put its authority "
            "into certificate-authority-data instead. KubeFedConfig spec.trust Strict allows nothing else"
        )
    if not connection.ca_pem:
        raise Misconfigured(
            f"context {context!r} names no certificate authority, and the system's are not used for members: add "
            "certificate-authority-data. KubeFedConfig spec.trust Strict allows nothing else"
        )
    if has_proxy:
        raise Misconfigured(
            f"context {context!r} goes through a proxy (proxy-url), which cluster records may not ask for under "
            "KubeFedConfig spec.trust Strict: use an address that the host reaches itself"
        )


def disabled_checks(connection: Connection) -> list[str]:
    """What the record says about checks that the context leaves out; only Compatible trust lets one do that."""
    return [] if connection.checks.chain else [TLSValidation.ALL.value]


def refused_address(connection: Connection, config: KubeFedConfig) -> tuple[str, str]:
    """Why the controller will not connect to the address, and the range that would have to be allowed; else empty.

    Only addresses can be judged here: what a name means is found out in the host's network.
    """
    host = urlsplit(connection.server).hostname or ""
    try:
        address = ipaddress.ip_address(_LOCAL.get(host, host))
    except ValueError:
        return "", ""
    objection = AddressPolicy.of(allowed_ranges(config)).objection(str(address))
    return (objection, f"{address}/{address.max_prefixlen}") if objection else ("", "")


_LOCAL = {"localhost": "127.0.0.1"}
