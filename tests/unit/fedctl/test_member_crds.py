"""Which definitions of the services API may be put over which."""

import pytest

from fedctl.upgrade.member_crds import is_newer
from kubefed.api.multicluster import RELEASE_LABEL, REVISION_LABEL


def labelled(release: str | None, revision: str | None = "0") -> dict[str, object]:
    labels = {RELEASE_LABEL: release, REVISION_LABEL: revision}
    return {"metadata": {"labels": {name: value for name, value in labels.items() if value is not None}}}


OURS = labelled("v0.5.0")


@pytest.mark.parametrize(
    ("stored", "newer"),
    [
        (labelled("v0.5.0"), False),
        (labelled("v0.4.9", "7"), False),
        (labelled("v0.5.0", "1"), True),
        (labelled("v0.5.1"), True),
        (labelled("v0.10.0"), True),
        (labelled("v1.0.0-rc.1"), True),
        (labelled(None, None), False),
        (labelled("latest"), False),
        (labelled("v9.9.9", "many"), False),
        ({"metadata": {}}, False),
        ({"metadata": {"labels": None}}, False),
    ],
)
def test_only_a_later_release_or_revision_is_newer(stored: dict[str, object], newer: bool) -> None:
    assert is_newer(stored, OURS) is newer
