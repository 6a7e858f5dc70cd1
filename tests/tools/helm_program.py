"""Helm, the real one: built once from its public Go module, as `helm/go.mod` pins it, and kept in the cache."""

import json
import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from tests.tools.go_programs import GoProgram

_MODULE = Path(__file__).parent / "helm"
_KUBERNETES = re.compile(r"^\s*k8s\.io/client-go v0\.(\d+)\.", re.MULTILINE)
_RUN_S = 120

Manifest = dict[str, Any]
Values = Mapping[str, Any]


class HelmRefused(Exception):
    """Helm ended with an error; the text is what it said."""


@dataclass(frozen=True, slots=True)
class Helm:
    """One Helm. Without a kubeconfig it renders and reaches no cluster."""

    program: Path
    home: Path
    kubeconfig: Path | None = None

    def run(self, *arguments: str, values: Values | None = None) -> str:
        """Run one command, with values from a file; its output. Raises HelmRefused."""
        given = ["--values", "-"] if values is not None else []
        done = subprocess.run(
            [self.program, *arguments, *given],
            input=json.dumps(values) if values is not None else None,
            capture_output=True,
            text=True,
            timeout=_RUN_S,
            env=self._environment(),
        )
        if done.returncode != 0:
            raise HelmRefused(done.stderr)
        return done.stdout

    def template(self, chart: Path, namespace: str, values: Values, options: Sequence[str] = ()) -> list[Manifest]:
        """The manifests that an installation of a release called `kubefed` would consist of. Raises HelmRefused."""
        text = self.run("template", "kubefed", str(chart), "--namespace", namespace, *options, values=values)
        return [manifest for manifest in yaml.safe_load_all(text) if manifest]

    def _environment(self) -> dict[str, str]:
        homes = {f"HELM_{kind}_HOME": str(self.home / kind.lower()) for kind in ("CACHE", "CONFIG", "DATA")}
        return {**os.environ, **homes, "KUBECONFIG": str(self.kubeconfig or self.home / "none")}


def built() -> Path:
    """The executable, built when it is not in the cache yet."""
    return GoProgram("helm", _MODULE, "helm.sh/helm/v3/cmd/helm", _linker_flags()).built()


def _linker_flags() -> str:
    """Helm's releases are stamped with the Kubernetes that they render for when there is no cluster; so is this one."""
    found = _KUBERNETES.search((_MODULE / "go.mod").read_text(encoding="utf-8"))
    minor = found[1] if found else "0"
    packages = ("pkg/chartutil", "pkg/lint/rules")
    stamps = {f"helm.sh/helm/v3/{each}.k8sVersion{part}" for each in packages for part in ("Major=1", f"Minor={minor}")}
    return " ".join(["-s", "-w", *(f"-X {stamp}" for stamp in sorted(stamps))])
