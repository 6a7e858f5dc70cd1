"""Follows the KubeFedConfig while the process runs, for what counts at once: whether an administrator has frozen anything.

Everything else in it is read when the process starts.
"""

from collections.abc import Callable, Mapping

from kubefed.api.core_v1beta1 import KubeFedConfig
from kubefed.core.markers import CONFIG_NAME
from kubefed.core.names import ObjectKey
from kubefed.federated.freezes import Freeze, freeze_of_everything
from kubefed.kube.client import Client
from kubefed.kube.reflector import Reflector, Selection
from kubefed.kube.store import Store
from kubefed.kube.wire import TOO_LARGE, Metadata


class ConfigWatch:
    """`freeze` is what was read last. A configuration that went, or cannot be read, ends no freeze."""

    def __init__(self, host: Client, namespace: str, at_start: Mapping[str, str], changed: Callable[[], None]) -> None:
        """`at_start`: the annotations that the configuration had when this process read it."""
        self.freeze: Freeze = freeze_of_everything(at_start)
        self._changed = changed
        store: Store[Metadata] = Store(self._heard)
        selection = Selection(KubeFedConfig.resource_type, namespace, metadata_only=True)
        self.reflector = Reflector(host, selection, host.projector.metadata, store)

    def _heard(self, key: ObjectKey, _old: Metadata | None, new: Metadata | None) -> None:
        if key.name != CONFIG_NAME or new is None or new.annotations == TOO_LARGE:
            return
        freeze = freeze_of_everything(new.annotation_map())
        if freeze != self.freeze:
            self.freeze = freeze
            self._changed()
