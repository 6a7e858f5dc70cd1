"""What may differ between the worlds after the same command, and why. docs/guides/kubefedctl.md tells it to people."""

from tests.integration.kubefedctl.sidebyside import Different
from tests.integration.kubefedctl.worlds import EAST
from tests.support.federation import HOST, SYSTEM

SERVICE_KINDS = Different(
    rf"{EAST}/CustomResourceDefinition/(service(ex|im)ports\.multicluster\.x-k8s\.io|clusterproperties\.about\.k8s\.io)",
    "members get the kinds by which clusters offer each other services",
)
OUR_MARKS = Different(
    rf"{HOST}/KubeFedCluster/{SYSTEM}/{EAST}: metadata\.annotations\.kubefed\.io/(cluster-uid|member-account)",
    "the record says which cluster was joined and how its account is called, so that no later command has to guess",
)
OUR_SECRET = Different(
    rf"{HOST}/Secret/{SYSTEM}/.*: metadata\.(annotations\.kubefed\.io/bound-to|labels\.kubefed\.io/cluster)",
    "the Secret says which cluster and endpoint it is for, so that its token is sent nowhere else",
)
NO_EMPTY_PROXY = Different(
    rf"{HOST}/KubeFedCluster/{SYSTEM}/{EAST}: spec\.proxyURL", "an empty proxyURL is left out, and means the same"
)
TOKEN_TRIED = Different(
    rf"{EAST}/Secret/{SYSTEM}/.*: metadata\.labels\.kubernetes\.io/legacy-token-last-used",
    "the token is tried before the host is told of it, which the member's API server notes",
)
HEALTH_SEEN = Different(
    rf"{EAST}/ClusterRole/kubefed-controller-manager:{SYSTEM}:healthcheck-{EAST}-{HOST}: rules\[0\]\.verbs\[0\]",
    "the verb is get; KubeFed wrote Get, which grants nothing",
)
ONE_SECRET = Different(
    rf"{HOST}/Secret/{SYSTEM}/.*", "joining again renews the Secret; KubeFed makes another each time, and keeps the former"
)
REGISTERED = (OUR_MARKS, OUR_SECRET, NO_EMPTY_PROXY, TOKEN_TRIED)
JOINED = (SERVICE_KINDS, *REGISTERED)

DESCRIBED = Different(
    rf"{HOST}/CustomResourceDefinition/federated.*: spec\.versions\[0\]\.schema\.openAPIV3Schema\..*description",
    "each field of a federated CRD says what it is",
)
MORE_OVERRIDES = Different(
    rf"{HOST}/CustomResourceDefinition/federated.*\.spec\.properties\.overrides\.items\.properties\."
    r"(all|clusterSelector|images|env|command|args|labels|annotations)\..*",
    "an override may be for all clusters or a selector, and name images and the like; all of that is optional",
)
MESSAGES = Different(
    rf"{HOST}/CustomResourceDefinition/federated.*\.clusters\.items\.properties\.message\..*",
    "a cluster's status may have a sentence; it is optional",
)
SORTED = Different(
    rf"{HOST}/CustomResourceDefinition/federated.*\.status\.properties\.conditions\.items\.required\[\d\]",
    "the required fields of a condition are listed in another order",
)
ENABLED = (DESCRIBED, MORE_OVERRIDES, MESSAGES, SORTED)
