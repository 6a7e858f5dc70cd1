"""How a process finds the host: a kubeconfig that its operator names, or the pod that it runs in."""

import base64
from pathlib import Path
from typing import Any

import pytest
import yaml

from kubefed.core.errors import Misconfigured
from kubefed.kube.host import ca_data, in_cluster, load_context
from tests.fakes.pki import Authority

PRIVATE = "hunter2"


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


@pytest.fixture(autouse=True)
def _nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Neither the machine's own kubeconfig nor a pod is found by accident."""
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("KUBECONFIG", "KUBERNETES_SERVICE_HOST", "KUBERNETES_SERVICE_PORT"):
        monkeypatch.delenv(name, raising=False)


def document(authority: Authority, **cluster: Any) -> dict[str, Any]:
    ca = base64.b64encode(authority.ca_pem.encode()).decode()
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "here",
        "contexts": [
            {"name": "here", "context": {"cluster": "eu", "user": "me", "namespace": "shop"}},
            {"name": "there", "context": {"cluster": "eu", "user": "me"}},
        ],
        "clusters": [
            {"name": "eu", "cluster": {"server": "https://host:6443/", "certificate-authority-data": ca} | cluster}
        ],
        "users": [{"name": "me", "user": {"token": PRIVATE}}],
    }


def written(tmp_path: Path, content: object) -> str:
    path = tmp_path / "kubeconfig"
    path.write_text(content if isinstance(content, str) else yaml.safe_dump(content))
    return str(path)


def test_the_current_context_is_resolved(tmp_path: Path, authority: Authority) -> None:
    context = load_context(written(tmp_path, document(authority, **{"tls-server-name": "kubernetes"})))
    connection = context.connection
    assert (context.name, context.namespace) == ("here", "shop")
    assert (connection.server, connection.tls_server_name) == ("https://host:6443", "kubernetes")
    assert connection.ca_pem.strip() == authority.ca_pem.strip()
    assert connection.credentials.token.reveal() == PRIVATE
    assert base64.b64decode(ca_data(connection)).decode() == connection.ca_pem


def test_another_context_is_found_by_name(tmp_path: Path, authority: Authority) -> None:
    assert load_context(written(tmp_path, document(authority)), "there").namespace == "default"


def test_an_unknown_context_is_told_with_those_there_are(tmp_path: Path, authority: Authority) -> None:
    with pytest.raises(Misconfigured, match="'nowhere'; it has: here, there"):
        load_context(written(tmp_path, document(authority)), "nowhere")


def test_the_environment_names_the_file_when_nobody_else_does(
    tmp_path: Path, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KUBECONFIG", written(tmp_path, document(authority)))
    assert load_context().name == "here"


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "- a",
        "text",
        f"a: '{PRIVATE}",
        "contexts: 5",
        "contexts:\n- 5\n",
        "current-context: here\ncontexts:\n- name: here\n",
    ],
)
def test_a_file_that_is_no_kubeconfig_is_told_by_its_name_and_not_by_what_is_in_it(tmp_path: Path, content: str) -> None:
    path = written(tmp_path, content)
    with pytest.raises(Misconfigured, match=r"cannot be used|has no context") as refused:
        load_context(path)
    assert path in str(refused.value)
    assert PRIVATE not in str(refused.value)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="nothing cannot be used"):
        load_context(str(tmp_path / "nothing"))


def test_plain_http_is_refused_even_for_the_host(tmp_path: Path, authority: Authority) -> None:
    with pytest.raises(Misconfigured, match="not https"):
        load_context(written(tmp_path, document(authority, server="http://host:8080")))


def test_outside_of_a_pod_there_is_no_cluster_to_be_in() -> None:
    with pytest.raises(Misconfigured, match="not running in a cluster"):
        in_cluster()


def test_a_pod_without_a_service_account_is_told_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "fd00::1")
    with pytest.raises(Misconfigured, match="no service account"):
        in_cluster()
