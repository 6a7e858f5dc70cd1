"""Makes certificates, and reads what matters of them. No file, no server, no decision about when.

Every certificate has an authority of its own, whose key is forgotten at once: whoever steals what is stored can be the
webhook for as long as the certificate lasts, and nothing else ever.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from kubefed.core.secret import Secret

BACKDATED = timedelta(hours=1)
"""Clocks of API servers may be behind ours by this much."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A certificate as PEM and the key that belongs to it."""

    certificate_pem: str
    key_pem: Secret


@dataclass(frozen=True, slots=True)
class Issued:
    """A new pair, and the authority that vouches for it, as PEM."""

    pair: Pair
    ca_pem: str


def issue(names: Sequence[str], now: datetime, life: timedelta) -> Issued:
    """A pair for a server that is reached under `names` (DNS names or addresses), good until `now + life`."""
    ca_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    serial = x509.random_serial_number()
    ca_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, f"kubefed-webhook-ca-{serial:x}"[:64])])
    ca = (
        _unsigned(ca_name, ca_name, ca_key, now, life)
        .serial_number(serial)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(ca_key.public_key()), critical=False)
        .sign(ca_key, hashes.SHA256())
    )
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "kubefed-admission-webhook")])
    leaf = (
        _unsigned(subject, ca_name, key, now, life)
        .serial_number(x509.random_serial_number())
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName([_general(name) for name in names]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key()), critical=False)
        .sign(ca_key, hashes.SHA256())
    )
    return Issued(Pair(_pem(leaf), Secret(_key_pem(key))), _pem(ca))


def _unsigned(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, now: datetime, life: timedelta
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .not_valid_before(now - BACKDATED)
        .not_valid_after(now + life)
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not signs_certificates,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def _key_pem(key: ec.EllipticCurvePrivateKey) -> str:
    form, plain = serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, form, plain).decode()


def issued_at(certificate_pem: str) -> datetime:
    """When `issue` made it. Raises ValueError when it is no certificate."""
    return _read(certificate_pem).not_valid_before_utc + BACKDATED


def expires_at(certificate_pem: str) -> datetime:
    """When it stops being good. Raises ValueError when it is no certificate."""
    return _read(certificate_pem).not_valid_after_utc


def serves(pair: Pair, authorities: Sequence[str], names: Sequence[str]) -> bool:
    """Whether one of the authorities vouches for the pair, for all these names, and its key is the right one."""
    try:
        leaf = _read(pair.certificate_pem)
        key = serialization.load_pem_private_key(pair.key_pem.reveal().encode(), None)
        covered = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        vouched = any(_vouches(_read(authority), leaf) for authority in authorities)
    except (ValueError, TypeError, x509.ExtensionNotFound):
        return False
    return vouched and key.public_key() == leaf.public_key() and all(_general(name) in covered for name in names)


def _vouches(authority: x509.Certificate, leaf: x509.Certificate) -> bool:
    try:
        leaf.verify_directly_issued_by(authority)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def _read(certificate_pem: str) -> x509.Certificate:
    return x509.load_pem_x509_certificate(certificate_pem.encode())
