"""A host as KubeFed v0.10 leaves it: its own CRDs, and those that its own command line makes for the ten default types."""

import tempfile
from pathlib import Path

from fedctl.apiserver import ApiServer
from fedctl.kinds import CRDS, NAMESPACES
from fedctl.served import wait_for_crds
from kubefed.api.core_v1beta1 import KubeFedConfig
from kubefed.api.default_types import DEFAULT_TARGETS
from kubefed.core.markers import CONFIG_NAME, DEFAULT_NAMESPACE
from tests.tools.kubefed_program import crds, old_kubefed


def kubefeds_crds(kubeconfig: Path, host: ApiServer) -> None:
    """Put them into the host of a kubeconfig."""
    host.create(NAMESPACES, {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": DEFAULT_NAMESPACE}})
    own = list(crds())
    for crd in own:
        host.create(CRDS, crd)
    wait_for_crds(host, own)
    resource = KubeFedConfig.resource_type
    metadata = {"name": CONFIG_NAME, "namespace": DEFAULT_NAMESPACE}
    head = {"apiVersion": resource.api_version, "kind": resource.kind, "metadata": metadata}
    host.create(resource, {**head, "spec": {"scope": "Cluster"}})
    with tempfile.TemporaryDirectory(prefix="kubefed-") as directory:
        program = old_kubefed(Path(directory), kubeconfig)
        for target in DEFAULT_TARGETS:
            program.kubefedctl("enable", target.resource_type.qualified_plural, "--host-cluster-context=host")
    wait_for_crds(host, [each for each in host.objects(CRDS) if each["metadata"]["name"].endswith("types.kubefed.io")])
