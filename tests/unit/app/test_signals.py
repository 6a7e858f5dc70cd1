"""The executable as a container runs it: it says its version, waits for its host, and ends when it is told to."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.builders.clusters import base64_of
from tests.fakes.apiserver import FakeApiServer, in_thread, refuse

KUBECONFIG = """
apiVersion: v1
kind: Config
current-context: c
contexts: [{{name: c, context: {{cluster: c, user: u}}}}]
clusters: [{{name: c, cluster: {{server: "https://127.0.0.1:{port}", certificate-authority-data: {ca}}}}}]
users: [{{name: u, user: {{token: canary-token}}}}]
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_controller_that_waits_for_its_host_ends_with_0_when_it_is_told_to(number: int, tmp_path: Path) -> None:
    with in_thread(FakeApiServer()) as host:
        host.on("GET", "/apis/apps/v1/namespaces/fed/deployments/kubefed-controller-manager", refuse(500, "InternalError"))
        kubeconfig = tmp_path / "kubeconfig"
        kubeconfig.write_text(KUBECONFIG.format(port=host.port, ca=base64_of(host.authority.ca_pem)))
        flags = [f"--{name}-addr=127.0.0.1:0" for name in ("healthz", "metrics", "liveness")]
        program = [sys.executable, "-c", "from kubefed.app.main import main; main()", "controller-manager"]
        process = subprocess.Popen(
            [*program, f"--kubeconfig={kubeconfig}", "--kubefed-namespace=fed", *flags],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            assert process.stderr is not None
            assert "cannot be used yet" in process.stderr.readline()
            process.send_signal(number)
            said, complained = process.communicate(timeout=20)
        finally:
            process.kill()
        assert process.returncode == 0
        assert said.startswith("KubeFed controller-manager version: ")
        assert "canary-token" not in said + complained
