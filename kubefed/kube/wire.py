"""What API servers send, as far as kubefed reads it: projections that keep what decisions need and drop the rest.

Records are msgspec Structs that the garbage collector does not track: a cache of a million of them costs no pause. What
is opaque to us stays bytes.
"""

import msgspec
import orjson

from kubefed.core.names import ObjectKey

JSON = "application/json"
METADATA_ONLY = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"
METADATA_LIST_ONLY = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"

LONGEST_KEPT_BYTES = 4096
"""Labels or annotations longer than this are not kept in a cache: `TOO_LARGE` stands in their place."""
TOO_LARGE = b"\x00"

_EMPTY = b"{}"


class Metadata(msgspec.Struct, gc=False, frozen=True):
    """One object's metadata. `labels` and `annotations` are JSON objects as bytes, `b"{}"` when there are none."""

    namespace: str
    name: str
    uid: str
    resource_version: int
    generation: int
    labels: bytes
    annotations: bytes
    finalizers: tuple[str, ...]
    deletion_timestamp: str
    creation_timestamp: str = ""
    annotations_whole: bool = True
    """False when the annotations were too large to keep and only those of the projector's prefix are here."""

    @property
    def key(self) -> ObjectKey:
        return ObjectKey(self.namespace, self.name)

    @property
    def terminating(self) -> bool:
        return bool(self.deletion_timestamp)

    @property
    def version(self) -> str:
        """KubeFed's version of a member object: its generation where the kind has one, else its resourceVersion."""
        return f"gen:{self.generation}" if self.generation else f"rv:{self.resource_version}"

    def label_map(self) -> dict[str, str]:
        """The labels, decoded. Empty when they were too large to keep."""
        return _string_map(self.labels)

    def annotation_map(self) -> dict[str, str]:
        """The annotations, decoded. Empty when they were too large to keep."""
        return _string_map(self.annotations)


class Object(msgspec.Struct, gc=False, frozen=True):
    """Metadata beside the undecoded `spec` and `status`, each `b""` when absent."""

    metadata: Metadata
    spec: bytes
    status: bytes

    @property
    def namespace(self) -> str:
        return self.metadata.namespace

    @property
    def name(self) -> str:
        return self.metadata.name

    @property
    def resource_version(self) -> int:
        return self.metadata.resource_version

    @property
    def key(self) -> ObjectKey:
        return self.metadata.key


class _WireMetadata(msgspec.Struct, rename="camel"):
    name: str
    namespace: str = ""
    uid: str = ""
    resource_version: str = "0"
    generation: int = 0
    labels: msgspec.Raw = msgspec.Raw(_EMPTY)
    annotations: msgspec.Raw = msgspec.Raw(_EMPTY)
    finalizers: tuple[str, ...] = ()
    deletion_timestamp: str = ""
    creation_timestamp: str | None = None


class _WireMetadataOnly(msgspec.Struct):
    metadata: _WireMetadata


class _WireObject(msgspec.Struct):
    metadata: _WireMetadata
    spec: msgspec.Raw = msgspec.Raw(b"")
    status: msgspec.Raw = msgspec.Raw(b"")


class _WireListMetadata(msgspec.Struct, rename="camel"):
    resource_version: str = "0"
    continue_: str = msgspec.field(default="", name="continue")


class _WireBookmark(msgspec.Struct):
    metadata: _WireListMetadata


class WirePage(msgspec.Struct):
    """One page of a list; its items are not decoded yet, so that one bad item harms no other."""

    metadata: _WireListMetadata
    items: list[msgspec.Raw] | None = None


class WireEvent(msgspec.Struct):
    """One line of a watch: ADDED, MODIFIED, DELETED, BOOKMARK or ERROR, and the object undecoded."""

    type: str
    object: msgspec.Raw


_METADATA_DECODER = msgspec.json.Decoder(_WireMetadataOnly)
_OBJECT_DECODER = msgspec.json.Decoder(_WireObject)
_BOOKMARK_DECODER = msgspec.json.Decoder(_WireBookmark)
PAGE_DECODER = msgspec.json.Decoder(WirePage)
EVENT_DECODER = msgspec.json.Decoder(WireEvent)


class Projector:
    """Turns the bytes of objects into records. One per API server: equal label sets share one copy within it."""

    def __init__(self, *, annotation_prefix: str) -> None:
        """`annotation_prefix`: the annotations that stay readable even where the whole map is too large to keep."""
        self._annotation_prefix = annotation_prefix
        self._interned: dict[bytes, bytes] = {_EMPTY: _EMPTY}

    def metadata(self, body: bytes | msgspec.Raw) -> Metadata:
        """Read any object's metadata. Raises msgspec.DecodeError."""
        return self._metadata(_METADATA_DECODER.decode(body).metadata)

    @staticmethod
    def bookmark(body: bytes | msgspec.Raw) -> int:
        """The resourceVersion of a BOOKMARK, whose object has nothing else. Raises msgspec.DecodeError."""
        return resource_version(_BOOKMARK_DECODER.decode(body).metadata.resource_version)

    def object(self, body: bytes | msgspec.Raw) -> Object:
        """Read any object, keeping its spec and status as bytes of their own. Raises msgspec.DecodeError."""
        wire = _OBJECT_DECODER.decode(body)
        return Object(self._metadata(wire.metadata), bytes(wire.spec), bytes(wire.status))

    def _metadata(self, wire: _WireMetadata) -> Metadata:
        annotations = bytes(wire.annotations)
        whole = len(annotations) <= LONGEST_KEPT_BYTES
        return Metadata(
            namespace=wire.namespace,
            name=wire.name,
            uid=wire.uid,
            resource_version=resource_version(wire.resource_version),
            generation=wire.generation,
            labels=self._kept(bytes(wire.labels)),
            annotations=self._kept(annotations if whole else self._reduced(annotations)),
            finalizers=wire.finalizers,
            deletion_timestamp=wire.deletion_timestamp,
            creation_timestamp=wire.creation_timestamp or "",
            annotations_whole=whole,
        )

    def _reduced(self, annotations: bytes) -> bytes:
        """kubectl keeps a copy of the whole object in an annotation; what a decision reads must not drown in it."""
        everything: dict[str, str] = orjson.loads(annotations)
        return orjson.dumps({name: text for name, text in everything.items() if name.startswith(self._annotation_prefix)})

    def _kept(self, text: bytes) -> bytes:
        if text == b"null":
            return _EMPTY
        if len(text) > LONGEST_KEPT_BYTES:
            return TOO_LARGE
        if len(self._interned) < _MOST_INTERNED:
            return self._interned.setdefault(text, text)
        return self._interned.get(text, text)


_MOST_INTERNED = 20_000  # label sets repeat by the thousand; unique ones must not pile up


def resource_version(text: str) -> int:
    """A resourceVersion as the ordered number that Kubernetes promises it to be; 0 for anything else."""
    return int(text) if text.isascii() and text.isdigit() else 0


def _string_map(text: bytes) -> dict[str, str]:
    if text == TOO_LARGE:
        return {}
    decoded: dict[str, str] = orjson.loads(text)
    return decoded
