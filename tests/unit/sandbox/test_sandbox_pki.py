"""The certificates of a cluster are what TLS and Kubernetes want of them."""

import stat
from datetime import UTC, datetime
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.x509.oid import NameOID
from cryptography.x509.verification import ClientVerifier, PolicyBuilder, Store

from fedctl.sandbox import pki


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("pki")
    pki.make(directory, IPv4Network("10.100.16.0/20"))
    return directory


def certificate(directory: Path, name: str) -> x509.Certificate:
    return x509.load_pem_x509_certificate(pki.read(directory, name).certificate)


def authority(directory: Path) -> Store:
    return Store([certificate(directory, "ca")])


@pytest.mark.parametrize("name", ["localhost", "kubernetes.default.svc"])
def test_the_server_is_trusted_under_its_names(made: Path, name: str) -> None:
    verifier = PolicyBuilder().store(authority(made)).build_server_verifier(x509.DNSName(name))
    verifier.verify(certificate(made, "serving"), [])


@pytest.mark.parametrize("address", ["127.0.0.1", "10.100.16.1"])
def test_the_server_is_trusted_under_loopback_and_the_first_service_address(made: Path, address: str) -> None:
    verifier = PolicyBuilder().store(authority(made)).build_server_verifier(x509.IPAddress(IPv4Address(address)))
    verifier.verify(certificate(made, "serving"), [])


@pytest.mark.parametrize("name", pki.CLIENTS)
def test_each_client_is_who_kubernetes_takes_it_for(made: Path, name: str) -> None:
    user, group = pki.CLIENTS[name]
    subject = certificate(made, name).subject
    assert [part.value for part in subject.get_attributes_for_oid(NameOID.COMMON_NAME)] == [user]
    assert [part.value for part in subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)] == ([group] if group else [])


@pytest.mark.parametrize("name", [*pki.CLIENTS, "serving", "ca"])
def test_each_key_fits_its_certificate_and_only_its_owner_can_read_it(made: Path, name: str) -> None:
    pair = pki.read(made, name)
    key = serialization.load_pem_private_key(pair.key, password=None)
    form = (serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    assert key.public_key().public_bytes(*form) == certificate(made, name).public_key().public_bytes(*form)
    assert stat.S_IMODE((made / f"{name}.key").stat().st_mode) == 0o600


def test_certificates_are_valid_already_on_a_machine_whose_clock_is_a_little_behind(made: Path) -> None:
    assert (datetime.now(UTC) - certificate(made, "serving").not_valid_before_utc).total_seconds() > 3000


def test_another_cluster_does_not_accept_its_clients(made: Path, tmp_path: Path) -> None:
    pki.make(tmp_path, IPv4Network("10.100.32.0/20"))
    verifier: ClientVerifier = PolicyBuilder().store(authority(tmp_path)).build_client_verifier()
    with pytest.raises(x509.verification.VerificationError):
        verifier.verify(certificate(made, pki.ADMIN), [])
