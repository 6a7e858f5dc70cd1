"""The CRDs that members need for services of the clusterset."""

from typing import Any

from kubefed.api.about_v1alpha1 import ClusterProperty
from kubefed.api.crds import Column, Definition, crd, schema_of
from kubefed.api.multicluster import CRD_LABELS, OLDER_VERSIONS, ServiceExport, ServiceImport

_APPROVAL = {"api-approved.kubernetes.io": "https://github.com/kubernetes/enhancements/issues/2149"}
"""API servers take no kind of Kubernetes' own groups without it."""
_AGE = Column("Age", "date", ".metadata.creationTimestamp")
_EXPORT_COLUMNS = tuple(
    Column(kind, "string", f".status.conditions[?(@.type=='{kind}')].status") for kind in ("Valid", "Ready", "Conflict")
)
_IMPORT_COLUMNS = (
    Column("Type", "string", ".spec.type"),
    Column("IP", "string", ".spec.ips"),
    Column("Clusters", "string", ".status.clusters[*].cluster"),
)


def member_crds() -> list[dict[str, Any]]:
    """The CRDs of all kinds that live in members, sorted by name."""
    return [
        crd(
            Definition(
                ClusterProperty.resource_type,
                columns=(Column("Value", "string", ".spec.value"), _AGE),
                annotations=_APPROVAL,
            ),
            schema_of(ClusterProperty),
        ),
        crd(
            Definition(
                ServiceExport.resource_type,
                ("svcex", "svcexport"),
                (*_EXPORT_COLUMNS, _AGE),
                has_status_subresource=True,
                older_versions=OLDER_VERSIONS,
                labels=CRD_LABELS,
            ),
            schema_of(ServiceExport),
        ),
        crd(
            Definition(
                ServiceImport.resource_type,
                ("svcim", "svcimport"),
                (*_IMPORT_COLUMNS, _AGE),
                has_status_subresource=True,
                older_versions=OLDER_VERSIONS,
                labels=CRD_LABELS,
            ),
            schema_of(ServiceImport),
        ),
    ]
