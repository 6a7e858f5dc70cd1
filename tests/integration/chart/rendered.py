"""What a test asks of a rendered chart."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tests.support.manifests import Manifest

CHART = Path(__file__).resolve().parents[3] / "charts" / "kubefed"
NAMESPACE = "kube-federation-system"
CONTROLLER, WEBHOOK = "kubefed-controller-manager", "kubefed-admission-webhook"


class Rendered:
    """Manifests by kind and name."""

    def __init__(self, manifests: Iterable[Manifest]) -> None:
        self.manifests = list(manifests)
        self._by_name = {(each["kind"], each["metadata"]["name"]): each for each in self.manifests}
        assert len(self._by_name) == len(self.manifests), "two manifests of the same kind and name"

    def __contains__(self, kind_and_name: tuple[str, str]) -> bool:
        return kind_and_name in self._by_name

    def one(self, kind: str, name: str) -> Manifest:
        """The manifest of this kind and name."""
        return self._by_name[kind, name]

    def of_kind(self, kind: str) -> list[Manifest]:
        """All of a kind, sorted by name."""
        return [each for (its, _), each in sorted(self._by_name.items()) if its == kind]

    def config(self) -> dict[str, Any]:
        """The spec of the KubeFedConfig."""
        spec: dict[str, Any] = self.one("KubeFedConfig", "kubefed")["spec"]
        return spec

    def pod(self, deployment: str) -> dict[str, Any]:
        """The spec of a Deployment's pods."""
        pod: dict[str, Any] = self.one("Deployment", deployment)["spec"]["template"]["spec"]
        return pod

    def container(self, deployment: str) -> dict[str, Any]:
        """The one container of such a pod."""
        (container,) = self.pod(deployment)["containers"]
        found: dict[str, Any] = container
        return found
