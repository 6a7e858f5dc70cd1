"""Which kinds a preference may name: those of enabled federated types. Watches FederatedTypeConfigs, writes nothing."""

import logging
from collections.abc import Callable, Mapping

from kubefed.api.core_v1beta1 import FederatedTypeConfig
from kubefed.api.defaults import NAMESPACES
from kubefed.core.errors import Misconfigured
from kubefed.core.names import ObjectKey
from kubefed.federated.federated_type import FederatedType
from kubefed.federated.type_configs import wish_of
from kubefed.kube.reflector import Reflector, Selection
from kubefed.kube.store import Store
from kubefed.kube.wire import Object
from kubefed.scheduling.surroundings import Surroundings

_LOG = logging.getLogger(__name__)

_KUBEFED_TYPES = {"FederatedDeployment": "deployments.apps", "FederatedReplicaSet": "replicasets.apps"}
"""The types that KubeFed divided, which another type with a federated kind of the same name must not displace."""


class SchedulableTypes:
    """The enabled types, by the kind of their federated objects. `changed` is called when they may be others."""

    def __init__(self, around: Surroundings, changed: Callable[[], None]) -> None:
        self._around = around
        self._changed = changed
        self._configs: Store[Object] = Store(lambda _key, _old, _new: self._config_changed())
        self._by_kind: Mapping[str, FederatedType] | None = None
        self._was_known = False
        self.reflector = Reflector(
            around.host,
            Selection(FederatedTypeConfig.resource_type, around.settings.namespace),
            around.host.projector.object,
            self._configs,
            on_state=lambda _: self._configs_read(),
            rng=around.rng,
        )

    @property
    def known(self) -> bool:
        """Whether all configs have been read: before that, a type that is missing here may well be enabled."""
        return self._configs.complete

    def get(self, kind: str) -> FederatedType | None:
        """The enabled type whose federated objects are of this kind."""
        if self._by_kind is None:
            self._by_kind = self._read()
        return self._by_kind.get(kind)

    def _read(self) -> Mapping[str, FederatedType]:
        found: dict[str, FederatedType] = {}
        for config in sorted(self._configs, key=lambda config: config.name):
            kind = self._enabled(config)
            if kind is None or not kind.target.namespaced:
                continue
            name = kind.federated.kind
            if _KUBEFED_TYPES.get(name, kind.name) == kind.name:
                found.setdefault(name, kind)
        return found

    def _enabled(self, config: Object) -> FederatedType | None:
        settings = self._around.settings
        namespaces = self._configs.get(ObjectKey(settings.namespace, NAMESPACES)) is not None
        if config.metadata.terminating:
            return None
        try:
            wish = wish_of(config, namespaces_enabled=namespaces, control_plane=settings.scope)
        except Misconfigured:
            _LOG.debug("a FederatedTypeConfig cannot be used", extra={"type": config.name})
            return None
        return wish.kind if wish.runs else None

    def _config_changed(self) -> None:
        self._by_kind = None
        if self._configs.complete:
            self._changed()

    def _configs_read(self) -> None:
        if self._configs.complete and not self._was_known:
            self._changed()
        self._was_known = self._configs.complete
