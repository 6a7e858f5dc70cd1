"""How services of the clusterset are shown. Pure."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from rich.table import Table

from fedctl.ages import age
from fedctl.services.rows import ExportLine, ImportLine, ServiceRow
from fedctl.tables import BAD, GOOD, WARN, Cell, table


def services_table(rows: Iterable[ServiceRow], *, with_namespace: bool, wide: bool) -> Table:
    """One line per service."""
    columns = [*(["NAMESPACE"] if with_namespace else []), "NAME", "TYPE", "EXPORTED BY", "IMPORTED BY", "READY", "ADDRESS"]
    columns += ["PORTS"] if wide else []
    return table([*columns, "MESSAGE"], (_cells(row, with_namespace=with_namespace, wide=wide) for row in rows))


def _cells(row: ServiceRow, *, with_namespace: bool, wide: bool) -> list[Cell]:
    cells: list[Cell] = [row.key.namespace] if with_namespace else []
    cells += [
        row.key.name,
        row.type,
        ", ".join(line.cluster for line in row.exports),
        ", ".join(line.cluster for line in row.imports),
        ", ".join(f"{cluster} {count}" for cluster, count in row.ready.items()),
        _addresses(row),
    ]
    if wide:
        cells.append(", ".join(row.ports))
    message = "; ".join((*row.problems, *row.conflicts))
    return [*cells, (message, BAD if row.problems else WARN) if message else ""]


def _addresses(row: ServiceRow) -> str:
    """One address where it is the same everywhere."""
    shown = {line.cluster: " ".join(line.addresses) for line in row.imports if line.addresses}
    if len(set(shown.values())) <= 1:
        return next(iter(shown.values()), "")
    return ", ".join(f"{cluster} {addresses}" for cluster, addresses in shown.items())


def exports_table(lines: Iterable[ExportLine], now: datetime) -> Table:
    """One line per exporting cluster."""
    return table(("CLUSTER", "STATE", "AGE", "WHY"), (_export_cells(line, now) for line in lines))


def _export_cells(line: ExportLine, now: datetime) -> list[Cell]:
    state: Cell = ("Exported", GOOD) if line.exported else ("Not exported", BAD)
    return [line.cluster, state, age(line.created_at, now), "; ".join(filter(None, (*line.problems, line.conflict)))]


def imports_table(lines: Iterable[ImportLine]) -> Table:
    """One line per importing cluster."""
    return table(("CLUSTER", "STATE", "ADDRESS", "READY ENDPOINTS"), map(_import_cells, lines))


def _import_cells(line: ImportLine) -> list[Cell]:
    endpoints = ", ".join(f"{cluster} {count}" for cluster, count in line.ready.items())
    return [line.cluster, (line.state, GOOD if line.state == "Ready" else WARN), " ".join(line.addresses), endpoints]


def services_document(rows: Iterable[ServiceRow]) -> dict[str, Any]:
    """The same for programs."""
    return {"exports": [_document(row) for row in rows]}


def _document(row: ServiceRow) -> Mapping[str, Any]:
    return {
        "namespace": row.key.namespace,
        "name": row.key.name,
        "type": row.type,
        "ports": list(row.ports),
        "exporters": [
            {"cluster": line.cluster, "exported": line.exported, "problems": list(line.problems)} for line in row.exports
        ],
        "importers": [
            {"cluster": line.cluster, "state": line.state, "addresses": list(line.addresses), "ready": dict(line.ready)}
            for line in row.imports
        ],
        "conflicts": list(row.conflicts),
    }
