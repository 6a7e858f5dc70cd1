"""Records and Secrets that are refused: by their status one sees which field and why, and never a value."""

from collections.abc import Iterator
from typing import Any

import pytest

from fedctl.federation import CONFIGS
from kubefed.core.markers import CONFIG_NAME
from kubefed.core.names import ObjectKey
from tests.support.controller import Controller
from tests.support.federation import MEMBER2, SYSTEM, Federation
from tests.support.manifests import Manifest, encoded
from tests.support.records import HandMade, a_kubeconfig, await_conditions, reaching, token_of

VALUE = "hunter2-is-the-password"


@pytest.fixture
def odd(federation: Federation, controller: Controller, namespace: str) -> Iterator[HandMade]:  # noqa: ARG001
    """A record of the test's own."""
    record = HandMade(federation, namespace)
    yield record
    record.remove()


def assert_malformed(odd: HandMade, message: str) -> None:
    """It is refused with these words; KubeFed's condition says so, and nothing betrays a value."""
    told = odd.await_state("Malformed", message)
    await_conditions(odd.federation, odd.name, ConfigMalformed="True")
    assert VALUE not in told
    assert encoded(VALUE) not in told


KUBECONFIGS: list[Any] = [
    pytest.param({"user": {"exec": {"command": VALUE}}}, "users[].user.exec", id="a program to run"),
    pytest.param({"user": {"tokenFile": f"/{VALUE}"}}, "users[].user.tokenFile", id="a token in a file"),
    pytest.param({"user": {"client-key": f"/{VALUE}"}}, "users[].user.client-key", id="a key in a file"),
    pytest.param({"user": {"auth-provider": {"name": VALUE}}}, "users[].user.auth-provider", id="an auth provider"),
    pytest.param({"user": {"as": VALUE, "token": "t"}}, "users[].user.as", id="impersonation"),
    pytest.param({"user": {"username": "a", "password": VALUE}}, "users[].user.", id="a password"),
    pytest.param({"certificate-authority": f"/{VALUE}"}, "clusters[].cluster.certificate-authority", id="a CA in a file"),
    pytest.param({"proxy-url": f"http://{VALUE}"}, "clusters[].cluster.proxy-url", id="a proxy"),
    pytest.param({"insecure-skip-tls-verify": True}, "clusters[].cluster.insecure-skip-tls-verify", id="no TLS checks"),
    pytest.param({"certificate-authority-data": None}, "certificate-authority-data is missing", id="no CA"),
    pytest.param({"server": f"https://{VALUE}.example"}, "another server than spec.apiEndpoint", id="another server"),
]


@pytest.mark.parametrize(("parts", "message"), KUBECONFIGS)
def test_a_stored_kubeconfig_with_more_than_data_is_refused(odd: HandMade, parts: Any, message: str) -> None:
    kubeconfig = a_kubeconfig(odd.federation, MEMBER2, **parts)
    odd.write(reaching(odd.federation, MEMBER2), {"kubeconfig": kubeconfig})
    assert_malformed(odd, message)


def test_a_stored_kubeconfig_that_is_none_is_refused(odd: HandMade) -> None:
    odd.write(reaching(odd.federation, MEMBER2), {"kubeconfig": f"{VALUE}: ["})
    assert_malformed(odd, "kubeconfig is not readable YAML")


@pytest.mark.parametrize("data", [{}, {"token": ""}, {"other": VALUE}])
def test_a_secret_without_credentials_is_refused(odd: HandMade, data: dict[str, str]) -> None:
    odd.write(reaching(odd.federation, MEMBER2), data)
    assert_malformed(odd, f"Secret {odd.name} holds neither data.token nor data.kubeconfig")


def test_a_secret_that_does_not_exist_is_named(odd: HandMade) -> None:
    odd.write(reaching(odd.federation, MEMBER2, secretRef={"name": f"{odd.name}-missing"}), {})
    assert_malformed(odd, f"Secret {odd.name}-missing does not exist")


UNREADABLE_CA = "the CA bundle holds no readable PEM certificate"
BROKEN_CA = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
RECORDS: list[Any] = [
    pytest.param({"caBundle": encoded("no certificate")}, "", id="a CA that is none"),
    pytest.param(
        {"caBundle": encoded("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")}, "", id="a broken CA"
    ),
    pytest.param({"caBundle": None}, "spec.caBundle is empty", id="no CA"),
    pytest.param({"disabledTLSValidations": ["*"]}, "spec.disabledTLSValidations is *", id="no TLS checks"),
    pytest.param({"disabledTLSValidations": ["SubjectName"]}, "disabledTLSValidations is SubjectName", id="any host name"),
    pytest.param({"disabledTLSValidations": ["ValidityPeriod"]}, "disabledTLSValidations is Validity", id="any date"),
    pytest.param({"proxyURL": "socks5://127.0.0.1:1080"}, "spec.proxyURL is set", id="a proxy"),
]


@pytest.mark.parametrize(("spec", "message"), RECORDS)
def test_a_record_that_relaxes_or_breaks_tls_is_refused_under_strict_trust(
    odd: HandMade, spec: Manifest, message: str
) -> None:
    written = reaching(odd.federation, MEMBER2, **spec)
    odd.write({name: value for name, value in written.items() if value is not None}, {"token": VALUE})
    assert_malformed(odd, message)


ADDRESSES = {
    "169.254.169.254": "a cloud metadata address",
    "100.100.100.200": "a cloud metadata address",
    "168.63.129.16": "a cloud metadata address",
    "[fd00:ec2::254]": "a cloud metadata address",
    "169.254.1.1": "a link-local address",
    "[fe80::1]": "a link-local address",
    "[::1]": "a loopback address",
    "0.0.0.0": "the unspecified address",  # noqa: S104 - nothing listens
    "224.0.0.1": "a multicast address",
}
"""Where no credentials may be sent, though 127.0.0.0/8 is listed as allowed."""


@pytest.mark.parametrize(("address", "said"), ADDRESSES.items())
def test_an_address_that_is_not_listed_is_refused_although_loopback_is(odd: HandMade, address: str, said: str) -> None:
    odd.write(reaching(odd.federation, MEMBER2, apiEndpoint=f"https://{address}:6443"), {"token": VALUE})
    assert_malformed(odd, said)


def test_a_token_is_not_sent_to_another_endpoint_than_it_was_issued_for(odd: HandMade) -> None:
    bound = odd.federation.credentials(MEMBER2)["metadata"]["annotations"]
    odd.write(reaching(odd.federation, MEMBER2, apiEndpoint="https://127.0.0.2:6443"), {"token": VALUE})
    odd.annotate_secret({"annotations": bound})
    assert_malformed(odd, "was issued for another endpoint or CA")


def test_a_rejected_token_is_told_as_such(odd: HandMade) -> None:
    odd.write(reaching(odd.federation, MEMBER2), {"token": VALUE})
    told = odd.await_state("Offline", "CredentialsRejected")
    await_conditions(odd.federation, odd.name, Offline="True")
    assert VALUE not in told


def test_a_record_that_is_put_right_works_at_once(odd: HandMade) -> None:
    odd.write(reaching(odd.federation, MEMBER2), {})
    assert_malformed(odd, "holds neither data.token nor data.kubeconfig")
    odd.set_secret({"token": token_of(odd.federation, MEMBER2)})
    odd.await_state("Ready", "")
    await_conditions(odd.federation, odd.name, Ready="True")


def test_a_range_that_is_not_listed_any_more_is_refused_after_a_restart(
    federation: Federation, new_controller: Any, controller: Controller
) -> None:
    controller.stop()
    key, listed = ObjectKey(SYSTEM, CONFIG_NAME), federation.host.get(CONFIGS, ObjectKey(SYSTEM, CONFIG_NAME))["spec"]
    federation.host.merge(CONFIGS, key, {"spec": {"allowedEndpointRanges": ["198.18.0.0/15"]}})
    try:
        strict = new_controller()
        strict.start()
        HandMade(federation, MEMBER2).await_state("Malformed", "a loopback address")
        assert strict.stop() == 0
    finally:
        federation.host.merge(CONFIGS, key, {"spec": {"allowedEndpointRanges": listed["allowedEndpointRanges"]}})
        controller.start()
    HandMade(federation, MEMBER2).await_state("Ready", "")
