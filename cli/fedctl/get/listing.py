"""Reads members and types, and prints them."""

import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Protocol, TypeVar

from fedctl.federation import CONFIGS, Federation
from fedctl.get.clusters import cluster_row, clusters_document, clusters_table
from fedctl.get.types import type_row, types_document, types_table
from fedctl.manifests import as_yaml
from fedctl.options import HostOptions, Output
from fedctl.telling import note, show, warn
from kubefed.core.errors import Misconfigured, NotFound
from kubefed.core.markers import CONFIG_NAME
from kubefed.core.names import ObjectKey
from kubefed.federated.freezes import freeze_of_everything


class Named(Protocol):
    """A row with a name."""

    @property
    def name(self) -> str: ...


R = TypeVar("R", bound=Named)


def show_clusters(options: HostOptions, name: str, output: Output | None) -> None:
    """Every member, or one."""
    with Federation.opened(options) as federation:
        try:
            rows = chosen([cluster_row(record) for record in federation.clusters()], name, "cluster")
            _warn_of_freeze(federation)
        except NotFound:
            federation.config()  # says that nothing is installed
            raise
    if output in (Output.json, Output.yaml):
        print_document(clusters_document(rows), output)
    elif rows:
        show(clusters_table(rows, datetime.now(UTC), wide=output is Output.wide))
    else:
        note("No cluster is joined: fedctl join cluster NAME.")


def _warn_of_freeze(federation: Federation) -> None:
    """What is frozen for all members is no single one's business, and everybody's."""
    stored = federation.host.find(CONFIGS, ObjectKey(federation.namespace, CONFIG_NAME)) or {"metadata": {}}
    freeze = freeze_of_everything(stored["metadata"].get("annotations") or {})
    for reason in filter(None, (freeze.writes, freeze.removals)):
        warn(reason)


def show_types(options: HostOptions, name: str, output: Output | None) -> None:
    """Every federated type, or one."""
    with Federation.opened(options) as federation:
        try:
            rows = chosen([type_row(config) for config in federation.type_configs()], name, "federated type")
        except NotFound:
            federation.config()
            raise
    if output in (Output.json, Output.yaml):
        print_document(types_document(rows), output)
    elif rows:
        show(types_table(rows, wide=output is Output.wide))
    else:
        note("No type is federated: fedctl enable TYPE.")


def chosen(rows: Sequence[R], name: str, what: str) -> Sequence[R]:
    """All rows, or the named one. Raises Misconfigured saying which there are."""
    if not name:
        return rows
    if found := [row for row in rows if row.name == name]:
        return found
    names = ", ".join(row.name for row in rows) or "none"
    raise Misconfigured(f"there is no {what} {name!r}; there are: {names}")


def print_document(document: dict[str, Any], output: Output) -> None:
    """A result for programs, in ASCII, so that nothing in it acts on a terminal."""
    text = as_yaml(document) if output is Output.yaml else f"{json.dumps(document, indent=2)}\n"
    sys.stdout.write(text)
