"""The steps in which certificates are renewed, and that at no moment somebody meets what they do not trust."""

import ssl
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from kubefed.admission.certificates import stored
from kubefed.admission.certificates.files import CertificateFiles
from kubefed.admission.certificates.identity import LiveIdentity
from kubefed.admission.certificates.issuing import Pair, expires_at, issue, serves
from kubefed.admission.certificates.rotation import Lives, Material, Rotation
from kubefed.core.errors import Misconfigured
from kubefed.core.names import ObjectKey
from kubefed.core.secret import Secret

NAMES = ("kubefed-admission-webhook.kube-federation-system.svc", "127.0.0.1")
NOW = datetime(2026, 1, 1, tzinfo=UTC)
LIVES = Lives()
DAY = timedelta(days=1)
rotation = Rotation(NAMES, LIVES, issue)


def fresh() -> Material:
    return rotation.settle(None, NOW, published=False)


def test_the_first_certificate_serves_all_names_under_its_own_authority() -> None:
    material = fresh()
    assert material.next is None
    assert serves(material.current, material.authorities, NAMES)
    assert not serves(material.current, material.authorities, ("elsewhere",))
    assert not serves(material.current, fresh().authorities, NAMES)
    assert expires_at(material.current.certificate_pem) == NOW + LIVES.certificate


def test_nothing_changes_while_nothing_is_due() -> None:
    material = fresh()
    assert rotation.settle(material, NOW + 59 * DAY, published=True) is material


def test_renewal_publishes_first_serves_later_and_forgets_last() -> None:
    first = fresh()
    prepared = rotation.settle(first, NOW + 61 * DAY, published=True)
    assert prepared.current == first.current
    assert prepared.next is not None
    assert prepared.authorities[0] == first.authorities[0]
    assert len(prepared.authorities) == 2
    too_early = rotation.settle(prepared, NOW + 61 * DAY + LIVES.ahead / 2, published=True)
    assert too_early is prepared
    due = NOW + 61 * DAY + LIVES.ahead
    served = rotation.settle(prepared, due, published=True)
    assert (served.current, served.next) == (prepared.next, None)
    assert served.authorities == prepared.authorities, "other replicas may serve the old certificate a while longer"
    later = rotation.settle(served, NOW + 91 * DAY, published=True)
    assert later.authorities == prepared.authorities[1:], "an expired authority vouches for nothing"


def test_what_is_not_published_is_not_served_while_the_old_is_good() -> None:
    prepared = rotation.settle(fresh(), NOW + 61 * DAY, published=True)
    assert rotation.settle(prepared, NOW + 80 * DAY, published=False) is prepared
    forced = rotation.settle(prepared, NOW + 90 * DAY, published=False)
    assert forced.current == prepared.next, "an expired certificate helps nobody"


def test_at_every_moment_of_three_years_what_is_served_is_trusted_by_whoever_heard_last_of_the_bundle() -> None:
    material, published = fresh(), ""
    for hours in range(0, 3 * 365 * 24, 31):
        now = NOW + timedelta(hours=hours)
        settled = rotation.settle(material, now, published=published == material.bundle_pem)
        authorities = published and tuple(stored._CERTIFICATE.findall(published))
        if authorities:
            assert serves(settled.current, authorities, NAMES)
        assert now < expires_at(settled.current.certificate_pem)
        assert len(settled.authorities) <= 3
        material, published = settled, settled.bundle_pem


@pytest.mark.parametrize(
    "broken",
    [
        replace(fresh(), authorities=()),
        replace(fresh(), authorities=("rubbish",)),
        replace(fresh(), current=Pair("rubbish", Secret("rubbish"))),
        replace(fresh(), current=Pair(fresh().current.certificate_pem, fresh().current.key_pem)),
        Rotation(("elsewhere",), LIVES, issue).settle(None, NOW, published=False),
        Rotation(NAMES, Lives(certificate=DAY), issue).settle(None, NOW - 2 * DAY, published=False),
    ],
    ids=["no authority", "no certificate", "rubbish", "another's key", "other names", "expired"],
)
def test_what_cannot_be_used_is_made_anew(broken: Material) -> None:
    mended = rotation.settle(broken, NOW, published=False)
    assert serves(mended.current, mended.authorities, NAMES)
    assert expires_at(mended.current.certificate_pem) > NOW


def test_a_secret_gives_back_what_was_put_in() -> None:
    prepared = rotation.settle(fresh(), NOW + 61 * DAY, published=True)
    for material in (fresh(), prepared):
        secret = stored.manifest(ObjectKey("kube-federation-system", stored.SECRET_NAME), material, "7")
        assert stored.is_ours(secret)
        assert stored.read(secret) == material
    assert "PRIVATE" not in repr(prepared)


@pytest.mark.parametrize(
    "secret",
    [
        {},
        {"data": None},
        {"data": {"tls.crt": "!", "tls.key": "", "ca.crt": ""}},
        {"data": {"tls.crt": 7}},
        {"data": {"tls.crt": "/w==", "tls.key": "/w==", "ca.crt": "/w=="}},
    ],
)
def test_a_secret_that_cannot_be_read_holds_nothing(secret: dict[str, object]) -> None:
    assert stored.read(secret) is None
    assert not stored.is_ours(secret)


def write(directory: Path, pair: Pair) -> None:
    (directory / "tls.crt").write_text(pair.certificate_pem)
    (directory / "tls.key").write_text(pair.key_pem.reveal())


def test_files_are_read_again_when_they_change_and_kept_when_they_do_not_fit(tmp_path: Path) -> None:
    served: list[Pair] = []
    identity = LiveIdentity()

    def use(pair: Pair) -> None:
        identity.use(pair)
        served.append(pair)

    files = CertificateFiles(tmp_path, use)
    with pytest.raises(Misconfigured, match="has no readable"):
        files.load()
    first, second = fresh().current, fresh().current
    write(tmp_path, first)
    files.load()
    files.load()
    assert served == [first]
    (tmp_path / "tls.crt").write_text(second.certificate_pem)
    with pytest.raises(Misconfigured, match="no certificate and its key"):
        files.load()
    write(tmp_path, second)
    files.load()
    assert served == [first, second]


def test_a_pair_that_does_not_fit_leaves_the_old_one_served() -> None:
    material, other = (rotation.settle(None, datetime.now(UTC), published=False) for _ in range(2))
    identity = LiveIdentity()
    identity.use(material.current)
    for bad in (Pair("", Secret("")), Pair(other.current.certificate_pem, material.current.key_pem)):
        with pytest.raises(ValueError, match="no certificate"):
            identity.use(bad)
    assert handshaken(identity, material.bundle_pem)
    assert not handshaken(identity, other.bundle_pem)
    identity.use(other.current)
    assert handshaken(identity, other.bundle_pem)


def handshaken(identity: LiveIdentity, bundle_pem: str) -> bool:
    """Whether a client that trusts the bundle accepts what is shown; without any network."""
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.load_verify_locations(cadata=bundle_pem)
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    ours = client.wrap_bio(to_client, to_server, server_hostname="127.0.0.1")
    theirs = identity.context.wrap_bio(to_server, to_client, server_side=True)
    for _ in range(4):
        for side in (ours, theirs):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue
            except ssl.SSLCertVerificationError:
                return False
    return ours.version() is not None
