"""What the server shows in handshakes: exchanged while it runs, so that connections that stand are not disturbed."""

import ssl
import tempfile
from pathlib import Path

from kubefed.admission.certificates.issuing import Pair


class LiveIdentity:
    """A TLS context for a server. New handshakes use the pair that `use` was told last."""

    def __init__(self) -> None:
        self.context = _context()
        self.ready = False
        """Whether there is anything to show yet."""

    def use(self, pair: Pair) -> None:
        """Serve with this pair from now on. Raises ValueError, and changes nothing, when it is no pair."""
        with tempfile.TemporaryDirectory(prefix="kubefed-") as folder:  # OpenSSL reads chains from files only
            path = Path(folder, "identity.pem")
            path.touch(mode=0o600)
            path.write_text(f"{pair.certificate_pem}\n{pair.key_pem.reveal()}")
            try:
                _context().load_cert_chain(path, password=_no_password)
            except (ssl.SSLError, OSError):
                raise ValueError("no certificate and its key") from None
            self.context.load_cert_chain(path, password=_no_password)
        self.ready = True


def _no_password() -> str:
    """OpenSSL would ask at the terminal for the password of an encrypted key."""
    return ""


def _context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context
