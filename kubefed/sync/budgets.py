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
MAX_POINTER_LENGTH = 4096
"""Characters in the path of one operation."""
MAX_RENDERED_BYTES = 1 << 20
"""Size of one copy as it is sent to a member. API servers refuse more than 3 MiB, etcd more than 1.5 MiB."""


def is_deeper_than(levels: int, value: Any) -> bool:
    """Whether objects and lists are nested more than `levels` deep in `value`. A scalar has depth 0, `{}` depth 1."""
    layer = _containers((value,))
    for _ in range(levels):
        if not layer:
            return False
        layer = [inner for outer in layer for inner in _containers(outer)]
    return bool(layer)


def _containers(container: Any) -> list[Any]:
    items: Iterable[Any] = container.values() if isinstance(container, dict) else container
    return [item for item in items if isinstance(item, (dict, list))]
