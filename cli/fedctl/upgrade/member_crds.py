"""Installs the CRDs that members need for services. Those that are newer than ours are left as they are."""

import re
from collections.abc import Mapping
from typing import Any

from fedctl.changes import Writer
from fedctl.kinds import CRDS
from fedctl.manifests import Manifest, key_of
from fedctl.served import wait_for_crds
from fedctl.telling import warn
from kubefed.api.member_crds import member_crds
from kubefed.api.multicluster import RELEASE_LABEL, REVISION_LABEL

Age = tuple[int, ...]
_NOTHING: Age = (-1, -1, -1, -1)
_RELEASE = re.compile(r"v(\d{1,9})\.(\d{1,9})\.(\d{1,9})")
_REVISION = re.compile(r"\d{1,9}")


def apply_member_crds(writer: Writer) -> None:
    """Apply every CRD that is not there in a newer form, and wait until all are served."""
    crds = [crd for crd in member_crds() if _may_be_applied(writer, crd)]
    for crd in crds:
        writer.apply(CRDS, crd)
    if not writer.dry_run:
        wait_for_crds(writer.server, crds)


def _may_be_applied(writer: Writer, crd: Manifest) -> bool:
    key = key_of(crd)
    stored = writer.server.find(CRDS, key)
    if stored is None or not is_newer(stored, crd):
        return True
    labels = stored["metadata"]["labels"]
    warn(f"CRD {key} is left as it is: it is newer ({labels[RELEASE_LABEL]}) than the one of this fedctl")
    return False


def is_newer(stored: Mapping[str, Any], ours: Mapping[str, Any]) -> bool:
    """Whether putting `ours` over `stored` would be a downgrade, by the labels of the Multi-Cluster Services API. Pure."""
    return _age(stored) > _age(ours)


def _age(crd: Mapping[str, Any]) -> Age:
    """Release and revision, to be compared. What has no labels, or others than can be read, is older than everything."""
    labels = crd["metadata"].get("labels") or {}
    release = _RELEASE.match(str(labels.get(RELEASE_LABEL) or ""))
    revision = _REVISION.fullmatch(str(labels.get(REVISION_LABEL) or "0"))
    if release is None or revision is None:
        return _NOTHING
    return (*map(int, release.groups()), int(revision.group()))
