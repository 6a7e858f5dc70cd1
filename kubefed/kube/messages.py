"""What goes over the wire to an API server and what comes back, before anybody has looked inside. Values only."""

from collections.abc import Mapping
from typing import NamedTuple

from kubefed.kube import wire


class Request(NamedTuple):
    """What the wire is asked for. `path` is absolute; `query` is not encoded yet."""

    verb: str
    path: str
    query: Mapping[str, str] = {}
    body: bytes | None = None
    content_type: str = wire.JSON
    accept: str = wire.JSON

    @property
    def is_write(self) -> bool:
        return self.verb != "GET"

    def __str__(self) -> str:
        return f"{self.verb} {self.path}"


class Answer(NamedTuple):
    """A whole answer, whatever its status."""

    status: int
    headers: Mapping[str, str]
    body: bytes
