"""Which clusters an object is placed in, by name or by label. Pure.

A list of names, even an empty one, wins over a selector; an absent selector selects nothing, an empty one everything.
Whether a cluster is ready plays no part here.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kubefed.core.errors import Misconfigured
from kubefed.core.names import ClusterName
from kubefed.federated.rawjson import as_list, as_object, shortened, text_in

Labels = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Requirement:
    """One expression of a selector: `key` `operator` `values`."""

    key: str
    operator: str
    values: frozenset[str]

    def met_by(self, labels: Labels) -> bool:
        """Whether the labels satisfy it, as metav1.LabelSelector means it."""
        match self.operator:
            case "In":
                return labels.get(self.key) in self.values
            case "NotIn":
                return labels.get(self.key) not in self.values
            case "Exists":
                return self.key in labels
            case _:
                return self.key not in labels


@dataclass(frozen=True, slots=True)
class Placement:
    """`clusters` is None when no list of names was given; `requirements` None when no selector was."""

    clusters: frozenset[ClusterName] | None
    requirements: tuple[Requirement, ...] | None

    @property
    def reads_labels(self) -> bool:
        """Whether clusters' labels decide, so that a change of labels can deselect."""
        return self.clusters is None and bool(self.requirements)

    def selects(self, cluster: ClusterName, labels: Labels) -> bool:
        """Whether a registered cluster with these labels is selected."""
        if self.clusters is not None:
            return cluster in self.clusters
        return self.requirements is not None and all(requirement.met_by(labels) for requirement in self.requirements)


NOWHERE = Placement(None, None)


def read_placement(spec: Mapping[str, Any]) -> Placement:
    """Read `spec.placement` of a decoded spec. Raises Misconfigured naming what is malformed."""
    raw = spec.get("placement")
    if raw is None:
        return NOWHERE
    placement = as_object(raw, "spec.placement")
    return Placement(_names(placement.get("clusters")), read_selector(placement.get("clusterSelector"), _SELECTOR))


def _names(raw: Any) -> frozenset[ClusterName] | None:
    if raw is None:
        return None
    path = "spec.placement.clusters"
    return frozenset(ClusterName(text_in(as_object(item, f"{path}[]"), "name", f"{path}[]")) for item in as_list(raw, path))


def read_selector(raw: Any, path: str) -> tuple[Requirement, ...] | None:
    """Read a metav1.LabelSelector; None when there is none. Raises Misconfigured with `path` for what is malformed."""
    if raw is None:
        return None
    selector = as_object(raw, path)
    labels = as_object(selector.get("matchLabels") or {}, f"{path}.matchLabels")
    equal = tuple(
        Requirement(_label(key, path), "In", frozenset((_value(value, key, path),))) for key, value in labels.items()
    )
    expressions = as_list(selector.get("matchExpressions") or [], f"{path}.matchExpressions")
    return equal + tuple(_requirement(as_object(item, f"{path}.matchExpressions[]"), path) for item in expressions)


def _requirement(fields: Mapping[str, Any], selector: str) -> Requirement:
    path = f"{selector}.matchExpressions[]"
    key, operator = _label(text_in(fields, "key", path), selector), text_in(fields, "operator", path)
    values = frozenset(_value(value, key, selector) for value in as_list(fields.get("values") or [], f"{path}.values"))
    if operator not in _OPERATORS:
        raise Misconfigured(f"{path}.operator {shortened(operator)!r} is not one of {', '.join(_OPERATORS)}")
    if bool(values) != (operator in _WITH_VALUES):
        wants = "needs" if operator in _WITH_VALUES else "takes no"
        raise Misconfigured(f"{path} with operator {operator} {wants} values")
    return Requirement(key, operator, values)


def _label(key: str, path: str) -> str:
    """A label's key. One that no label can have selects nothing, which its author cannot have meant."""
    prefix, slash, name = key.rpartition("/")
    if (slash and not _is_prefix(prefix)) or not _is_word(name):
        raise Misconfigured(f"{path}: {shortened(key)!r} is no label key")
    return key


def _value(value: Any, key: str, path: str) -> str:
    if not isinstance(value, str):
        raise Misconfigured(f"{path}: the value of {shortened(key)!r} is not a string")
    if value and not _is_word(value):
        raise Misconfigured(f"{path}: no label {shortened(key)!r} can have the value {shortened(value)!r}")
    return value


def _is_word(text: str) -> bool:
    return len(text) <= _LONGEST_WORD and _WORD.fullmatch(text) is not None


def _is_prefix(text: str) -> bool:
    return len(text) <= _LONGEST_PREFIX and _SUBDOMAIN.fullmatch(text) is not None


_LONGEST_WORD, _LONGEST_PREFIX = 63, 253
_WORD = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_.-]*[A-Za-z0-9])?")
_SUBDOMAIN = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]*[a-z0-9])?)*")

_SELECTOR = "spec.placement.clusterSelector"
_OPERATORS = ("In", "NotIn", "Exists", "DoesNotExist")
_WITH_VALUES = ("In", "NotIn")
