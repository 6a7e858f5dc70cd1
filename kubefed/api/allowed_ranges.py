"""Which address ranges of members' API servers an administrator has allowed. Pure."""

from kubefed.api.core_v1beta1 import KubeFedConfig

ALLOWED_RANGES_ANNOTATION = "kubefed.io/allowed-endpoint-ranges"
"""On the KubeFedConfig: ranges, separated by commas, where a CRD older than spec.allowedEndpointRanges would drop them."""


def allowed_ranges(config: KubeFedConfig) -> tuple[str, ...]:
    """All ranges in force: those of the spec, then those that are only noted."""
    return tuple(dict.fromkeys([*(config.spec.allowed_endpoint_ranges or ()), *noted_ranges(config)]))


def noted_ranges(config: KubeFedConfig) -> list[str]:
    """The ranges of the annotation as they are written there."""
    text = (config.metadata.annotations or {}).get(ALLOWED_RANGES_ANNOTATION, "")
    return [part.strip() for part in text.split(",") if part.strip()]
