"""One installed release, as the person who installed it and as the accounts that it made see it."""

import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from fedctl.apiserver import ApiServer
from fedctl.kinds import CLUSTER_ROLES, ROLES, SERVICE_ACCOUNTS
from fedctl.sandbox import installed
from fedctl.sandbox.running import Sandbox
from kubefed.core.names import ObjectKey
from tests.integration.chart.rendered import CHART
from tests.support.federation import write_kubeconfig
from tests.support.manifests import Manifest
from tests.tools.helm_program import Helm

_TOKEN_LIFE_S = 7200


@dataclass(frozen=True, slots=True)
class Release:
    """A release called `kubefed` in one namespace of the host."""

    helm: Helm
    sandbox: Sandbox
    host: ApiServer
    namespace: str

    def install(self, values: Manifest | None = None, chart: Path = CHART) -> None:
        """`helm install`."""
        self._helm("install", "--create-namespace", chart=chart, values=values)

    def upgrade(self, values: Manifest | None = None, *options: str) -> None:
        """`helm upgrade`, to our chart."""
        self._helm("upgrade", *options, values=values)

    def uninstall(self) -> None:
        """`helm uninstall`."""
        self.helm.run("uninstall", "kubefed", "--namespace", self.namespace, "--wait")

    def _helm(self, verb: str, *options: str, chart: Path = CHART, values: Manifest | None = None) -> None:
        self.helm.run(verb, "kubefed", str(chart), "--namespace", self.namespace, *options, values=values or {})

    def kubectl(self, *arguments: str, manifests: list[Manifest] | None = None) -> "subprocess.CompletedProcess[str]":
        """Run kubectl against the host, with manifests on its standard input."""
        command = [*installed.find().command("kubectl"), f"--kubeconfig={self.sandbox.host.kubeconfig}", *arguments]
        given = yaml.safe_dump_all(manifests) if manifests is not None else ""
        return subprocess.run(command, input=given, capture_output=True, text=True, timeout=120)

    def kubeconfig_of(self, account: str, directory: Path) -> Path:
        """A kubeconfig with a token of one of the release's accounts, and with no other rights."""
        body: Manifest = {
            "apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {"expirationSeconds": _TOKEN_LIFE_S},
        }  # fmt: skip
        answer = self.host.post(SERVICE_ACCOUNTS.object_path(ObjectKey(self.namespace, account), "token"), body)
        path = directory / f"{account}.kubeconfig"
        host = self.sandbox.host
        write_kubeconfig(path, host.endpoint, host.ca_pem, str(answer["status"]["token"]))
        return path

    def rules(self, role: str, *, local: bool = False) -> Any:
        """The rules of a Role in the release's namespace, or of a ClusterRole."""
        return self.host.get(ROLES if local else CLUSTER_ROLES, ObjectKey(self.namespace if local else "", role))["rules"]
