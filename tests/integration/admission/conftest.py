"""A host with kubefed installed and its webhook registered, as the chart leaves it: configurations with nothing in them."""

import os
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from fedctl.apiserver import ApiServer
from fedctl.contexts import open_context
from fedctl.kinds import SERVICE_ACCOUNTS
from fedctl.rights.webhook import ACCOUNT
from fedctl.sandbox.running import Sandbox
from kubefed.admission.configurations import Installation, configurations
from kubefed.core.names import ObjectKey
from tests.integration.admission.support import IMAGE, SYSTEM, Host, RunningWebhook
from tests.support.commands import fedctl
from tests.support.federation import write_kubeconfig


@pytest.fixture(scope="package")
def bare_host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Host]:
    """An API server with kubefed installed; nobody is asked about anything yet."""
    with (
        Sandbox.started(0, name=f"admission-{os.getpid()}", owner=True, controllers=False) as sandbox,
        ExitStack() as opened,
    ):
        fedctl(sandbox.kubeconfig, "install", "--image", IMAGE)
        server = opened.enter_context(ApiServer.opened(open_context(str(sandbox.kubeconfig), "host")))
        body = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {"expirationSeconds": 7200}}
        answer = server.post(SERVICE_ACCOUNTS.object_path(ObjectKey(SYSTEM, ACCOUNT), "token"), body)
        kubeconfig = tmp_path_factory.mktemp("webhook") / "kubeconfig"
        write_kubeconfig(kubeconfig, sandbox.host.endpoint, sandbox.host.ca_pem, str(answer["status"]["token"]))
        yield Host(sandbox, server, kubeconfig)


@pytest.fixture
def host(bare_host: Host) -> Iterator[Host]:
    """The same with empty configurations, which are gone after the test, and with them whoever was asked."""
    made = configurations(Installation(namespace=SYSTEM))
    for resource, manifest in made:
        bare_host.server.apply(resource, {**manifest, "webhooks": []})
    yield bare_host
    for resource, manifest in made:
        bare_host.server.delete(resource, ObjectKey("", manifest["metadata"]["name"]))


@pytest.fixture
def webhook(host: Host, tmp_path: "os.PathLike[str]") -> Iterator[RunningWebhook]:
    """The webhook's process as it ships, with the rights that it is granted, once API servers ask it."""
    running = RunningWebhook(host, tmp_path)
    with running:
        running.await_registration()
        yield running
