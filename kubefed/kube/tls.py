"""What a TLS connection to one API server trusts and what it shows of itself."""

import os
import ssl
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kubefed.core.errors import Misconfigured
from kubefed.kube.connection import Connection, Credentials

_NO_CHECK_TIME = ssl.VerifyFlags(0x200000)  # X509_V_FLAG_NO_CHECK_TIME, which Python has no name for


def tls_context(connection: Connection) -> ssl.SSLContext:
    """The TLS context for one server. The CA bundle alone is trusted, unless there is none: then the system's roots.

    Raises Misconfigured when the CA, the client certificate or its key cannot be used.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if connection.ca_pem:
        _trust(context, connection.ca_pem)
    else:
        context.load_default_certs(ssl.Purpose.SERVER_AUTH)
    checks = connection.checks
    context.check_hostname = checks.host_name and checks.chain
    if not checks.chain:
        context.verify_mode = ssl.CERT_NONE
    if not checks.validity:
        context.verify_flags |= _NO_CHECK_TIME
    if connection.credentials.client_certificate_pem:
        _present(context, connection.credentials)
    return context


def _trust(context: ssl.SSLContext, ca_pem: str) -> None:
    try:
        context.load_verify_locations(cadata=ca_pem.encode("ascii", "replace").decode())  # comments may be in any language
    except (ssl.SSLError, ValueError):
        raise Misconfigured("the CA bundle holds no readable PEM certificate") from None


def _present(context: ssl.SSLContext, credentials: Credentials) -> None:
    """A passphrase is given, the empty one, because otherwise OpenSSL asks for it on the terminal and waits for ever."""
    try:
        with _private_file(credentials.client_certificate_pem + "\n" + credentials.client_key_pem.reveal()) as path:
            context.load_cert_chain(path, password="")
    except (ssl.SSLError, OSError, ValueError):
        raise Misconfigured(
            "the client certificate or its key is not readable PEM, or they do not match, or the key is encrypted"
        ) from None


@contextmanager
def _private_file(text: str) -> Iterator[str]:
    """OpenSSL reads certificate chains from files only: one that nobody else can read, which is gone afterwards.

    In memory where the system can do that, so that neither a read-only disk nor a sudden end matters.
    """
    if hasattr(os, "memfd_create"):
        with os.fdopen(os.memfd_create("identity", os.MFD_CLOEXEC), "w") as file:
            file.write(text)
            file.flush()
            yield f"/proc/self/fd/{file.fileno()}"
        return
    with tempfile.TemporaryDirectory(prefix="kubefed-") as folder:
        path = Path(folder, "identity.pem")
        path.touch(mode=0o600)
        path.write_text(text)
        yield str(path)
