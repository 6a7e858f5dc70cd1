"""Kubeconfigs from Secrets: what a controller needs is read, everything that could run, read or send is refused."""

import base64
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from kubefed.core.errors import Misconfigured
from kubefed.kube.addresses import ANYWHERE
from kubefed.kube.connection import Connection
from kubefed.kube.kubeconfig import LARGEST_BYTES, parse_kubeconfig

PRIVATE = "hunter2"


def pem(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def kubeconfig(
    *, cluster: dict[str, Any] | None = None, user: dict[str, Any] | None = None, **document: Any
) -> dict[str, Any]:
    """A good one, with whatever is given in its place; None takes a field out."""
    parts = {
        "server": "https://member:6443",
        "certificate-authority-data": pem("CA"),
    } | (cluster or {})
    whole = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "here",
        "contexts": [{"name": "here", "context": {"cluster": "eu", "user": "me", "namespace": "shop"}}],
        "clusters": [{"name": "eu", "cluster": {name: value for name, value in parts.items() if value is not None}}],
        "users": [{"name": "me", "user": {"token": PRIVATE} if user is None else user}],
    } | document
    return {name: value for name, value in whole.items() if value is not None}


class _Plainly(yaml.SafeDumper):
    """Writes what is there twice twice."""

    def ignore_aliases(self, _: object) -> bool:
        return True


def dumped(document: Any) -> bytes:
    return yaml.dump(document, Dumper=_Plainly).encode()


def parsed(document: Any) -> Connection:
    return parse_kubeconfig(dumped(document), ANYWHERE)


def refusal(document: Any) -> str:
    """Why it is refused; in words that hold no value and fit into a status."""
    text = document if isinstance(document, bytes) else dumped(document)
    with pytest.raises(Misconfigured) as refused:
        parse_kubeconfig(text, ANYWHERE)
    assert PRIVATE not in str(refused.value)
    assert refused.value.__cause__ is None
    assert len(str(refused.value)) < 300
    return str(refused.value)


# --- what is read ----------------------------------------------------------------------------------------------


def test_server_trust_and_token_are_read() -> None:
    connection = parsed(kubeconfig(cluster={"tls-server-name": "kubernetes"}))
    assert (connection.server, connection.ca_pem, connection.tls_server_name) == ("https://member:6443", "CA", "kubernetes")
    assert connection.credentials.token.reveal() == PRIVATE
    assert connection.proxy_url == ""
    assert connection.addresses == ANYWHERE


def test_a_client_certificate_is_read() -> None:
    connection = parsed(kubeconfig(user={"client-certificate-data": pem("CERT"), "client-key-data": pem("KEY")}))
    assert connection.credentials.client_certificate_pem == "CERT"
    assert connection.credentials.client_key_pem.reveal() == "KEY"


def test_of_several_contexts_the_current_one_counts_whatever_the_others_hold() -> None:
    document = kubeconfig(user={"exec": {"command": "/bin/true"}})
    document["contexts"].append({"name": "there", "context": {"cluster": "us", "user": "you"}})
    document["clusters"].append(
        {"name": "us", "cluster": {"server": "https://us", "certificate-authority-data": pem("US")}}
    )
    document["users"].append({"name": "you", "user": {"token": "t"}})
    assert parsed(document | {"current-context": "there"}).server == "https://us"
    assert "users[].user.exec" in refusal(document)


def test_json_is_yaml_too() -> None:
    assert parse_kubeconfig(yaml.safe_dump(kubeconfig(), default_flow_style=True).encode(), ANYWHERE).ca_pem == "CA"


def test_base64_may_be_folded_into_lines() -> None:
    folded = base64.encodebytes(b"CA" * 100).decode()
    assert parsed(kubeconfig(cluster={"certificate-authority-data": folded})).ca_pem == "CA" * 100


def test_extensions_are_harmless() -> None:
    """minikube and others write them everywhere."""
    extensions = [{"name": "x", "extension": {"provider": "minikube"}}]
    assert (
        parsed(kubeconfig(cluster={"extensions": extensions}, user={"token": "t", "extensions": extensions})).ca_pem == "CA"
    )


# --- what is refused -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("exec", {"command": "/bin/sh", "args": ["-c", PRIVATE]}),
        ("auth-provider", {"name": "gcp", "config": {"access-token": PRIVATE}}),
        ("tokenFile", "/var/run/secrets/kubernetes.io/serviceaccount/token"),
        ("client-certificate", "/etc/kubernetes/pki/admin.crt"),
        ("client-key", "/etc/kubernetes/pki/admin.key"),
        ("username", PRIVATE),
        ("password", PRIVATE),
        ("as", "system:admin"),
        ("as-groups", ["system:masters"]),
        ("Token", PRIVATE),
    ],
)
def test_of_a_user_nothing_but_token_and_certificate_is_taken(field: str, value: object) -> None:
    assert f"users[].user.{field} is not allowed" in refusal(kubeconfig(user={"token": PRIVATE, field: value}))


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("insecure-skip-tls-verify", True),
        ("insecure-skip-tls-verify", "false"),
        ("certificate-authority", "/etc/passwd"),
        ("proxy-url", f"http://u:{PRIVATE}@proxy"),
        ("disable-compression", True),
    ],
)
def test_of_a_cluster_nothing_but_address_and_trust_is_taken(field: str, value: object) -> None:
    assert f"clusters[].cluster.{field} is not allowed" in refusal(kubeconfig(cluster={field: value}))


@pytest.mark.parametrize("field", [PRIVATE, f"token {PRIVATE}", "x" * 10_000, "a\x1b[31mb"])
def test_a_field_that_is_no_fields_name_is_not_repeated(field: str) -> None:
    """A token that slipped into the place of a key would otherwise be in the status of the cluster."""
    assert "(unknown)" in refusal(kubeconfig(user={field: "x"}))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"current-context": None}, "current-context"),
        ({"current-context": "nowhere"}, "contexts"),
        ({"current-context": 5}, "current-context"),
        ({"contexts": []}, "contexts"),
        ({"contexts": {"here": {}}}, "contexts"),
        ({"contexts": [{"name": "here"}]}, "contexts"),
        ({"contexts": [None, 5, [], {"name": "here", "context": {}}]}, "context.cluster"),
        ({"contexts": [{"name": "here", "context": {"cluster": "eu", "user": 5}}]}, "context.user"),
        ({"clusters": []}, "clusters"),
        ({"users": [{"name": "me", "user": PRIVATE}]}, "users"),
        ({"users": [{"name": "me", "user": {}}]}, "neither token nor"),
        ({"users": [{"name": "me", "user": {"token": ["a"]}}]}, "token is not a string"),
        ({"users": [{"name": "me", "user": {"token": 12345}}]}, "token is not a string"),
        ({"users": [{"name": "me", "user": {"client-certificate-data": pem("CERT")}}]}, "together"),
        ({"users": [{"name": "me", "user": {"client-key-data": pem(PRIVATE)}}]}, "together"),
        ({"users": [{"name": "me", "user": {"client-certificate-data": PRIVATE + "!", "client-key-data": "x"}}]}, "base64"),
    ],
)
def test_what_is_missing_or_of_another_shape_is_named(change: dict[str, Any], said: str) -> None:
    assert said in refusal(kubeconfig(**change))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"server": None}, "server is missing"),
        ({"server": "http://member"}, "not https"),
        ({"server": f"https://me:{PRIVATE}@member"}, "user name"),
        ({"server": "https://"}, "cannot be read"),
        ({"server": ["https://member"]}, "not a string"),
        ({"certificate-authority-data": None}, "add the cluster's CA"),
        ({"certificate-authority-data": ""}, "add the cluster's CA"),
        ({"certificate-authority-data": "!!"}, "base64"),
        ({"certificate-authority-data": {"a": "b"}}, "base64"),
        ({"certificate-authority-data": base64.b64encode(b"\xff\xfe").decode()}, "base64 of PEM text"),
        ({"tls-server-name": {"a": "b"}}, "tls-server-name"),
        ({"tls-server-name": 5}, "tls-server-name"),
    ],
)
def test_what_is_wrong_with_a_cluster_is_named(change: dict[str, Any], said: str) -> None:
    assert said in refusal(kubeconfig(cluster=change))


@pytest.mark.parametrize("section", ["contexts", "clusters", "users"])
def test_two_entries_of_one_name_are_refused_because_readers_disagree_which_counts(section: str) -> None:
    document = kubeconfig()
    document[section] = document[section] * 2
    assert f"{section} has more than one entry" in refusal(document)


# --- hostile YAML ----------------------------------------------------------------------------------------------

ALIASES = b"a: &a [x]\n" + b"".join(b"%c: &%c [*%c,*%c,*%c,*%c]\n" % (n + 1, n + 1, n, n, n, n) for n in range(97, 117))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (ALIASES, "anchors"),
        (b"a: &a 1\n", "anchors"),
        (b"? &a x\n: 1\n", "anchors"),
        (b"[" * LARGEST_BYTES, "nested"),
        (b"{" * LARGEST_BYTES, "nested"),
        (b"[a: " * (LARGEST_BYTES // 4), "nested"),
        (b"- " * (LARGEST_BYTES // 2), "nested"),
        (b"? " * (LARGEST_BYTES // 2), "nested"),
        (b"a: 1" + b"1" * 60_000, "not readable"),
        (b"a: 2001-99-99", "not readable"),
        (b"!!python/object/apply:os.system ['true']", "not readable"),
        (b"a: !!python/name:os.system", "not readable"),
        (b"{[]: 1}", "not readable"),
        (b"a: b: c", "not readable"),
        (b"a: '", "not readable"),
        (b"a: \x00", "not readable"),
        (b"\xff\xfe\xfd", "not readable"),
        (b"--- {}\n--- {}", "not readable"),
        (b"", "not a YAML mapping"),
        (b"- a", "not a YAML mapping"),
        (b" " * LARGEST_BYTES, "not a YAML mapping"),
        (b" " * (LARGEST_BYTES + 1), "larger than"),
    ],
)
def test_bombs_and_nonsense_are_refused(text: bytes, said: str) -> None:
    assert said in refusal(text)


LINES = st.lists(
    st.sampled_from(
        [b"clusters:", b"- name: eu", b"  cluster:", b"current-context: here", b"? ", b"- ", b"{", b"[", b"!!set", b"<<:"]
    )
    | st.binary(max_size=20)
)


@settings(max_examples=200)
@given(st.binary() | LINES.map(b"\n".join) | LINES.map(b" ".join))
def test_nothing_but_a_refusal_comes_of_nonsense(text: bytes) -> None:
    with pytest.raises(Misconfigured):
        parse_kubeconfig(text, ANYWHERE)


SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10)
VALUES = st.recursive(SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(SCALARS, inner, max_size=3))
SECTIONS = st.sampled_from(["current-context", "contexts", "clusters", "users", "cluster", "user", "kind"])


@given(
    st.dictionaries(SECTIONS, VALUES), st.dictionaries(st.sampled_from(["server", "tls-server-name"]) | st.text(), VALUES)
)
def test_no_shape_of_a_value_is_more_than_a_refusal(changes: dict[str, Any], cluster: dict[str, Any]) -> None:
    document = kubeconfig(cluster=cluster) | changes
    try:
        parse_kubeconfig(dumped(document), ANYWHERE)
    except Misconfigured:
        return
