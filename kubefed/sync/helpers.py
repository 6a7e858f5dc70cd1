"""Reads the typed fields of an override entry: images, env, command, args, labels, annotations. Pure.

They come to edits, in this order, in front of the entry's own operations.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from kubefed.core.errors import Misconfigured
from kubefed.federated.rawjson import as_list, as_object, shortened, text_in
from kubefed.sync.budgets import MAX_DEPTH, MAX_OPERATIONS_PER_CLUSTER, is_deeper_than
from kubefed.sync.jsonpatch import Edit, Operation, Pointer, operation

HELPER_FIELDS = ("images", "env", "command", "args", "labels", "annotations")
"""The typed fields of an entry, in the order in which they apply."""

_IMAGE_PARTS = ("registry", "repository", "tag", "digest")
_POD: Pointer = ("spec",)


def read_helpers(item: Mapping[str, Any], where: str) -> tuple[Operation, ...]:
    """The edits of one entry. Raises Misconfigured, naming the field."""
    if is_deeper_than(MAX_DEPTH, {name: item[name] for name in HELPER_FIELDS if name in item}):
        raise Misconfigured(f"{where} is nested too deeply; at most {MAX_DEPTH} levels are allowed")
    edits = tuple(edit for name in HELPER_FIELDS if item.get(name) is not None for edit in _READERS[name](item, where))
    if len(edits) > MAX_OPERATIONS_PER_CLUSTER:
        raise Misconfigured(f"{where} has {len(edits)} changes; at most {MAX_OPERATIONS_PER_CLUSTER} are allowed")
    return edits


def _images(item: Mapping[str, Any], where: str) -> Iterator[Operation]:
    for place, fields in _items(item, "images", where, ("container", "image", *_IMAGE_PARTS)):
        texts = {name: text_in(fields, name, place) for name in ("container", "image", *_IMAGE_PARTS)}
        parts = [name for name in _IMAGE_PARTS if texts[name]]
        if bool(texts["image"]) == bool(parts):
            raise Misconfigured(f"{place} must have either image, or some of registry, repository, tag and digest")
        yield operation(Edit.IMAGE, _POD, {name: text for name, text in texts.items() if text})


def _env(item: Mapping[str, Any], where: str) -> Iterator[Operation]:
    for place, fields in _items(item, "env", where, ("container", "set", "remove")):
        given = [as_object(each, f"{place}.set[]") for each in as_list(fields.get("set") or [], f"{place}.set")]
        names = [text_in(each, "name", f"{place}.set[]") for each in given]
        if not all(names) or len(set(names)) != len(names):
            raise Misconfigured(f"{place}.set must give each variable one name of its own")
        yield operation(Edit.ENV, _POD, _about(fields, place) | {"set": given, "remove": _texts(fields, "remove", place)})


def _words(edit: Edit) -> Any:
    field = edit.value

    def read(item: Mapping[str, Any], where: str) -> Iterator[Operation]:
        for place, fields in _items(item, field, where, ("container", "set", "add", "remove")):
            lists = {name: _texts(fields, name, place) for name in ("add", "remove")}
            if fields.get("set") is not None:
                lists["set"] = _texts(fields, "set", place)
            yield operation(edit, _POD, _about(fields, place) | lists)

    return read


def _map(field: str) -> Any:
    pointer: Pointer = ("metadata", field)

    def read(item: Mapping[str, Any], where: str) -> Iterator[Operation]:
        place = f"{where}.{field}"
        fields = _known(as_object(item[field], place), place, ("set", "remove"))
        removed, given = _texts(fields, "remove", place), as_object(fields.get("set") or {}, f"{place}.set")
        if not all(isinstance(text, str) for text in given.values()):
            raise Misconfigured(f"{place}.set must have texts for values")
        if removed:
            yield operation(Edit.DROP, pointer, removed)
        if given:
            yield operation(Edit.MERGE, pointer, given)

    return read


_READERS = {
    "images": _images,
    "env": _env,
    "command": _words(Edit.COMMAND),
    "args": _words(Edit.ARGS),
    "labels": _map("labels"),
    "annotations": _map("annotations"),
}


def _items(
    item: Mapping[str, Any], field: str, where: str, known: Sequence[str]
) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The items of a list and their places."""
    for position, each in enumerate(as_list(item[field], f"{where}.{field}")):
        place = f"{where}.{field}[{position}]"
        yield place, _known(as_object(each, place), place, known)


def _known(fields: Mapping[str, Any], place: str, known: Sequence[str]) -> Mapping[str, Any]:
    """A misspelt field would do nothing, silently."""
    unknown = sorted(fields.keys() - set(known))
    if unknown:
        raise Misconfigured(f"{place} has an unknown field {shortened(unknown[0])!r}; there are: {', '.join(known)}")
    return fields


def _about(fields: Mapping[str, Any], place: str) -> dict[str, Any]:
    container = text_in(fields, "container", place)
    return {"container": container} if container else {}


def _texts(fields: Mapping[str, Any], name: str, place: str) -> list[str]:
    texts = as_list(fields.get(name) or [], f"{place}.{name}")
    if not all(isinstance(text, str) for text in texts):
        raise Misconfigured(f"{place}.{name} must be a list of texts")
    return list(texts)
