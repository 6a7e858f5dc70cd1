"""Certificates for fake servers, good ones and bad ones. Everything is thrown away with the test."""

import ssl
import tempfile
import warnings
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from kubefed.core.secret import Secret
from kubefed.kube.connection import Credentials

_DAY = timedelta(days=1)
HERE = ("127.0.0.1", "localhost")
"""The names under which fake servers are reached."""


class Authority:
    """A certificate authority that nobody else knows."""

    def __init__(self, name: str = "an authority of the tests") -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        constraints = x509.BasicConstraints(ca=True, path_length=None)
        builder = _unsigned(self._name, self._name, self._key, -_DAY, 30 * _DAY).add_extension(constraints, critical=True)
        self.ca_pem = _pem(builder.sign(self._key, hashes.SHA256()))

    def server(
        self, *names: str, valid_from: timedelta = -_DAY, valid_for: timedelta = 2 * _DAY, tls: str = "good"
    ) -> ssl.SSLContext:
        """What a server under `names` (HERE when none) serves with. `valid_from` counts from now.

        `tls="old"`: it speaks TLS 1.1 and nothing newer.
        """
        certificate, key = self._issue(names or HERE, valid_from, valid_for)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        _load(context, certificate, key)
        if tls == "old":
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", DeprecationWarning)
                context.set_ciphers("ALL:@SECLEVEL=0")
                context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_1
        return context

    def client(self, name: str = "a client") -> Credentials:
        """A client certificate and its key."""
        certificate, key = self._issue((name,), -_DAY, 2 * _DAY)
        return Credentials(client_certificate_pem=certificate, client_key_pem=Secret(key))

    def _issue(self, names: tuple[str, ...], valid_from: timedelta, valid_for: timedelta) -> tuple[str, str]:
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
        builder = _unsigned(subject, self._name, key, valid_from, valid_for)
        builder = builder.add_extension(x509.SubjectAlternativeName([_general(name) for name in names]), critical=False)
        return _pem(builder.sign(self._key, hashes.SHA256())), _key_pem(key)


def self_signed_server(*names: str) -> ssl.SSLContext:
    """What a server serves with that vouches for itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "myself")])
    builder = _unsigned(subject, subject, key, -_DAY, 2 * _DAY)
    alternatives = x509.SubjectAlternativeName([_general(name) for name in names or HERE])
    certificate = builder.add_extension(alternatives, critical=False).sign(key, hashes.SHA256())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    _load(context, _pem(certificate), _key_pem(key))
    return context


def encrypted(credentials: Credentials, passphrase: str) -> Credentials:
    """The same client certificate, with its key encrypted."""
    key = serialization.load_pem_private_key(credentials.client_key_pem.reveal().encode(), None)
    form = serialization.BestAvailableEncryption(passphrase.encode())
    text = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, form).decode()
    return Credentials(client_certificate_pem=credentials.client_certificate_pem, client_key_pem=Secret(text))


def _unsigned(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, valid_from: timedelta, valid_for: timedelta
) -> x509.CertificateBuilder:
    start = datetime.now(UTC) + valid_from
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + valid_for)
    )


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def _key_pem(key: ec.EllipticCurvePrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()


def _load(context: ssl.SSLContext, certificate: str, key: str) -> None:
    """OpenSSL reads chains from files only."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "identity.pem")
        path.write_text(certificate + key)
        context.load_cert_chain(path)
