"""Whose copy an object in a member is. Pure.

Every federation has an id that travels with its backups. It is written on copies with writes that are due anyway; a copy
without one was made by KubeFed, or is about to be adopted, and anybody's. A copy with another id is another host's.
"""

from kubefed.core.markers import OWNER_ANNOTATION
from kubefed.kube.wire import TOO_LARGE, Metadata

_MARK = OWNER_ANNOTATION.encode()


def foreign(copy: Metadata, owner: str) -> bool:
    """Whether the copy carries the mark of another federation than `owner`: it is never adopted, changed or removed.

    Neither is one whose marks are too large to be read.
    """
    if copy.annotations == TOO_LARGE:
        return True
    if _MARK not in copy.annotations:
        return False
    return copy.annotation_map().get(OWNER_ANNOTATION) != owner


def unreadable(copy: Metadata) -> bool:
    """Whether the store does not hold what an update retains, so that the live object must be read first."""
    return not copy.annotations_whole
