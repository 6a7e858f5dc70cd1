"""KubeFed's JSON patch: RFC 6902 as the Go library evanphx/json-patch 4.12 understood it.

Not Python's `jsonpatch`: here `replace` inserts a missing key, indexes may be negative, and `add` wants an existing
parent. Only add, remove and replace exist; copying and moving could double a document with every operation.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Never

import orjson

from kubefed.core.errors import Misconfigured
from kubefed.federated.rawjson import shortened

Pointer = tuple[str, ...]
"""A decoded JSON pointer: the keys and indexes from the root. Empty for the document itself."""


class Op(StrEnum):
    """What an operation does."""

    ADD = "add"
    REMOVE = "remove"
    REPLACE = "replace"


class Edit(StrEnum):
    """What an operation of kubefed's own does, beyond JSON patches; see edits.py."""

    IMAGE = "image"
    ENV = "env"
    COMMAND = "command"
    ARGS = "args"
    MERGE = "merge"
    DROP = "drop"


@dataclass(frozen=True, slots=True)
class Operation:
    """One step of a patch. Operations with the same effect are equal and hash equal, whatever their values are."""

    op: Op | Edit
    pointer: Pointer
    value: Any = field(default=None, compare=False, repr=False)
    value_text: bytes = field(default=b"null", repr=False)
    """The canonical JSON of `value`, which stands for it in comparisons; see `operation`."""

    @property
    def path(self) -> str:
        """The pointer as people write it."""
        return format_pointer(self.pointer)


def operation(op: Op | Edit, pointer: Pointer, value: Any = None) -> Operation:
    """An operation with its value's text. Raises TypeError for a value that is no JSON or nested beyond 250 levels."""
    return Operation(op, pointer, value, orjson.dumps(value, option=orjson.OPT_SORT_KEYS))


class PatchFailed(Misconfigured):
    """An operation does not apply to the document. Says where and why, never what the values are."""

    def __init__(self, operation: Operation, reason: str) -> None:
        self.path = operation.path
        self.reason = reason
        super().__init__(f"cannot {operation.op} {shortened(self.path)!r}: {reason}")


def parse_pointer(path: str) -> Pointer:
    """Decode a JSON pointer. Raises ValueError unless it is empty or starts with a slash.

    KubeFed took no notice of what stands before the first slash, so that `x/kind` meant `/kind`.
    """
    if not path:
        return ()
    if path[0] != "/":
        raise ValueError("a path starts with a slash")
    if "~" not in path:
        return tuple(path[1:].split("/"))
    return tuple(key.replace("~1", "/").replace("~0", "~") for key in path[1:].split("/"))


def format_pointer(pointer: Pointer) -> str:
    """Encode a pointer: the opposite of `parse_pointer`."""
    return "".join("/" + key.replace("~", "~0").replace("/", "~1") for key in pointer)


Editing = Callable[[Any, Operation], Any]
"""Makes one edit of a document, and leaves the one that it is given as it is."""


def apply(document: Any, operations: Sequence[Operation], edit: Editing | None = None) -> Any:
    """The document after all operations, in order. Raises PatchFailed at the first that does not apply.

    Neither the document nor any operation's value is changed: what the patch touches is copied, container by
    container, and everything else is shared with the result, which must therefore not be changed in place either.
    """
    patched = _Patched(document)
    for step in operations:
        if isinstance(step.op, Edit):
            patched.edit(step, edit)
        else:
            patched.apply(step)
    return patched.root


class _Patched:
    """A document in the middle of being patched, and which of its containers are already private copies."""

    __slots__ = ("_private", "root")

    def __init__(self, document: Any) -> None:
        self.root = document
        self._private: set[int] = set()

    def apply(self, step: Operation) -> None:
        if not step.pointer:
            self._replace_root(step)
            return
        parent, key = self._private_parent(step), step.pointer[-1]
        if isinstance(parent, dict):
            _change_object(parent, key, step)
        else:
            _change_list(parent, key, step)

    def edit(self, step: Operation, edit: Editing | None) -> None:
        if edit is None:
            _fail(step, "no such change is known")
        self.root = edit(self.root, step)
        self._private.clear()  # what the edit dropped may have freed an id, which something else gets

    def _replace_root(self, step: Operation) -> None:
        if step.op is not Op.REPLACE:
            _fail(step, "the document itself can only be replaced")
        if not isinstance(step.value, (dict, list)):
            _fail(step, "only an object or a list can replace the document")
        self.root = step.value

    def _private_parent(self, step: Operation) -> Any:
        """The container that the last key of the pointer is about, made private together with all above it."""
        self.root = parent = self._private_copy(self.root, step)
        for key in step.pointer[:-1]:
            place = _existing_place(parent, key, step)
            parent[place] = self._private_copy(parent[place], step)
            parent = parent[place]
        return parent

    def _private_copy(self, container: Any, step: Operation) -> Any:
        if not isinstance(container, (dict, list)):
            _fail(step, "its parent is missing" if container is None else "its parent is neither object nor list")
        if id(container) in self._private:
            return container
        copy = container.copy()
        # Ids stay unique: the caller keeps alive what was not copied here, and all else is private.
        self._private.add(id(copy))
        return copy


def _change_object(parent: dict[str, Any], key: str, step: Operation) -> None:
    if step.op is not Op.REMOVE:
        parent[key] = step.value
    elif key in parent:
        del parent[key]
    else:
        _fail(step, "there is nothing to remove")


def _change_list(parent: list[Any], key: str, step: Operation) -> None:
    if step.op is Op.REPLACE:
        parent[_index_below(len(parent), key, step)] = step.value
    elif step.op is Op.REMOVE:
        del parent[_index_below(len(parent), key, step)]
    elif key == "-":
        parent.append(step.value)
    else:
        parent.insert(_index_below(len(parent) + 1, key, step), step.value)


def _existing_place(container: Any, key: str, step: Operation) -> Any:
    """The key, or the index it spells, under which something is in the container."""
    if isinstance(container, list):
        return _index_below(len(container), key, step)
    if key not in container:
        _fail(step, "its parent is missing")
    return key


def _index_below(size: int, key: str, step: Operation) -> int:
    """An index from 0 to size - 1. Negative ones count from the end, where -1 is the place `size - 1`."""
    if not _INDEX.fullmatch(key):
        _fail(step, "a list has no such key; an index is wanted")
    index = int(key)
    if not -size <= index < size:
        _fail(step, "the list has no such index")
    return index if index >= 0 else index + size


_INDEX = re.compile(r"[+-]?[0-9]{1,18}")
"""What Go's Atoi reads: a sign and leading zeros are fine, spaces, underscores and other scripts' digits are not."""


def _fail(step: Operation, reason: str) -> Never:
    raise PatchFailed(step, reason)
