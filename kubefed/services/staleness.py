"""What happens to endpoints whose cluster cannot be read any more. Pure.

The default is to keep them: that we cannot look at a cluster says nothing about whether its pods serve. Whatever the
policy, the last endpoints of a service are never taken away because of our own ignorance.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import msgspec

from kubefed.api.core_v1beta1 import StalenessConfig, StalenessPolicy
from kubefed.api.durations import Duration
from kubefed.core.names import ClusterName
from kubefed.services.records import Endpoint

_AFTER_S = 300.0
_MOST_KEPT = 1_000


@dataclass(frozen=True, slots=True)
class Policy:
    """After `after_s` seconds out of reach the policy takes effect; `keep_at_least` ready endpoints stay in any case."""

    kind: StalenessPolicy = StalenessPolicy.KEEP
    after_s: float = _AFTER_S
    keep_at_least: int = 1

    def takes_effect_in(self, lost_s: float | None) -> float | None:
        """In how many seconds; None when never, or when it has, or when the cluster is in reach."""
        if lost_s is None or self.kind is StalenessPolicy.KEEP or lost_s >= self.after_s:
            return None
        return self.after_s - lost_s

    def has_taken_effect(self, lost_s: float | None) -> bool:
        """Whether endpoints of a cluster that has been out of reach for so long are stale."""
        return lost_s is not None and self.kind is not StalenessPolicy.KEEP and lost_s >= self.after_s


def fleet_policy(config: StalenessConfig | None) -> Policy:
    """The policy of a KubeFedConfig. A word that no version of ours knows means Keep."""
    if config is None:
        return Policy()
    kind = StalenessPolicy(config.policy) if config.policy in tuple(StalenessPolicy) else StalenessPolicy.KEEP
    after_s = config.after.seconds if config.after is not None else _AFTER_S
    return Policy(kind, max(0.0, after_s), _bounded(1 if config.keep_at_least is None else config.keep_at_least))


def read_policy(text: str, fleet: Policy) -> Policy:
    """A service's own policy: `Keep`, `Drain`, `Remove`, each with `,after=10m` and `,keepAtLeast=2` if wanted.

    What it does not say is the fleet's. Raises ValueError when it cannot be read.
    """
    kind, *options = (part.strip() for part in text.split(","))
    policy = replace(fleet, kind=StalenessPolicy(kind))
    for option in options:
        name, _, value = option.partition("=")
        if name == "after":
            policy = replace(policy, after_s=max(0.0, Duration.parse(value).seconds))
        elif name == "keepAtLeast" and value.isascii() and value.isdigit():
            policy = replace(policy, keep_at_least=_bounded(int(value[:9])))
        else:
            raise ValueError(f"unknown option {name}")
    return policy


@dataclass(frozen=True, slots=True)
class Stock:
    """One cluster's endpoints, by address, and what is to be done about them."""

    endpoints: tuple[Endpoint, ...]
    policy: Policy
    lost_s: float | None


def aged(stocks: Mapping[ClusterName, Stock]) -> Mapping[ClusterName, frozenset[str]]:
    """Per cluster, the addresses that its policy hits: to be drained or removed.

    So many ready ones are spared that each policy's minimum is left, counting those of all other clusters; the first by
    cluster and address, so that reruns agree.
    """
    hit = {name: stock for name, stock in stocks.items() if stock.policy.has_taken_effect(stock.lost_s)}
    left = sum(_ready(stock.endpoints) for name, stock in stocks.items() if name not in hit)
    result: dict[ClusterName, frozenset[str]] = {}
    for name in sorted(hit):
        stock = hit[name]
        spared: set[str] = set()
        for endpoint in sorted(stock.endpoints):
            if endpoint.ready and left < stock.policy.keep_at_least:
                spared.add(endpoint.address)
                left += 1
        result[name] = frozenset(endpoint.address for endpoint in stock.endpoints) - spared
    return result


def drained(endpoint: Endpoint) -> Endpoint:
    """An endpoint that gets traffic only where no other is ready: proxies know one that serves while it terminates."""
    if not endpoint.ready:
        return endpoint
    return msgspec.structs.replace(endpoint, ready=False, serving=True, terminating=True)


def _ready(endpoints: tuple[Endpoint, ...]) -> int:
    return sum(endpoint.ready for endpoint in endpoints)


def _bounded(count: int) -> int:
    return min(max(count, 0), _MOST_KEPT)
