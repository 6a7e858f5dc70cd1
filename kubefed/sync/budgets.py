"""How large a person's wishes may be. Beyond these numbers an object is refused by name, and nothing else is harmed.

One object within etcd's limits can still cost seconds of processor time or blind a decoder; the numbers are far above
what real manifests need.
"""

from collections.abc import Iterable
from typing import Any

MAX_OPERATIONS_PER_CLUSTER = 100
"""Operations of one cluster in `spec.overrides`. KubeFed had no limit; patches of thousands took seconds per render."""
MAX_DEPTH = 64
"""Levels of nested objects and lists. JSON libraries give up between 250 and 1,000, API servers at 10,000."""
MAX_POINTER_BYTES = 4096
"""Length of the path of one operation."""
MAX_RENDERED_BYTES = 1 << 20
"""Size of one copy as it is sent to a member. An API server refuses requests above 3 MiB, etcd objects above 1.5 MiB."""


def is_deeper_than(levels: int, value: Any) -> bool:
    """Whether objects and lists are nested more than `levels` deep in `value`. A scalar has depth 0, `{}` depth 1."""
    layer = _containers([value])
    for _ in range(levels):
        if not layer:
            return False
        layer = [
            inner for outer in layer for inner in _containers(outer.values() if isinstance(outer, dict) else outer)
        ]
    return bool(layer)


def _containers(values: Iterable[Any]) -> list[Any]:
    return [value for value in values if isinstance(value, (dict, list))]
