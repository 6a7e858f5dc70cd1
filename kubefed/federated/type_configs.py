"""Reads FederatedTypeConfigs: which federated type each stands for, and whether its controller should run. Pure."""

from dataclasses import dataclass

import orjson

from kubefed.api.core_v1beta1 import FederatedTypeConfig, Scope, Toggle
from kubefed.api.defaults import (
    NAMESPACES,
    SERVICES,
    federated_type,
    is_sensitive,
    status_type,
    target_type,
    with_type_config_defaults,
)
from kubefed.api.validation import mistakes_in_type_config
from kubefed.core.errors import Misconfigured
from kubefed.federated.federated_type import Collected, FederatedType
from kubefed.kube.wire import Object


@dataclass(frozen=True, slots=True)
class Wish:
    """What one FederatedTypeConfig asks for: whether the controller of its type runs, and why not if it does not."""

    kind: FederatedType
    runs: bool
    why_not: str = ""


def wish_of(config: Object, *, namespaces_enabled: bool, control_plane: Scope, raw_statuses: bool = False) -> Wish:
    """What the config asks for. Raises Misconfigured when it is not valid, naming the fields.

    `raw_statuses`: the gate under which any type may have the statuses of its copies collected; else only Services may.
    """
    model = with_type_config_defaults(
        FederatedTypeConfig.read(
            {
                "metadata": {"name": config.name, "namespace": config.namespace},
                "spec": orjson.loads(config.spec) if config.spec else {},
            }
        )
    )
    if mistakes := mistakes_in_type_config(model):
        raise Misconfigured("; ".join(map(str, mistakes)))
    statuses = _statuses(model, raw_statuses=raw_statuses)
    kind = FederatedType(
        config.name,
        federated_type(model),
        target_type(model),
        sensitive=is_sensitive(model),
        statuses=statuses,
        statuses_in=status_type(model) if statuses is Collected.APART else None,
    )
    why_not = _objection(kind, model, namespaces_enabled, control_plane)
    return Wish(kind, runs=not why_not, why_not=why_not)


def _statuses(model: FederatedTypeConfig, *, raw_statuses: bool) -> Collected:
    if model.spec.status_collection != Toggle.ENABLED:
        return Collected.NOT
    if raw_statuses:
        return Collected.IN_STATUS
    return Collected.APART if model.metadata.name == SERVICES and model.spec.status_type else Collected.NOT


def _objection(kind: FederatedType, model: FederatedTypeConfig, namespaces_enabled: bool, control_plane: Scope) -> str:
    """Why the controller of a valid type does not run; empty when it does."""
    if model.spec.propagation != Toggle.ENABLED:
        return "spec.propagation is Disabled"
    if control_plane is Scope.NAMESPACED and not kind.target.namespaced:
        return "a namespaced control plane propagates no cluster-scoped types"
    if kind.target.namespaced and not namespaces_enabled:
        return f"FederatedTypeConfig {NAMESPACES} does not exist"
    return ""
