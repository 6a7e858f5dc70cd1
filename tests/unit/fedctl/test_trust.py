"""What a KubeFedConfig says of trust, also where KubeFed's own CRD drops the field that says it."""

import pytest

from fedctl.federation import trust_of
from kubefed.api.core_v1beta1 import KubeFedConfig, Trust


@pytest.mark.parametrize(
    ("spec", "annotations", "trust"),
    [
        ({}, {}, Trust.STRICT),
        ({"trust": "Compatible"}, {}, Trust.COMPATIBLE),
        ({}, {"kubefed.io/trust": "Compatible"}, Trust.COMPATIBLE),
        ({}, {"kubefed.io/trust": "Strict"}, Trust.STRICT),
        ({}, {"kubefed.io/trust": "anything"}, Trust.STRICT),
        ({"trust": "Strict"}, {"kubefed.io/trust": "Compatible"}, Trust.STRICT),
    ],
)
def test_the_field_counts_and_without_it_the_annotation(
    spec: dict[str, str], annotations: dict[str, str], trust: Trust
) -> None:
    metadata = {"name": "kubefed", "namespace": "system", "annotations": annotations}
    manifest = {"apiVersion": "core.kubefed.io/v1beta1", "kind": "KubeFedConfig", "metadata": metadata}
    assert trust_of(KubeFedConfig.read({**manifest, "spec": {"scope": "Cluster", **spec}})) is trust
