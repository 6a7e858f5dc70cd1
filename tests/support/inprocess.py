"""Running fedctl within the test's own process, against servers that a test scripts."""

from dataclasses import dataclass
from pathlib import Path

import yaml
from typer.testing import CliRunner

from fedctl.main import app
from kubefed.kube.host import ca_data
from tests.fakes.apiserver import FakeApiServer


@dataclass(frozen=True, slots=True)
class Said:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def all(self) -> str:
        """Both streams."""
        return self.out + self.err


def fedctl(*arguments: str, kubeconfig: Path | None = None, stdin: bytes = b"") -> Said:
    """Run it. A bug in it fails the test."""
    environment = {"KUBECONFIG": str(kubeconfig or "/nonexistent"), "NO_COLOR": "1", "COLUMNS": "200"}
    result = CliRunner().invoke(app, arguments, input=stdin, env=environment)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return Said(result.exit_code, result.stdout, result.stderr)


def a_kubeconfig(path: Path, server: str, *, ca: str = "", **user: str) -> Path:
    """A kubeconfig of one context, `host`. `ca` is base64 of PEM; `user` is a token unless something else is given."""
    cluster = {"server": server} | ({"certificate-authority-data": ca} if ca else {})
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "host",
        "clusters": [{"name": "host", "cluster": cluster}],
        "users": [{"name": "host", "user": user or {"token": "a-token"}}],
        "contexts": [{"name": "host", "context": {"cluster": "host", "user": "host"}}],
    }
    path.write_text(yaml.safe_dump(document))
    return path


def leading_to(server: FakeApiServer, path: Path) -> Path:
    """A kubeconfig for a fake server."""
    return a_kubeconfig(path, server.connection.server, ca=ca_data(server.connection))
