"""What `fedctl get types` shows of a FederatedTypeConfig. Pure."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from rich.table import Table

from fedctl.get.clusters import camel_case
from fedctl.tables import GOOD, WARN, Cell, table
from kubefed.api.core_v1beta1 import ControllerState, FederatedTypeConfig, Toggle
from kubefed.federated.freezes import freeze_of_type


@dataclass(frozen=True, slots=True)
class TypeRow:
    """One federated type. `controller` is Running or NotRunning; empty while no controller has looked."""

    name: str
    kind: str
    federated_kind: str
    federated_type: str
    scope: str
    propagation: str
    controller: str
    frozen: str
    """Why no copy of it is written; empty when they are."""


def type_row(config: FederatedTypeConfig) -> TypeRow:
    """Read a type configuration with defaults."""
    target, federated = config.spec.target_type, config.spec.federated_type
    return TypeRow(
        name=config.metadata.name,
        kind=target.kind,
        federated_kind=federated.kind,
        federated_type=f"{federated.plural_name}.{federated.group}/{federated.version}",
        scope=target.scope,
        propagation=config.spec.propagation,
        controller=config.status.propagation_controller if config.status else "",
        frozen=freeze_of_type(config.metadata.annotations or {}),
    )


def types_table(rows: Iterable[TypeRow], *, wide: bool) -> Table:
    """One line per type."""
    columns = ["NAME", "FEDERATED KIND", "SCOPE", "PROPAGATION", "CONTROLLER", *(["FEDERATED TYPE"] if wide else [])]
    return table(columns, (_cells(row, wide=wide) for row in rows))


def _cells(row: TypeRow, *, wide: bool) -> list[Cell]:
    wanted = row.propagation == Toggle.ENABLED
    runs = row.controller == ControllerState.RUNNING
    cells: list[Cell] = [
        row.name,
        row.federated_kind,
        row.scope,
        (f"{row.propagation} ({row.frozen})", WARN) if row.frozen else row.propagation,
        (row.controller, GOOD if runs else WARN if wanted else ""),
    ]
    return [*cells, row.federated_type] if wide else cells


def types_document(rows: Iterable[TypeRow]) -> dict[str, Any]:
    """The same for programs: `{"types": [...]}` with the fields of TypeRow in Kubernetes' spelling."""
    return {"types": [camel_case(asdict(row)) for row in rows]}
