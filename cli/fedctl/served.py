"""Waiting until CRDs are not only stored but served."""

from collections.abc import Sequence

from fedctl.apiserver import ApiServer
from fedctl.kinds import CRDS
from fedctl.manifests import Manifest
from fedctl.waiting import succeeds, wait_until
from kubefed.core.names import ObjectKey, ResourceType

_WITHIN_S = 60.0


def wait_for_crds(server: ApiServer, crds: Sequence[Manifest]) -> None:
    """Wait until the objects of every CRD can be listed. Raises Misconfigured when that takes more than a minute.

    An API server calls a CRD established a few seconds before it answers for its objects.
    """
    for crd in crds:
        _wait_for_crd(server, crd)


def _wait_for_crd(server: ApiServer, crd: Manifest) -> None:
    key = ObjectKey("", crd["metadata"]["name"])
    wait_until(
        lambda: _is_established(server.get(CRDS, key)),
        _WITHIN_S,
        f"CRD {key} does not become established: its conditions say why (kubectl describe crd {key})",
    )
    path = _served_type(crd).collection_path()
    wait_until(
        lambda: succeeds(lambda: server.read(f"{path}?limit=1")),
        _WITHIN_S,
        f"the API server does not serve {key} although its CRD is established: its log says why",
    )


def _is_established(crd: Manifest) -> bool:
    conditions = (crd.get("status") or {}).get("conditions") or ()
    return any((each.get("type"), each.get("status")) == ("Established", "True") for each in conditions)


def _served_type(crd: Manifest) -> ResourceType:
    spec = crd["spec"]
    names = spec["names"]
    return ResourceType(
        spec["group"], spec["versions"][0]["name"], names["plural"], names["kind"], spec["scope"] == "Namespaced"
    )
