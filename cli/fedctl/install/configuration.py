"""The KubeFedConfig of a new installation, and what an installation changes in one that is there. Pure."""

from collections.abc import Sequence
from ipaddress import ip_network
from typing import Any

from kubefed.api.allowed_ranges import allowed_ranges
from kubefed.api.core_v1beta1 import KubeFedConfig, KubeFedConfigSpec, Scope, Trust
from kubefed.api.model import ObjectMeta
from kubefed.core.errors import Misconfigured
from kubefed.core.markers import CONFIG_NAME


def new_config(namespace: str, ranges: Sequence[str], *, takes_over: bool, scope: Scope = Scope.CLUSTER) -> KubeFedConfig:
    """A configuration with a scope and nothing that has a default.

    `takes_over`: records of KubeFed's are there, so that the controller decides about trust when it starts; otherwise
    it is Strict from the first moment.
    """
    given: dict[str, Any] = {} if takes_over else {"trust": Trust.STRICT.value}
    if ranges:
        given["allowed_endpoint_ranges"] = list(ranges)
    return KubeFedConfig(
        metadata=ObjectMeta(name=CONFIG_NAME, namespace=namespace),
        spec=KubeFedConfigSpec(scope=scope.value, **given),
    )


def added_ranges(config: KubeFedConfig, ranges: Sequence[str]) -> list[str]:
    """All allowed ranges, when some of `ranges` are not allowed yet; empty when nothing changes."""
    allowed = allowed_ranges(config)
    new = [each for each in dict.fromkeys(ranges) if each not in allowed]
    return [*allowed, *new] if new else []


def checked_range(text: str) -> str:
    """A range in its canonical form; one address stands for itself alone. Raises Misconfigured."""
    try:
        return str(ip_network(text))
    except ValueError:
        raise Misconfigured(
            f"--allowed-endpoint-range {text!r} is no address range: write one such as 127.0.0.0/8 or fd00::/8, "
            "without bits beyond its prefix"
        ) from None
