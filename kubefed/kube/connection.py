"""How one API server is reached: address, trust, credentials. Values only; opening connections is transport.py's work."""

from dataclasses import dataclass, field

from kubefed.core.secret import Secret
from kubefed.kube.addresses import ANYWHERE, AddressPolicy


@dataclass(frozen=True, slots=True)
class Credentials:
    """A bearer token, a client certificate, or both. All PEM is text, as kubeconfigs and Secrets hold it."""

    token: Secret = field(default_factory=lambda: Secret(""))
    client_certificate_pem: str = ""
    client_key_pem: Secret = field(default_factory=lambda: Secret(""))


@dataclass(frozen=True, slots=True)
class TlsChecks:
    """Which checks of a server certificate are on. All of them, but for a record that Compatible trust lets through."""

    chain: bool = True
    host_name: bool = True
    validity: bool = True


@dataclass(frozen=True, slots=True)
class Connection:
    """Everything needed to reach one API server; equal values mean that an open client may be kept.

    `server` is an https URL without a trailing slash. An empty `ca_pem` means the system's roots. `addresses` judges every
    address that the server's name resolves to. `proxy_url` is only ever set from the controller's own configuration
    or, under Compatible trust, from a cluster record.
    """

    server: str
    ca_pem: str
    credentials: Credentials
    tls_server_name: str = ""
    checks: TlsChecks = TlsChecks()
    proxy_url: str = ""
    addresses: AddressPolicy = ANYWHERE
