"""Whatever a person gets wrong is said in a line or two on stderr, with what to do, and nothing goes to stdout."""

import base64
from collections.abc import Iterator
from pathlib import Path

import pytest

from fedctl.federation import CLUSTERS, CONFIGS, TYPE_CONFIGS
from fedctl.sandbox.ports import free_ports
from kubefed.core.names import ObjectKey
from tests.builders.clusters import SYSTEM
from tests.fakes.apiserver import TOKEN, FakeApiServer, html, in_thread, redirect, refuse, send
from tests.fakes.objects import page
from tests.support.inprocess import Said, a_kubeconfig, fedctl, leading_to

NOT_A_LABEL = "is not a DNS label"
_LONGEST_LINES = 3


def assert_clear(said: Said, *words: str, code: int = 1) -> None:
    """A short sentence on stderr with these words in it, and no sign of Python."""
    assert said.code == code, said.all
    assert said.out == ""
    assert said.err.startswith("Error: ") or code == 2
    assert "Traceback" not in said.err
    for word in words:
        assert word in said.err
    if code == 1:
        assert len(said.err.splitlines()) <= _LONGEST_LINES


@pytest.fixture
def server() -> Iterator[FakeApiServer]:
    """A host that answers and has nothing installed."""
    with in_thread(FakeApiServer()) as running:
        running.on("GET", "/version", send({"gitVersion": "v1.30.0"}))
        yield running


@pytest.fixture
def kubeconfig(server: FakeApiServer, tmp_path: Path) -> Path:
    return leading_to(server, tmp_path / "kubeconfig")


def installed(server: FakeApiServer) -> None:
    """Something is installed: a configuration, and no types and clusters yet."""
    config = {
        "apiVersion": CONFIGS.api_version,
        "kind": CONFIGS.kind,
        "metadata": {"name": "kubefed", "namespace": SYSTEM},
        "spec": {"scope": "Cluster"},
    }
    server.on("GET", CONFIGS.object_path(ObjectKey(SYSTEM, "kubefed")), send(config))
    server.on("GET", TYPE_CONFIGS.collection_path(SYSTEM), send(page()))
    server.on("GET", CLUSTERS.collection_path(SYSTEM), send(page()))
    server.on("GET", f"/api/v1/namespaces/{SYSTEM}/secrets", send(page()))


# --- the kubeconfig --------------------------------------------------------------------------------------------


def test_a_kubeconfig_that_is_not_there(tmp_path: Path) -> None:
    assert_clear(fedctl("get", "clusters", kubeconfig=tmp_path / "none"), str(tmp_path / "none"), "--kubeconfig")


@pytest.mark.parametrize("text", ["a: [b", "", "[]", "just words"])
def test_a_kubeconfig_that_is_none(tmp_path: Path, text: str) -> None:
    path = tmp_path / "kubeconfig"
    path.write_text(text)
    assert_clear(fedctl("get", "clusters", kubeconfig=path), str(path))


def test_a_context_that_is_not_there_comes_with_those_that_are(kubeconfig: Path) -> None:
    said = fedctl("get", "clusters", "--host-cluster-context", "nowhere", kubeconfig=kubeconfig)
    assert_clear(said, "'nowhere'", "it has: host")


@pytest.mark.parametrize("ca", [base64.b64encode(b"no certificate").decode(), "no base64 !"])
def test_a_malformed_certificate_authority(tmp_path: Path, ca: str) -> None:
    path = a_kubeconfig(tmp_path / "kubeconfig", "https://127.0.0.1:1", ca=ca)
    assert_clear(fedctl("get", "clusters", kubeconfig=path), "certificate")


# --- the host --------------------------------------------------------------------------------------------------


def test_a_host_that_refuses_connections(tmp_path: Path) -> None:
    [port] = free_ports(1)
    path = a_kubeconfig(tmp_path / "kubeconfig", f"https://127.0.0.1:{port}")
    assert_clear(fedctl("get", "clusters", kubeconfig=path), "context host", "ConnectionRefused", "check that it runs")


def test_a_host_whose_certificate_is_not_trusted(server: FakeApiServer, tmp_path: Path) -> None:
    path = a_kubeconfig(tmp_path / "kubeconfig", server.connection.server)
    assert_clear(fedctl("get", "clusters", kubeconfig=path), "CertificateNotTrusted")


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (html(), ("no Kubernetes API server",)),
        (redirect("https://elsewhere.example/"), ("307",)),
        (refuse(401, "Unauthorized"), ("401", "log in again")),
        (refuse(403, "Forbidden"), ("403", "lacks the rights")),
    ],
)
def test_a_host_that_is_none_or_does_not_want_us(
    server: FakeApiServer, kubeconfig: Path, answer: object, words: tuple[str, ...]
) -> None:
    server.on("GET", "/version", answer)  # type: ignore[arg-type]
    assert_clear(fedctl("get", "clusters", kubeconfig=kubeconfig), *words)


COMMANDS = [
    ("get", "clusters"),
    ("get", "types"),
    ("get", "deployments"),
    ("describe", "deployments", "web"),
    ("orphaning-deletion", "status", "deployments", "web"),
    ("unjoin", "cluster", "eu"),
    ("join", "cluster", "eu"),
]


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_host_without_a_federation(server: FakeApiServer, kubeconfig: Path, command: tuple[str, ...]) -> None:  # noqa: ARG001
    assert_clear(fedctl(*command, kubeconfig=kubeconfig), "context host", "fedctl install")


# --- names and types -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (("join", "cluster", "Not_A_Name"), ("the cluster name 'Not_A_Name'", NOT_A_LABEL)),
        (("join", "cluster", "a" * 64), (NOT_A_LABEL, "at most 63")),
        (("unjoin", "cluster", "../eu"), (NOT_A_LABEL,)),
        (("get", "clusters", "--kubefed-namespace", "a/b"), ("--kubefed-namespace 'a/b'", NOT_A_LABEL)),
        (("install", "--allowed-endpoint-range", "10.0.0.1/8"), ("--allowed-endpoint-range '10.0.0.1/8'",)),
        (("join", "cluster", "eu", "--label", "region"), ("KEY=VALUE",)),
        (("join", "cluster", "eu", "--token-lifetime", "1m"), ("between 10m and 24h",)),
        (("federate", "configmap", "NOT_A_NAME"), ("'NOT_A_NAME'", "not a DNS name")),
    ],
)
def test_names_that_cannot_be(kubeconfig: Path, command: tuple[str, ...], words: tuple[str, ...]) -> None:
    assert_clear(fedctl(*command, kubeconfig=kubeconfig), *words)


def test_a_cluster_that_is_not_joined(server: FakeApiServer, kubeconfig: Path) -> None:
    installed(server)
    assert_clear(fedctl("unjoin", "eu", kubeconfig=kubeconfig), "no cluster 'eu'", "there are: none")
    assert_clear(fedctl("get", "clusters", "eu", kubeconfig=kubeconfig), "no cluster 'eu'", "there are: none")


def test_a_type_that_is_not_federated(server: FakeApiServer, kubeconfig: Path) -> None:
    installed(server)
    server.on("GET", "/api", send({"versions": []}))
    server.on("GET", "/apis", send({"kind": "APIGroupList", "groups": []}))
    for command in (("get", "widgets"), ("describe", "widgets", "a"), ("orphaning-deletion", "enable", "widgets", "a")):
        assert_clear(fedctl(*command, kubeconfig=kubeconfig), "'widgets'", "fedctl get types")


# --- files -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: [b", ("line", "not YAML")),
        ("just words", ("apiVersion and kind",)),
        ("kind: ConfigMap\n", ("document 1", "metadata.name")),
        ("a: &a [1]\nb: " + "[*a, *a]\n", ("document 1",)),
    ],
)
def test_a_file_that_holds_no_objects(tmp_path: Path, text: str, words: tuple[str, ...]) -> None:
    path = tmp_path / "object.yaml"
    path.write_text(text)
    assert_clear(fedctl("federate", "-f", str(path)), "object.yaml", *words)


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    assert_clear(fedctl("federate", "-f", str(tmp_path / "none.yaml")), "none.yaml", "No such file")
    assert_clear(fedctl("federate", "-f", str(tmp_path)), str(tmp_path), "Is a directory")
    assert_clear(fedctl("enable", "-f", str(tmp_path / "none.yaml")), "none.yaml", "No such file")


def test_stdin_that_holds_no_objects() -> None:
    assert_clear(fedctl("federate", "-f", "-", stdin=b"a: [b"), "stdin", "not YAML")


# --- the command line itself -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "command",
    [
        ("get", "deployments", "-n", "shop", "-A"),
        ("join",),
        ("join", "cluster", "eu", "us"),
        ("unjoin",),
        ("federate",),
        ("federate", "configmap"),
        ("federate", "configmap", "a", "-f", "file"),
        ("federate", "configmap", "a", "-t", "-o", "yaml"),
        ("enable",),
        ("describe", "deployments"),
        ("nonsense",),
        ("get", "clusters", "-o", "nonsense"),
    ],
)
def test_misuse_shows_the_usage_and_exits_with_two(kubeconfig: Path, command: tuple[str, ...]) -> None:
    said = fedctl(*command, kubeconfig=kubeconfig)
    assert_clear(said, "Usage:", code=2)


def test_no_error_shows_the_token(server: FakeApiServer, kubeconfig: Path) -> None:
    server.on("GET", "/version", refuse(403, "Forbidden", message="no"))
    said = fedctl("get", "clusters", kubeconfig=kubeconfig)
    assert TOKEN not in said.all
    assert "a-token" not in said.all
