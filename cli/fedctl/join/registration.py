"""Writes the credentials and the record of a member into the host."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from fedctl.changes import Change, Writer, line
from fedctl.federation import CLUSTERS
from fedctl.join.identity import UID_ANNOTATION, Candidate
from fedctl.join.tokens import Issued
from fedctl.kinds import SECRETS
from fedctl.manifests import Manifest
from fedctl.membernames import ACCOUNT_ANNOTATION, CLUSTER_LABEL, MemberNames
from fedctl.rights.credentials import secret_name
from kubefed.api.core_v1beta1 import KubeFedCluster
from kubefed.clusters.credentials import BOUND_TO_ANNOTATION, KUBECONFIG, TOKEN
from kubefed.core.errors import Misconfigured
from kubefed.core.names import ObjectKey


@dataclass(frozen=True, slots=True)
class Registration:
    """What the host is to know about the member. `bound_to` names the endpoint and authority of the credentials."""

    candidate: Candidate
    names: MemberNames
    bound_to: str
    labels: Mapping[str, str] = field(default_factory=dict)
    secret_name: str = ""
    """The Secret that the person named; empty for the one of the record, or a new one."""
    disabled_checks: tuple[str, ...] = ()
    proxy_url: str = ""

    @property
    def namespace(self) -> str:
        """The system namespace of the host."""
        return self.names.namespace


def write_secret(writer: Writer, wanted: Registration, record: Manifest | None, issued: Issued) -> str:
    """Create the Secret, or put the new token into the one that is used already. Returns its name."""
    name = wanted.secret_name or secret_name(record or {})
    labels, annotations = {CLUSTER_LABEL: wanted.candidate.name}, {BOUND_TO_ANNOTATION: wanted.bound_to}
    data = {TOKEN: base64.b64encode(issued.token.reveal().encode()).decode()}
    metadata = {"namespace": wanted.namespace, "labels": labels, "annotations": annotations}
    key = ObjectKey(wanted.namespace, name)
    if name and writer.server.find(SECRETS, key) is not None:
        patch = {"metadata": {"labels": labels, "annotations": annotations}, "data": {**data, KUBECONFIG: None}}
        writer.merge(SECRETS, key, patch)
        return name
    metadata |= {"name": name} if name else {"generateName": f"{wanted.candidate.name}-"}
    manifest = {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "type": "Opaque", "data": data}
    if not writer.dry_run:
        name = str(writer.server.create(SECRETS, manifest)["metadata"]["name"])
    told = ObjectKey(wanted.namespace, name or f"{wanted.candidate.name}-…")
    writer.tell(line(SECRETS, told, Change.CREATED) + (" (dry run)" if writer.dry_run else ""))
    return name


def write_record(writer: Writer, wanted: Registration, record: Manifest | None, secret: str) -> None:
    """Create the KubeFedCluster, or set in it what joining decides; other labels and annotations stay."""
    key = ObjectKey(wanted.namespace, wanted.candidate.name)
    metadata: dict[str, Any] = {
        "annotations": {UID_ANNOTATION: wanted.candidate.uid, ACCOUNT_ANNOTATION: str(wanted.names.account)},
    }
    if wanted.labels:
        metadata["labels"] = dict(wanted.labels)
    spec = _spec(wanted, secret)
    if record is None:
        manifest = {
            "apiVersion": CLUSTERS.api_version,
            "kind": CLUSTERS.kind,
            "metadata": {"name": key.name, "namespace": key.namespace, **metadata},
            "spec": {name: value for name, value in spec.items() if value is not None},
        }
        writer.ensure(CLUSTERS, KubeFedCluster.read(manifest).manifest())
    else:
        writer.merge(CLUSTERS, key, {"metadata": metadata, "spec": spec})


def _spec(wanted: Registration, secret: str) -> dict[str, Any]:
    """The spec as a merge patch: null removes what an earlier join asked for and this one does not."""
    return {
        "apiEndpoint": wanted.candidate.endpoint,
        "caBundle": wanted.candidate.ca_bundle or None,
        "secretRef": {"name": secret},
        "disabledTLSValidations": list(wanted.disabled_checks) or None,
        "proxyURL": wanted.proxy_url or None,
    }


def check_secret(wanted_name: str, cluster: str, records: list[Manifest]) -> None:
    """Raises Misconfigured when another cluster's credentials are in the Secret that the person named."""
    for record in records:
        if record["metadata"]["name"] != cluster and secret_name(record) == wanted_name:
            raise Misconfigured(
                f"--secret-name {wanted_name!r} holds the credentials of cluster {record['metadata']['name']!r}: "
                "choose another name"
            )
