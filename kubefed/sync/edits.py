"""Changes of copies in the field's own words: images, environment, arguments, labels, annotations. Pure.

An edit is an operation whose effect depends on what the copy holds: which of the containers has a name, which part of an
image is kept. It is decided when it is applied, so that it follows entries that were applied before.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from kubefed.sync.jsonpatch import Edit, Operation, PatchFailed

_POD_SPECS = (
    ("spec", "template", "spec"),
    ("spec", "jobTemplate", "spec", "template", "spec"),
    ("spec",),
)
"""Where kinds have their containers: workloads, CronJobs, Pods."""
_CONTAINER_LISTS = ("initContainers", "containers")

Fields = dict[str, Any]
Change = Callable[[Fields], Fields]


def edited(document: Any, step: Operation) -> Any:
    """The document after one edit. The one that is given stays as it is. Raises PatchFailed."""
    match step.op:
        case Edit.MERGE:
            return _at(document, step.pointer, lambda there: {**there, **step.value}, step)
        case Edit.DROP:
            return _at(document, step.pointer, lambda there: {k: v for k, v in there.items() if k not in step.value}, step)
        case Edit.IMAGE:
            return _in_containers(document, step, lambda container: _with_image(container, step.value))
        case Edit.ENV:
            return _in_containers(document, step, lambda container: _with_env(container, step))
        case Edit.ARGS | Edit.COMMAND:
            field = str(step.op.value)
            return _in_containers(document, step, lambda container: _with_words(container, field, step))
    raise PatchFailed(step, "no such change is known")


def _at(document: Any, pointer: tuple[str, ...], change: Change, step: Operation) -> Any:
    """The document with the object at a place changed; one that is missing is taken for empty."""
    there = {} if document is None else document
    if not isinstance(there, dict):
        raise PatchFailed(step, "there is something else than an object")
    if not pointer:
        return change(there)
    return {**there, pointer[0]: _at(there.get(pointer[0]), pointer[1:], change, step)}


# --- containers ------------------------------------------------------------------------------------------------


def _in_containers(document: Any, step: Operation, change: Change) -> Any:
    """The document with every container changed that the edit is about: the one of a name, or all."""
    place = next((each for each in _POD_SPECS if _has_containers(document, each)), None)
    if place is None:
        raise PatchFailed(step, "the copy has no containers")
    name = step.value.get("container") or ""
    if name and name not in _names(_found(document, place)):
        raise PatchFailed(step, f"the copy has no container {name!r}")

    def pod(there: Fields) -> Fields:
        lists = {each: there[each] for each in _CONTAINER_LISTS if isinstance(there.get(each), list)}
        return {**there, **{each: [_maybe(one, name, change) for one in lists[each]] for each in lists}}

    return _at(document, place, pod, step)


def _maybe(container: Any, name: str, change: Change) -> Any:
    if not isinstance(container, dict) or (name and container.get("name") != name):
        return container
    return change(container)


def _has_containers(document: Any, place: tuple[str, ...]) -> bool:
    found = _found(document, place)
    return isinstance(found, dict) and isinstance(found.get("containers"), list)


def _found(document: Any, place: tuple[str, ...]) -> Any:
    for key in place:
        document = document.get(key) if isinstance(document, dict) else None
    return document


def _names(pod: Mapping[str, Any]) -> set[str]:
    lists = (pod.get(each) for each in _CONTAINER_LISTS)
    return {str(one.get("name")) for each in lists if isinstance(each, list) for one in each if isinstance(one, dict)}


# --- images ----------------------------------------------------------------------------------------------------

_IMAGE = re.compile(
    r"(?:(?P<registry>localhost(?::\d+)?|[^/@]*[.:][^/@]*)/)?(?P<repository>[^:@]*)(?::(?P<tag>[^@]*))?(?:@(?P<digest>.*))?"
)


def _with_image(container: Fields, wanted: Mapping[str, Any]) -> Fields:
    whole = wanted.get("image")
    return {**container, "image": whole or image_with(str(container.get("image") or ""), wanted)}


def image_with(image: str, parts: Mapping[str, Any]) -> str:
    """An image with some of its parts replaced: registry, repository, tag, digest.

    A new tag takes an old digest away, which would win over it otherwise.
    """
    found = _IMAGE.fullmatch(image)
    there = {name: text or "" for name, text in found.groupdict().items()} if found else {"repository": image}
    if parts.get("tag") and not parts.get("digest"):
        there["digest"] = ""
    there |= {name: str(parts[name]) for name in ("registry", "repository", "tag", "digest") if parts.get(name)}
    registry = f"{there['registry']}/" if there.get("registry") else ""
    tag = f":{there['tag']}" if there.get("tag") else ""
    digest = f"@{there['digest']}" if there.get("digest") else ""
    return f"{registry}{there['repository']}{tag}{digest}"


# --- environment and words -------------------------------------------------------------------------------------


def _with_env(container: Fields, step: Operation) -> Fields:
    """Variables keep their order, because one may use those before it; new ones come last."""
    wanted, before = step.value, container.get("env") or ()
    if not (isinstance(before, list | tuple) and all(_is_variable(each) for each in before)):
        raise PatchFailed(step, "the env of a container is no list of variables with names")
    given = {each["name"]: each for each in wanted.get("set") or ()}
    gone = set(wanted.get("remove") or ())
    there = [each for each in before if each.get("name") not in gone]
    known = {each.get("name") for each in there}
    kept = [given.get(each.get("name"), each) for each in there]
    return {**container, "env": [*kept, *(each for name, each in given.items() if name not in known)]}


def _is_variable(each: Any) -> bool:
    return isinstance(each, dict) and isinstance(each.get("name"), str)


def _with_words(container: Fields, field: str, step: Operation) -> Fields:
    wanted, there = step.value, container.get(field) or ()
    if not (isinstance(there, list | tuple) and all(isinstance(word, str) for word in there)):
        raise PatchFailed(step, f"the {field} of a container is no list of texts")
    given = wanted.get("set")
    words = list(there) if given is None else list(given)
    gone = set(wanted.get("remove") or ())
    return {**container, field: [*(word for word in words if word not in gone), *(wanted.get("add") or ())]}
