"""Marks behind recorded versions: what overrides came to in one cluster, where that depends on the cluster. Pure.

KubeFed compares the overrides of the whole object, and a cluster's labels are no part of it. A copy with tailored
overrides is therefore recorded as `gen:3+<mark>`; a plain one as `gen:3`, as ever.
"""

import hashlib
from collections.abc import Sequence

from kubefed.sync.jsonpatch import Operation

_SEPARATOR = "+"


def mark_for(operations: Sequence[Operation]) -> str:
    """The mark of the operations that one cluster's copy is rendered with, its separator included."""
    digest = hashlib.sha256()
    for step in operations:
        digest.update(f"{step.op} {len(step.path)} {step.path} {len(step.value_text)} ".encode() + step.value_text)
    return _SEPARATOR + digest.hexdigest()[:16]


def mark_of(recorded: str) -> str:
    """The mark of a recorded version; empty for a plain one."""
    return "".join(recorded.partition(_SEPARATOR)[1:])


def unmarked(recorded: str) -> str:
    """The version of the copy itself."""
    return recorded.partition(_SEPARATOR)[0]
