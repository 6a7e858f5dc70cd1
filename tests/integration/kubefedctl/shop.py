"""Ordinary objects to be federated, and clearing away what federating them made."""

from fedctl.federation import TYPE_CONFIGS
from fedctl.kinds import CRDS
from kubefed.core.names import ObjectKey, ResourceType
from tests.builders import kinds
from tests.integration.kubefedctl.sidebyside import Sides
from tests.support.federation import SYSTEM
from tests.support.manifests import Manifest, a_deployment

SHOP = "shop"


def goods() -> list[tuple[ResourceType, Manifest]]:
    """One object of each kind, with the fields that federating must take out, and texts that YAML must quote."""
    place = {"namespace": "shop"}
    return [
        (
            kinds.CONFIG_MAPS.target,
            {
                "apiVersion": "v1",
                "kind": "ConfigMap",
                "metadata": {"name": "hours", **place, "labels": {"app": "shop"}, "annotations": {"note": "hidden"}},
                "data": {"open": "9", "text": "two\nlines\n", "truth": "yes", "colon": "a: b"},
            },
        ),
        (
            kinds.SECRETS.target,
            {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "word", **place}, "data": {"word": "aGVsbG8="}},
        ),
        (
            kinds.SERVICE_ACCOUNTS.target,
            {
                "apiVersion": "v1",
                "kind": "ServiceAccount",
                "metadata": {"name": "robot", **place},
                "secrets": [{"name": "word"}],
            },
        ),
        (
            kinds.SERVICES.target,
            {
                "apiVersion": "v1",
                "kind": "Service",
                "metadata": {"name": "web", **place},
                "spec": {"type": "NodePort", "selector": {"app": "web"}, "ports": [{"port": 80}]},
            },
        ),
        (
            kinds.DEPLOYMENTS.target,
            {"apiVersion": "apps/v1", "kind": "Deployment", **_placed(a_deployment("web", 1), "web")},
        ),
    ]


def _placed(template: Manifest, name: str) -> Manifest:
    return {**template, "metadata": {**template["metadata"], "name": name, "namespace": "shop"}}


def forget(sides: Sides, type_name: str) -> None:
    """The type is not enabled any more, and nothing of it is left, in either world."""
    plural = f"federated{type_name.partition('.')[0]}.{kinds.TYPES_GROUP}"
    sides.delete(TYPE_CONFIGS, ObjectKey(SYSTEM, type_name))
    sides.delete(CRDS, ObjectKey("", plural))
