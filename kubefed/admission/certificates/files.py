"""Certificates that somebody else provides as files, such as a mounted Secret of cert-manager's; read again on change."""

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path

from kubefed.admission.certificates.issuing import Pair
from kubefed.core.errors import Misconfigured
from kubefed.core.secret import Secret

_LOG = logging.getLogger(__name__)
PERIOD_S = 10.0


class CertificateFiles:
    """`tls.crt` and `tls.key` in one directory. `use` hears each pair and raises ValueError for one that does not fit."""

    def __init__(self, directory: Path, use: Callable[[Pair], None]) -> None:
        self._directory = directory
        self._use = use
        self._seen: Pair | None = None

    def load(self) -> None:
        """Read the files if they changed. Raises Misconfigured when there are none, or they do not fit each other."""
        pair = self._read()
        if pair == self._seen:
            return
        try:
            self._use(pair)
        except ValueError:
            raise Misconfigured(f"{self._directory}: tls.crt and tls.key are no certificate and its key") from None
        self._seen = pair

    async def run(self, period_s: float = PERIOD_S) -> None:
        """Look again and again until cancelled. What cannot be used, perhaps half written, leaves what there was."""
        while True:
            await asyncio.sleep(period_s)
            try:
                self.load()
            except Misconfigured as problem:
                _LOG.warning("going on with the certificate from before: %s", problem)

    def _read(self) -> Pair:
        try:
            certificate, key = ((self._directory / name).read_text() for name in ("tls.crt", "tls.key"))
        except (OSError, UnicodeDecodeError):
            raise Misconfigured(
                f"{self._directory} has no readable tls.crt and tls.key: mount a certificate there, or leave --cert-dir out"
            ) from None
        return Pair(certificate, Secret(key))
