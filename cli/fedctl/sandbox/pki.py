"""Certificates and keys of one cluster: its own authority, what the servers serve with, and who its clients are.

EC P-256 throughout. Everything is throw-away: it is made at `up`, lives in the sandbox's directory and dies with it.
"""

import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

ADMIN = "admin"
SIMULATOR = "simulator"
CLIENTS = {
    ADMIN: ("kubefed-sandbox-admin", "system:masters"),
    "kube-controller-manager": ("system:kube-controller-manager", None),
    "kube-scheduler": ("system:kube-scheduler", None),
    SIMULATOR: ("kubefed-sandbox-simulator", "system:masters"),
}
"""Client certificates by file name: the user and the group they stand for."""

_LIFE = timedelta(days=365)
_CLOCK_SKEW = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Pair:
    """A certificate and its private key, both PEM."""

    certificate: bytes
    key: bytes


def make(directory: Path, services: IPv4Network) -> None:
    """Write a cluster's authority, serving pair, service account key and client pairs; keys with mode 0600."""
    directory.mkdir(parents=True, exist_ok=True)
    key = _new_key()
    authority = _authority(key)
    _write(directory, "ca", Pair(_pem(authority), _key_pem(key)))
    _write(directory, "serving", _serving_pair(authority, key, services))
    for name, (user, group) in CLIENTS.items():
        _write(directory, name, _client_pair(authority, key, user, group))
    _write_service_account_keys(directory)


def read(directory: Path, name: str) -> Pair:
    """The pair that `make` wrote under `name`."""
    return Pair((directory / f"{name}.crt").read_bytes(), (directory / f"{name}.key").read_bytes())


def _authority(key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    name = _name("kubefed-sandbox-ca", None)
    usage = _key_usage(signs_certificates=True)
    return (
        _unsigned(name, name, key)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
        .sign(key, hashes.SHA256())
    )


def _serving_pair(authority: x509.Certificate, signer: ec.EllipticCurvePrivateKey, services: IPv4Network) -> Pair:
    hosts = [
        "localhost",
        "kubernetes",
        "kubernetes.default",
        "kubernetes.default.svc",
        "kubernetes.default.svc.cluster.local",
    ]
    addresses = [IPv4Address("127.0.0.1"), services[1]]
    names = x509.SubjectAlternativeName([*map(x509.DNSName, hosts), *map(x509.IPAddress, addresses)])
    return _issue(authority, signer, _name("kube-apiserver", None), (ExtendedKeyUsageOID.SERVER_AUTH, names))


def _client_pair(authority: x509.Certificate, signer: ec.EllipticCurvePrivateKey, user: str, group: str | None) -> Pair:
    return _issue(authority, signer, _name(user, group), (ExtendedKeyUsageOID.CLIENT_AUTH, None))


def _issue(
    authority: x509.Certificate,
    signer: ec.EllipticCurvePrivateKey,
    subject: x509.Name,
    purpose: tuple[x509.ObjectIdentifier, x509.SubjectAlternativeName | None],
) -> Pair:
    key = _new_key()
    usage, names = purpose
    request = (
        _unsigned(subject, authority.subject, key)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([usage]), critical=False)
        # Strict verifiers, Python's own from 3.13 on, refuse certificates that do not name their authority's key.
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
    )
    if names is not None:
        request = request.add_extension(names, critical=False)
    return Pair(_pem(request.sign(signer, hashes.SHA256())), _key_pem(key))


def _unsigned(subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _CLOCK_SKEW)
        .not_valid_after(now + _LIFE)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _key_usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        key_encipherment=False,
        content_commitment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _name(user: str, group: str | None) -> x509.Name:
    parts = [x509.NameAttribute(NameOID.COMMON_NAME, user)]
    if group is not None:
        parts.insert(0, x509.NameAttribute(NameOID.ORGANIZATION_NAME, group))
    return x509.Name(parts)


def _write_service_account_keys(directory: Path) -> None:
    key = _new_key()
    public = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    write_private(directory / "service-accounts.key", _key_pem(key))
    (directory / "service-accounts.pub").write_bytes(public)


def _write(directory: Path, name: str, pair: Pair) -> None:
    (directory / f"{name}.crt").write_bytes(pair.certificate)
    write_private(directory / f"{name}.key", pair.key)


def write_private(path: Path, content: bytes) -> None:
    """Write a file that only its owner may read, from its first byte on."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        os.fchmod(file.fileno(), 0o600)
        file.write(content)


def _new_key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def _key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
