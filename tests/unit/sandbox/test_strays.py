"""Which processes are taken for a sandbox's own by their command line alone."""

from pathlib import Path

import pytest

from fedctl.sandbox import strays

HERE = Path("/state/sandbox/default")

OURS = [
    ["/cache/kubefed-sandbox", "kube-apiserver", "--cert-dir=/state/sandbox/default/clusters/host/pki"],
    ["/cache/kubefed-sandbox", "etcd", "--data-dir=/state/sandbox/default/etcd/shared/data"],
    ["/assets/kube-apiserver", "--cert-dir=/state/sandbox/default/clusters/host/pki"],
    ["/usr/bin/python3", "-m", "fedctl.sandbox.simulator", "/state/sandbox/default"],
    ["/usr/bin/python3", "-m", "fedctl.sandbox.keeper", "/state/sandbox/default"],
]

NOT_OURS = [
    ["tail", "-f", "/state/sandbox/default/clusters/host/kube-apiserver.log"],
    ["vim", "/state/sandbox/default/state.json"],
    ["/cache/kubefed-sandbox", "kube-apiserver", "--cert-dir=/state/sandbox/default2/clusters/host/pki"],
    ["/cache/kubefed-sandbox", "etcd", "--data-dir=/elsewhere"],
    ["/cache/kubefed-sandbox", "kubectl", "--kubeconfig=/state/sandbox/default/kubeconfig", "get", "pods", "-w"],
    ["/usr/bin/python3", "-m", "fedctl.sandbox", "up"],
    ["/usr/bin/python3", "-m", "fedctl.sandbox.keeper", "/state/sandbox/default-2"],
    [""],
    [],
]


@pytest.mark.parametrize("arguments", OURS, ids=" ".join)
def test_servers_and_helpers_in_its_directory_belong_to_it(arguments: list[str]) -> None:
    assert strays.belongs_to(HERE, arguments)


@pytest.mark.parametrize("arguments", NOT_OURS, ids=" ".join)
def test_other_programs_and_other_sandboxes_are_left_alone(arguments: list[str]) -> None:
    assert not strays.belongs_to(HERE, arguments)
