"""What a person asked for, and what the federation says to it, before anything is asked of the member."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from fedctl.dnsnames import require_label, require_subdomain
from fedctl.federation import Federation, federated_type, is_enabled, scope_of, trust_of
from fedctl.join.grants import Grant
from fedctl.join.registration import check_secret
from fedctl.manifests import Manifest
from fedctl.membernames import MemberNames, names_of
from fedctl.options import HostOptions
from kubefed.api.core_v1beta1 import KubeFedConfig, Trust
from kubefed.core.names import ClusterName


@dataclass(frozen=True, slots=True)
class Wish:
    """What the person asked for, as it was typed."""

    cluster: str
    context: str = ""
    kubeconfig: str = ""
    host_name: str = ""
    secret_name: str = ""
    labels: tuple[str, ...] = ()
    lifetime: str = "12h"
    grant_escalation: bool = False
    error_on_existing: bool = False
    force_replace: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """The federation as it is, and what follows for the member. `record` is the one of its name, if there is one."""

    federation: Federation
    config: KubeFedConfig
    records: list[Manifest]
    record: Manifest | None
    names: MemberNames
    grant: Grant

    @property
    def is_strict(self) -> bool:
        """Whether the least is granted for the shortest time."""
        return self.grant.trust is Trust.STRICT


@contextmanager
def planned(options: HostOptions, wish: Wish) -> Iterator[Plan]:
    """Ask the host. Raises Misconfigured for names that cannot be, or a federation that is not installed."""
    cluster = ClusterName(require_label("the cluster name", wish.cluster))
    if wish.secret_name:
        require_subdomain("--secret-name", wish.secret_name)
    with Federation.opened(options) as federation:
        config = federation.config()
        records = federation.clusters()
        record = next((each for each in records if each["metadata"]["name"] == cluster), None)
        if wish.secret_name:
            check_secret(wish.secret_name, cluster, records)
        targets = tuple(federated_type(each).target for each in federation.type_configs() if is_enabled(each))
        yield Plan(
            federation=federation,
            config=config,
            records=records,
            record=record,
            names=names_of(cluster, federation.namespace, record, wish.host_name, federation.host.context.name),
            grant=Grant(trust_of(config), scope_of(config), targets, escalation=wish.grant_escalation),
        )
