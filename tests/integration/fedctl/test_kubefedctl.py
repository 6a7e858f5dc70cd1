"""`kubefedctl get` answers as `fedctl get` does, on a federation whose controller runs."""

import pytest

from kubefedctl.main import run
from tests.builders import kinds
from tests.integration.fedctl.conftest import Cli, is_ready
from tests.support.federation import MEMBERS, Federation
from tests.support.inprocess import Said
from tests.support.manifests import a_deployment
from tests.support.shop import Shop
from tests.support.waiting import eventually


@pytest.fixture
def kubefedctl(federation: Federation, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Cli:
    """Run kubefedctl against the host."""
    monkeypatch.setenv("KUBECONFIG", str(federation.sandbox.kubeconfig))

    def typed(*arguments: str, code: int = 0, stdin: bytes = b"") -> Said:
        assert not stdin
        said = Said(run(arguments), *capsys.readouterr())
        assert said.code == code, said.all
        return said

    return typed


def test_get_answers_as_fedctl_does(cli: Cli, kubefedctl: Cli, shop: Shop) -> None:
    shop.settle(shop.a(kinds.DEPLOYMENTS, "web").with_template(a_deployment("web", 1)).placed_on(*MEMBERS))
    eventually(lambda: all(is_ready(shop.federation, member) for member in MEMBERS), "both members are ready")
    for line in (
        "get clusters",
        "get types",
        "get deployments --all-namespaces",
        "get services -A",
        f"get deploy -n {shop.namespace}",
    ):
        documents = [ask(*line.split(), "-o", "json").out for ask in (cli, kubefedctl)]
        assert documents[0] == documents[1]
        tables = [ask(*line.split()).out for ask in (cli, kubefedctl)]
        assert tables[0].splitlines()[:1] == tables[1].splitlines()[:1]
    assert "web" in kubefedctl("get", f"--namespace={shop.namespace}", "deployments", "web", "--v=2").out


def test_what_get_does_not_find_is_an_error_in_the_log(kubefedctl: Cli) -> None:
    said = kubefedctl("get", "clusters", "nowhere", code=255)
    assert said.out == ""
    assert said.err.startswith("F")
    assert "Error: there is no cluster 'nowhere'; there are: member1, member2" in said.err
    said = kubefedctl("get", "configmaps", "-n", "nowhere")
    assert said.err.startswith("I")
    assert "There is no FederatedConfigMap in namespace nowhere." in said.err
