"""What the webhook's tests do again and again: run it, write as a person does, and see what that person is told."""

import os
import ssl
import subprocess
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import yaml

from fedctl.apiserver import ApiServer
from fedctl.sandbox import installed
from fedctl.sandbox.ports import free_ports
from fedctl.sandbox.running import Sandbox
from kubefed.admission.configurations import MUTATING, VALIDATING
from kubefed.core.markers import DEFAULT_NAMESPACE
from kubefed.core.names import ObjectKey, ResourceType
from tests.support.controller import BIN
from tests.support.waiting import eventually

SYSTEM = DEFAULT_NAMESPACE
IMAGE = "example.com/kubefed:1"
Manifest = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Told:
    """What kubectl said: whether it worked, its output and its errors and warnings."""

    worked: bool
    out: str
    err: str


@dataclass(frozen=True, slots=True)
class Host:
    """The host as its administrator sees it, and the webhook's own way there."""

    sandbox: Sandbox
    server: ApiServer
    webhook_kubeconfig: Path

    def kubectl(self, *arguments: str, manifest: Manifest | None = None) -> Told:
        """Run kubectl, with a manifest on its standard input."""
        command = [*installed.find().command("kubectl"), f"--kubeconfig={self.sandbox.kubeconfig}", *arguments]
        given = yaml.safe_dump(manifest) if manifest is not None else ""
        done = subprocess.run(command, input=given, capture_output=True, text=True, timeout=60)
        return Told(done.returncode == 0, done.stdout, done.stderr)

    def apply(self, manifest: Manifest, *options: str) -> Told:
        """`kubectl apply -f -`."""
        return self.kubectl("apply", "-f", "-", *options, manifest=manifest)

    def create(self, manifest: Manifest, *options: str) -> Told:
        """`kubectl create -f -`, which neither merges nor annotates."""
        return self.kubectl("create", "-f", "-", *options, manifest=manifest)

    def webhooks(self, resource: ResourceType) -> list[Manifest]:
        """The webhooks in one of the two configurations."""
        name = {VALIDATING: "validations.core.kubefed.io", MUTATING: "mutation.core.kubefed.io"}[resource]
        return list(self.server.get(resource, ObjectKey("", name)).get("webhooks") or [])


class RunningWebhook:
    """One `kubefed webhook` outside the cluster. What it says goes to `log`."""

    def __init__(self, host: Host, directory: "os.PathLike[str]", *flags: str) -> None:
        (self.port,) = free_ports(1)
        self.log = Path(directory, "webhook.log")
        self._host = host
        self._command = [
            str(BIN / "kubefed"),
            "webhook",
            f"--kubeconfig={host.webhook_kubeconfig}",
            f"--secure-port={self.port}",
            f"--url={self.url}",
            *flags,
        ]
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Where API servers reach it."""
        return f"https://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(self._command, stdout=log, stderr=log)
        return self

    def __exit__(self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait(30)

    def stop(self) -> int:
        """SIGTERM; the exit code."""
        assert self._process is not None
        self._process.terminate()
        return self._process.wait(30)

    def is_running(self) -> bool:
        """Whether its process lives."""
        return self._process is not None and self._process.poll() is None

    def await_registration(self) -> None:
        """Wait until API servers know it, and it answers them: configurations reach API servers a moment later."""
        eventually(lambda: self._host.webhooks(VALIDATING), f"it registers; see {self.log}")
        eventually(self._is_asked, f"it is asked; see {self.log}")

    def _is_asked(self) -> bool:
        bad = {
            "apiVersion": "core.kubefed.io/v1beta1",
            "kind": "KubeFedCluster",
            "metadata": {"name": "probe", "namespace": SYSTEM},
            "spec": {"apiEndpoint": "", "secretRef": {"name": "x"}},
        }
        return "denied the request" in self._host.create(bad, "--dry-run=server").err


def trusting(bundle_pem: str) -> ssl.SSLContext:
    """A client that trusts this bundle and nothing else."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=bundle_pem)
    return context
