"""Kubeconfigs hold everything and name contexts as clusters are named."""

import base64
from typing import Any

import yaml

from fedctl.sandbox import kubeconfig
from fedctl.sandbox.kubeconfig import Access
from fedctl.sandbox.pki import Pair


def rendered(*contexts: str) -> dict[str, Any]:
    accesses = [Access(name, f"https://127.0.0.1/{name}", b"CA", Pair(b"CERT", b"KEY")) for name in contexts]
    return dict(yaml.safe_load(kubeconfig.render(accesses)))


def test_there_is_a_context_per_cluster_and_the_first_is_current() -> None:
    document = rendered("host", "member1")
    assert [context["name"] for context in document["contexts"]] == ["host", "member1"]
    assert document["current-context"] == "host"


def test_everything_is_embedded_so_that_the_file_can_be_copied() -> None:
    document = rendered("host")
    assert base64.b64decode(document["clusters"][0]["cluster"]["certificate-authority-data"]) == b"CA"
    user = document["users"][0]["user"]
    assert [base64.b64decode(user[f"client-{part}-data"]) for part in ("certificate", "key")] == [b"CERT", b"KEY"]
    assert "certificate-authority" not in document["clusters"][0]["cluster"]


def test_no_two_contexts_share_a_user() -> None:
    document = rendered("host", "member1")
    assert [context["context"]["user"] for context in document["contexts"]] == ["host", "member1"]
