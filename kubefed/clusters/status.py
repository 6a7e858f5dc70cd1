"""What a KubeFedCluster's status says about its member. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kubefed.clusters.credentials import Relaxation, TokenLife
from kubefed.clusters.health import Health, conditions
from kubefed.clusters.member import MemberState
from kubefed.core.clock import parse_rfc3339, rfc3339

LONGEST_MESSAGE = 300
"""The CRD's limit: the API server refuses a status with a longer message, and all that it says with it."""
_UNLIMITED = Relaxation(
    "RightsUnlimited",
    "the controller may do everything in the cluster, as a cluster-admin may: join it again under trust Strict for the "
    "rights that the enabled types need",
)


@dataclass(frozen=True, slots=True)
class Findings:
    """What is known of a member beside its health. Kept over an outage: an unreachable cluster has not moved."""

    kubernetes_version: str = ""
    region: str = ""
    zones: tuple[str, ...] = ()
    uid: str = ""
    token: TokenLife | None = None
    warnings: tuple[Relaxation, ...] = ()
    unlimited: bool = False
    """The credentials are a cluster-admin's."""


def remembered(status: Mapping[str, Any]) -> Findings:
    """What an earlier process found, until this one has looked for itself."""
    details = status.get("details") or {}
    return Findings(
        kubernetes_version=status.get("kubernetesVersion") or "",
        region=status.get("region") or "",
        zones=tuple(status.get("zones") or ()),
        uid=details.get("uid") or "",
        unlimited=any(each.get("reason") == _UNLIMITED.reason for each in details.get("warnings") or ()),
    )


def cluster_status(
    health: Health, state: MemberState, findings: Findings, previous: Mapping[str, Any], now: datetime
) -> dict[str, Any]:
    """The whole `status`. KubeFed's fields keep their meaning; `details` is additive and holds facts for people."""
    status: dict[str, Any] = {"conditions": conditions(health.published, previous.get("conditions") or (), now)}
    if health.ready and findings.kubernetes_version:
        status["kubernetesVersion"] = findings.kubernetes_version
    if findings.region:
        status["region"] = findings.region
    if findings.zones:
        status["zones"] = list(findings.zones)
    status["details"] = _details(health, state, findings)
    return status


def differs(status: Mapping[str, Any], previous: Mapping[str, Any]) -> bool:
    """Whether anything but the time of the last probe changed: only that is worth a write at once."""
    return _timeless(status) != _timeless(previous)


def age_s(status: Mapping[str, Any], now: datetime) -> float:
    """How old a status is, by its youngest probe; infinite when it has none."""
    probed = [condition.get("lastProbeTime") or "" for condition in status.get("conditions") or ()]
    try:
        return min((now - parse_rfc3339(moment)).total_seconds() for moment in probed)
    except ValueError:
        return float("inf")


def _details(health: Health, state: MemberState, findings: Findings) -> dict[str, Any]:
    details: dict[str, Any] = {"state": str(state)}
    if health.published.detail:
        details["message"] = health.published.detail[:LONGEST_MESSAGE]
    if findings.uid:
        details["uid"] = findings.uid
    if findings.token is not None:
        details["tokenExpiresAt"] = rfc3339(findings.token.expires_at)
    if warnings := (*findings.warnings, *((_UNLIMITED,) if findings.unlimited else ())):
        details["warnings"] = [{"reason": each.reason, "message": each.message[:LONGEST_MESSAGE]} for each in warnings]
    return details


def _timeless(status: Mapping[str, Any]) -> dict[str, Any]:
    seen = [
        {name: value for name, value in condition.items() if name != "lastProbeTime"}
        for condition in status.get("conditions") or ()
    ]
    return {**status, "conditions": seen}
