"""The examples that the demo applies, and what they are to bring about. Values only.

The expectations are written down and not worked out from the manifests: that is what makes them a check.
"""

from dataclasses import dataclass

from fedctl.kinds import DEPLOYMENTS, NAMESPACES, SECRETS
from kubefed.core.names import ObjectKey, ResourceType

SHOP = "shop"
CONFIGMAPS = ResourceType("", "v1", "configmaps", "ConfigMap", namespaced=True)
SERVICES = ResourceType("", "v1", "services", "Service", namespaced=True)
WIDGETS = ResourceType("example.com", "v1", "widgets", "Widget", namespaced=True)
WIDGET_CRD = ObjectKey("", "widgets.example.com")


@dataclass(frozen=True, slots=True)
class Exhibit:
    """One federated object: its copies' type and name, and the members that are to have one (empty: all)."""

    target: ResourceType
    name: str
    file: str
    only: tuple[str, ...] = ()

    @property
    def federated(self) -> ResourceType:
        """The type of the federated object."""
        plural, kind = f"federated{self.target.plural}", f"Federated{self.target.kind}"
        return ResourceType("types.kubefed.io", "v1beta1", plural, kind, namespaced=True)

    @property
    def key(self) -> ObjectKey:
        """Where the federated object is."""
        return ObjectKey(SHOP, self.name)

    @property
    def copy_key(self) -> ObjectKey:
        """Where the copies are."""
        return ObjectKey(SHOP if self.target.namespaced else "", self.name)

    def wants(self, member: str) -> bool:
        """Whether a member is to have a copy."""
        return not self.only or member in self.only


NAMESPACE = Exhibit(NAMESPACES, SHOP, "federatednamespace.yaml")
OPENING_HOURS = Exhibit(CONFIGMAPS, "opening-hours", "configmap.yaml")
WEB = Exhibit(DEPLOYMENTS, "web", "federateddeployment.yaml")
SETTINGS = Exhibit(CONFIGMAPS, "settings", "federatedconfigmap.yaml")
COGWHEEL = Exhibit(WIDGETS, "cogwheel", "widget/federatedwidget.yaml")
EXAMPLES = (
    WEB,
    Exhibit(SERVICES, "web", "federatedservice.yaml"),
    SETTINGS,
    Exhibit(SECRETS, "database", "federatedsecret.yaml", only=("member1", "member2")),
    Exhibit(CONFIGMAPS, "gold-customers", "selector-placement.yaml", only=("member1",)),
    COGWHEEL,
)

IMAGE = "nginx:1.28-alpine"
_WEB_OF = {"member2": (3, IMAGE), "member3": (1, "nginx:1.29-alpine")}
_COGWHEEL_OF = {"member2": "blue"}


def web_of(member: str) -> tuple[int, str]:
    """Replicas and image of the copy of `web` in a member."""
    return _WEB_OF.get(member, (2, IMAGE))


def colour_of(member: str) -> str:
    """The colour of the copy of `cogwheel` in a member."""
    return _COGWHEEL_OF.get(member, "red")
