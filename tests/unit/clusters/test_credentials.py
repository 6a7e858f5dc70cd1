"""From record and Secret to a connection: what is taken, what is refused, and that nothing secret is repeated."""

from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
import yaml

from kubefed.api.core_v1beta1 import Trust
from kubefed.clusters.credentials import (
    BOUND_TO_ANNOTATION,
    CredentialsSecret,
    connection_for,
    decode_secret,
    fingerprint,
    granted,
    lasting,
    token_life,
)
from kubefed.clusters.status import LONGEST_MESSAGE
from kubefed.core.errors import Misconfigured
from kubefed.core.secret import Secret
from kubefed.kube.addresses import AddressPolicy
from kubefed.kube.connection import Connection, TlsChecks
from tests.builders.clusters import CA_PEM, ENDPOINT, RecordBuilder, a_record, a_secret, a_token, base64_of, secret_manifest

CANARY = "canary-that-must-not-show"
NOWHERE_ELSE = AddressPolicy.of(("192.0.2.0/24",))


def connect(record: RecordBuilder, secret: CredentialsSecret | None, trust: Trust = Trust.STRICT) -> Connection:
    return connection_for(record.read(), secret, trust=trust, addresses=NOWHERE_ELSE)


def refusal(record: RecordBuilder, secret: CredentialsSecret | None, trust: Trust = Trust.STRICT) -> str:
    with pytest.raises(Misconfigured) as refused:
        connect(record, secret, trust)
    return str(refused.value)


def kubeconfig(**user: Any) -> dict[str, Any]:
    cluster = {"server": ENDPOINT, "certificate-authority-data": base64_of(CA_PEM)}
    return {
        "current-context": "here",
        "contexts": [{"name": "here", "context": {"cluster": "c", "user": "u"}}],
        "clusters": [{"name": "c", "cluster": cluster}],
        "users": [{"name": "u", "user": {"token": CANARY} | user}],
    }


def holding(document: dict[str, Any]) -> CredentialsSecret:
    return a_secret("", kubeconfig=yaml.safe_dump(document))


# --- a token ----------------------------------------------------------------------------------------------------


def test_a_token_is_sent_to_the_endpoint_under_the_records_ca_and_nowhere_else() -> None:
    connection = connect(a_record(), a_secret(CANARY))
    assert (connection.server, connection.ca_pem, connection.addresses) == (ENDPOINT, CA_PEM, NOWHERE_ELSE)
    assert connection.credentials.token == Secret(CANARY)
    assert (connection.checks, connection.proxy_url) == (TlsChecks(), "")


@pytest.mark.parametrize("endpoint", ["192.0.2.1:6443", "https://192.0.2.1:6443/", "HTTPS://192.0.2.1:6443"])
def test_an_endpoint_may_be_written_as_kubefeds_users_wrote_it(endpoint: str) -> None:
    assert connect(a_record().with_spec(apiEndpoint=endpoint), a_secret()).server == ENDPOINT


def test_white_space_around_a_token_does_not_belong_to_it() -> None:
    assert connect(a_record(), a_secret(f"{CANARY}\n")).credentials.token == Secret(CANARY)


def test_a_ca_bundle_may_be_wrapped_as_base64_tools_wrap_it() -> None:
    text = base64_of(CA_PEM)
    assert connect(a_record().with_spec(caBundle=f"{text[:20]}\n{text[20:]}\n"), a_secret()).ca_pem == CA_PEM


def test_comments_in_a_ca_bundle_may_be_in_any_language() -> None:
    assert "Zürich" in connect(a_record().at(ENDPOINT, f"# Zürich\n{CA_PEM}"), a_secret()).ca_pem


@pytest.mark.parametrize("bundle", ["!!!", "abc", "//79"])
def test_a_ca_bundle_that_is_no_base64_of_text_is_refused_by_its_field(bundle: str) -> None:
    assert "spec.caBundle" in refusal(a_record().with_spec(caBundle=bundle), a_secret())


def test_a_missing_secret_is_named() -> None:
    assert "Secret eu does not exist" in refusal(a_record(), None)


@pytest.mark.parametrize("secret", [a_secret(""), a_secret("\n"), a_secret("", other=CANARY)])
def test_a_secret_without_token_says_what_it_lacks(secret: CredentialsSecret) -> None:
    said = refusal(a_record(), secret)
    assert "neither data.token nor data.kubeconfig" in said
    assert CANARY not in said


def test_a_token_that_is_not_base64_of_text_counts_as_none() -> None:
    manifest = secret_manifest({}) | {"data": {"token": "//79"}}
    assert "neither" in refusal(a_record(), decode_secret(orjson.dumps(manifest)))


def test_nothing_of_a_secret_shows_when_it_or_its_connection_is_printed() -> None:
    secret = a_secret(CANARY)
    assert CANARY not in f"{secret!r} {secret} {connect(a_record(), secret)!r}"
    assert "opaque" not in repr(secret.data)


# --- what only Compatible trust grants --------------------------------------------------------------------------

RELAXED = [
    ({"disabledTLSValidations": ["*"]}, "TLSValidationDisabled", TlsChecks(chain=False, host_name=False, validity=False)),
    ({"disabledTLSValidations": ["SubjectName"]}, "TLSValidationDisabled", TlsChecks(host_name=False)),
    ({"disabledTLSValidations": ["ValidityPeriod"]}, "TLSValidationDisabled", TlsChecks(validity=False)),
    ({"disabledTLSValidations": ["ValidityPeriod", "SubjectName"]}, "TLSValidationDisabled", TlsChecks(True, False, False)),
    ({"caBundle": ""}, "SystemRootsTrusted", TlsChecks()),
    ({"proxyURL": "http://192.0.2.9:3128"}, "ProxyInRecord", TlsChecks()),
]


@pytest.mark.parametrize(("fields", "warning", "checks"), RELAXED)
def test_a_relaxation_is_refused_under_strict_trust_and_warned_of_under_compatible(
    fields: dict[str, Any], warning: str, checks: TlsChecks
) -> None:
    record = a_record().with_spec(**fields)
    said = refusal(record, a_secret())
    assert "Strict does not allow it" in said
    assert f"spec.{next(iter(fields))}" in said
    connection = connect(record, a_secret(), Trust.COMPATIBLE)
    assert connection.checks == checks
    assert connection.proxy_url == fields.get("proxyURL", "")
    assert [each.reason for each in granted(record.read(), a_secret())] == [warning]


def a_legacy_token(**claims: Any) -> Secret:
    """As Secrets of type service-account-token hold it."""
    body = {"iss": "kubernetes/serviceaccount", "sub": "system:serviceaccount:fed:eu", **claims}
    return Secret(f"header.{base64_of(orjson.dumps(body).decode()).rstrip('=')}.signature")


def test_a_token_that_never_ends_is_warned_of() -> None:
    (warning,) = lasting(a_legacy_token())
    assert warning.reason == "TokenNeverExpires"
    assert len(warning.message) < LONGEST_MESSAGE


@pytest.mark.parametrize(
    "token",
    [None, Secret("opaque"), Secret("a.b.c"), Secret("a.W10.c"), a_legacy_token(exp=1), a_legacy_token(sub="a person")],
    ids=["a certificate", "opaque", "no claims", "claims that are a list", "one that ends", "somebody else's"],
)
def test_other_tokens_are_not_said_to_last_for_ever(token: Secret | None) -> None:
    assert lasting(token) == ()


def test_a_check_that_nobody_knows_switches_nothing_off() -> None:
    record = a_record().with_spec(disabledTLSValidations=["Everything"])
    assert connect(record, a_secret(), Trust.COMPATIBLE).checks == TlsChecks()


# --- a kubeconfig -----------------------------------------------------------------------------------------------


def test_a_kubeconfig_brings_its_own_ca_and_is_held_to_every_check() -> None:
    record = a_record().with_spec(caBundle="", disabledTLSValidations=["*"], proxyURL="http://192.0.2.9:1")
    connection = connect(record, holding(kubeconfig()))
    assert (connection.ca_pem, connection.checks, connection.proxy_url) == (CA_PEM, TlsChecks(), "")
    assert connection.credentials.token == Secret(CANARY)
    assert granted(record.read(), holding(kubeconfig())) == ()


def test_a_kubeconfig_wins_over_a_token_beside_it() -> None:
    secret = a_secret("another", kubeconfig=yaml.safe_dump(kubeconfig()))
    assert connect(a_record(), secret).credentials.token == Secret(CANARY)


def test_a_kubeconfig_for_another_server_than_the_records_is_refused() -> None:
    said = refusal(a_record().at("https://192.0.2.2:6443"), holding(kubeconfig()))
    assert "another server than spec.apiEndpoint" in said


@pytest.mark.parametrize(
    "user",
    [
        {"exec": {"command": "/bin/touch", "args": [CANARY]}},
        {"tokenFile": CANARY},
        {"client-certificate": CANARY},
        {"client-key": CANARY},
        {"auth-provider": {"name": CANARY}},
        {"as": CANARY},
        {"username": CANARY},
    ],
)
def test_a_kubeconfig_that_runs_reads_or_impersonates_is_refused_by_its_field(user: dict[str, Any]) -> None:
    said = refusal(a_record(), holding(kubeconfig(**user)), Trust.COMPATIBLE)
    assert f"users[].user.{next(iter(user))} is not allowed" in said
    assert CANARY not in said


@pytest.mark.parametrize("field", ["certificate-authority", "insecure-skip-tls-verify", "proxy-url"])
def test_a_kubeconfig_that_weakens_its_connection_is_refused_by_its_field(field: str) -> None:
    document = kubeconfig()
    document["clusters"][0]["cluster"][field] = CANARY
    said = refusal(a_record(), holding(document), Trust.COMPATIBLE)
    assert f"clusters[].cluster.{field} is not allowed" in said
    assert CANARY not in said


def test_a_kubeconfig_without_ca_does_not_fall_back_to_the_systems_roots() -> None:
    document = kubeconfig()
    del document["clusters"][0]["cluster"]["certificate-authority-data"]
    assert "certificate-authority-data is missing" in refusal(a_record(), holding(document), Trust.COMPATIBLE)


@pytest.mark.parametrize("text", [f"{{{CANARY}", f"- {CANARY}", f"a: &a {CANARY}\nb: *a", "\x00"])
def test_a_kubeconfig_that_cannot_be_read_is_refused_without_being_repeated(text: str) -> None:
    assert CANARY not in refusal(a_record(), a_secret("", kubeconfig=text))


# --- credentials are bound to where they may go -----------------------------------------------------------------


def bound_to(record: RecordBuilder, token: str = CANARY) -> CredentialsSecret:
    return a_secret(token, annotations={BOUND_TO_ANNOTATION: fingerprint(connect(record, a_secret()))})


def test_bound_credentials_are_used_for_what_they_were_issued_for() -> None:
    assert connect(a_record(), bound_to(a_record())).server == ENDPOINT


def test_the_binding_does_not_mind_how_the_same_endpoint_and_ca_are_written() -> None:
    rewritten = a_record().at("192.0.2.1:6443/", f"{CA_PEM}\n")
    assert connect(rewritten, bound_to(a_record())).server == ENDPOINT


@pytest.mark.parametrize(
    "moved",
    [
        a_record().at("https://192.0.2.66:6443"),
        a_record().at("https://192.0.2.1:6444"),
        a_record().at("https://192.0.2.1:6443/through/here"),
        a_record().at(ENDPOINT, CA_PEM.replace("nobody", "somebody")),
        a_record().with_spec(caBundle=""),
    ],
    ids=["host", "port", "path", "CA", "no CA"],
)
def test_a_moved_endpoint_or_another_ca_gets_no_bound_credentials(moved: RecordBuilder) -> None:
    assert "was issued for another endpoint or CA" in refusal(moved, bound_to(a_record()), Trust.COMPATIBLE)


def test_a_binding_that_is_nonsense_binds_to_nothing() -> None:
    secret = a_secret(annotations={BOUND_TO_ANNOTATION: "nonsense"})
    assert "issued for another" in refusal(a_record(), secret)


def test_a_bound_kubeconfig_is_bound_by_its_own_ca() -> None:
    document = kubeconfig()
    bound = connect(a_record(), holding(document))
    document["clusters"][0]["cluster"]["certificate-authority-data"] = base64_of("another")
    swapped = a_secret("", annotations={BOUND_TO_ANNOTATION: fingerprint(bound)}, kubeconfig=yaml.safe_dump(document))
    assert "issued for another" in refusal(a_record(), swapped)


# --- the life of a token ----------------------------------------------------------------------------------------

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def test_a_service_account_tokens_life_is_read_from_its_claims() -> None:
    life = token_life(Secret(a_token(NOON, NOON + timedelta(hours=1))))
    assert life is not None
    assert (life.issued_at, life.expires_at) == (NOON, NOON + timedelta(hours=1))
    assert (life.namespace, life.service_account) == ("fed", "eu-kubefed")


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": None},
        {"exp": "tomorrow"},
        {"exp": 1e300},
        {"iat": -(2**62)},
        {"kubernetes.io": None},
        {"kubernetes.io": []},
        {"kubernetes.io": {"namespace": "fed"}},
        {"kubernetes.io": {"namespace": "fed", "serviceaccount": "name"}},
    ],
)
def test_a_token_with_claims_that_make_no_sense_has_an_unknown_life(claims: dict[str, Any]) -> None:
    assert token_life(Secret(a_token(NOON, NOON, **claims))) is None


@pytest.mark.parametrize("token", ["", "opaque", "a.b", "a.é.c", "..", "a.W10.c", "a." + "W" * 5001 + ".c"])
def test_an_opaque_token_has_an_unknown_life(token: str) -> None:
    assert token_life(Secret(token)) is None
