"""What is to be done about one service: data, made by `decide`."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from kubefed.core.catalogue import MergedService
from kubefed.core.names import ClusterName, ObjectKey, ResourceType
from kubefed.services.facts import Part


class Verb(StrEnum):
    """How an object is written."""

    CREATE = "create"
    REPLACE = "replace"
    PATCH = "patch"
    STATUS = "patch status"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class Write:
    """One object in one cluster. `uid` is that of the object that is deleted.

    `otherwise` is sent when the server rejects the body. `repeats`: it changes again and again where pods come and go.
    """

    cluster: ClusterName
    verb: Verb
    resource: ResourceType
    key: ObjectKey
    body: Mapping[str, Any]
    uid: str = ""
    otherwise: Mapping[str, Any] | None = None
    repeats: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """Whether this part of a cluster is really gone: to be asked of the server itself."""

    cluster: ClusterName
    part: Part


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything about one service. `service` is None when there is none."""

    questions: tuple[Question, ...] = ()
    writes: tuple[Write, ...] = ()
    service: MergedService | None = None
    look_again_s: float | None = None
