"""Brings those rights up to date that follow from what is enabled and joined. Silent: they are nobody's wish."""

from fedctl.federation import Federation, federated_type, scope_of
from fedctl.kinds import CLUSTER_ROLES, ROLES, type_of
from fedctl.rights import controller, credentials, federated_types
from kubefed.api.core_v1beta1 import KubeFedConfig
from kubefed.core.names import ObjectKey


def refresh_type_rights(federation: Federation, config: KubeFedConfig) -> None:
    """After a type was enabled or disabled. Where `fedctl install` made no rights, they are somebody else's business."""
    role = controller.reach(federation.namespace, scope_of(config), controller.ROLE)
    if federation.host.find(ROLES if role.namespace else CLUSTER_ROLES, role) is None:
        return
    types = [federated_type(each) for each in federation.type_configs() if not each.metadata.deletion_timestamp]
    for manifest in federated_types.type_rights(federation.namespace, scope_of(config), types):
        federation.host.apply(type_of(manifest), manifest)


def refresh_credential_rights(federation: Federation) -> None:
    """After a cluster was joined or removed, or its Secret got another name."""
    if federation.host.find(ROLES, ObjectKey(federation.namespace, credentials.ROLE)) is None:
        return
    for manifest in credentials.credential_rights(federation.namespace, federation.clusters()):
        federation.host.apply(type_of(manifest), manifest)
