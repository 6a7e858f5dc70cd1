"""When a cluster counts as ready, and what its record then says. Pure.

KubeFed's conditions to the letter, with one mend: a threshold counts probes in a row that disagree with what is
published, where KubeFed counted for how long the published state had been stable.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum, auto
from typing import Any

from kubefed.core.clock import rfc3339
from kubefed.core.errors import ApiError
from kubefed.kube.messages import Answer


class Verdict(Enum):
    """What a cluster is, as published in its conditions."""

    UNKNOWN = auto()
    READY = auto()
    NOT_READY = auto()
    OFFLINE = auto()
    MALFORMED = auto()


@dataclass(frozen=True, slots=True)
class Probe:
    """What one look at a cluster said. `detail` is safe to publish."""

    verdict: Verdict
    detail: str = ""


REJECTED = Probe(Verdict.OFFLINE, "CredentialsRejected")
"""The cluster is there and does not accept the credentials."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """KubeFedConfig `spec.clusterHealthCheck`: probes in a row before the published verdict turns."""

    failures: int = 3
    successes: int = 1


@dataclass(frozen=True, slots=True)
class Health:
    """The published verdict and the probes in a row that speak against it."""

    published: Probe = Probe(Verdict.UNKNOWN)
    against: int = 0

    @property
    def ready(self) -> bool:
        """Whether the condition Ready is True."""
        return self.published.verdict is Verdict.READY

    def after(self, probe: Probe, thresholds: Thresholds) -> "Health":
        """The health once `probe` is known. The first probe, and any finding about the configuration, counts at once."""
        if probe.verdict is self.published.verdict:
            return Health(probe)
        at_once = Verdict.UNKNOWN is self.published.verdict or Verdict.MALFORMED in (probe.verdict, self.published.verdict)
        needed = thresholds.successes if probe.verdict is Verdict.READY else thresholds.failures
        if at_once or self.against + 1 >= needed:
            return Health(probe)
        return replace(self, against=self.against + 1)


def judge_answer(answer: Answer) -> Probe:
    """What an answer of /healthz says about its cluster."""
    if answer.status == 401:
        return REJECTED
    if answer.status != 200:
        return Probe(Verdict.OFFLINE, f"HTTP {answer.status}")
    return Probe(Verdict.READY if answer.body.strip().lower() == b"ok" else Verdict.NOT_READY)


def judge_error(error: ApiError) -> Probe:
    """What a request that got no whole answer says about its cluster."""
    return Probe(Verdict.OFFLINE, error.explanation())


def conditions(probe: Probe, previous: Sequence[Mapping[str, Any]], probed_at: datetime) -> list[dict[str, Any]]:
    """`status.conditions` for a published probe; transition times are kept while a condition's status stays."""
    since = {condition.get("type"): condition for condition in previous}
    now = rfc3339(probed_at)
    written = []
    for kind, status, reason, message in _statements(probe):
        before = since.get(kind, {})
        moved = before.get("status") != status
        written.append(
            {
                "type": kind,
                "status": status,
                "lastProbeTime": now,
                "lastTransitionTime": now if moved else before.get("lastTransitionTime") or now,
                "reason": reason,
                "message": message,
            }
        )
    return written


def _statements(probe: Probe) -> tuple[tuple[str, str, str, str], ...]:
    match probe.verdict:
        case Verdict.READY:
            return (("Ready", "True", "ClusterReady", "/healthz responded with ok"),)
        case Verdict.NOT_READY:
            return (
                ("Ready", "False", "ClusterNotReady", "/healthz responded without ok"),
                ("Offline", "False", "ClusterReachable", "cluster is reachable"),
            )
        case Verdict.MALFORMED:
            return (("ConfigMalformed", "True", "ClusterConfigMalformed", "cluster's configuration may be malformed"),)
        case _:
            return (("Offline", "True", "ClusterNotReachable", f"cluster is not reachable: {probe.detail}"),)
