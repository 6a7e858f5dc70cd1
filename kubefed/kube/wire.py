"""What API servers send, as far as kubefed reads it: projections that keep what decisions need and drop the rest.

Records are msgspec Structs that the garbage collector does not track: a cache of a million of them costs no pause. What
is opaque to us stays bytes.
"""

from typing import NamedTuple, TypeVar

import msgspec
import orjson

from kubefed.core.names import ObjectKey
from kubefed.kube import splitting

T = TypeVar("T")

JSON = "application/json"
METADATA_ONLY = "application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1"
METADATA_LIST_ONLY = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"

LONGEST_KEPT_BYTES = 4096
"""Labels or annotations longer than this are not kept in a cache: `TOO_LARGE` stands in their place."""
LARGEST_STATUS_BYTES = 16_384
"""A status larger than this is not kept: `TOO_LARGE` stands in its place."""
TOO_LARGE = b"\x00"

MOST_PAGE_ITEMS = 50_000
"""Servers are asked for 500 at once; those that do not know paging send everything."""

_EMPTY = b"{}"
_NULL = b"null"


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
    labels_whole: bool = True
    """The same for labels: what is not whole must neither select nor be compared."""
    status: bytes = b""
    """The object's status as JSON, where statuses are collected. Empty when it has none."""

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
    finalizers: tuple[str, ...] | None = ()
    deletion_timestamp: str | None = None
    creation_timestamp: str | None = None


class _WireMetadataOnly(msgspec.Struct):
    metadata: _WireMetadata


class _WireMetadataAndStatus(msgspec.Struct):
    metadata: _WireMetadata
    status: msgspec.Raw = msgspec.Raw(b"")


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
    """One page of a list; its items are not decoded yet, so that one bad item harms no other.

    What has no `items` is no list, and above all no empty one.
    """

    metadata: _WireListMetadata
    items: list[msgspec.Raw] | None


class WireEvent(msgspec.Struct):
    """One line of a watch: ADDED, MODIFIED, DELETED, BOOKMARK or ERROR, and the object undecoded."""

    type: str
    object: msgspec.Raw


class Identity(NamedTuple):
    """What can be said of an object that is too deep to be decoded."""

    key: ObjectKey
    resource_version: int


_METADATA_DECODER = msgspec.json.Decoder(_WireMetadataOnly)
_METADATA_AND_STATUS_DECODER = msgspec.json.Decoder(_WireMetadataAndStatus)
_ONLY_METADATA_DECODER = msgspec.json.Decoder(_WireMetadata)
_OBJECT_DECODER = msgspec.json.Decoder(_WireObject)
_BOOKMARK_DECODER = msgspec.json.Decoder(_WireBookmark)
_LIST_METADATA_DECODER = msgspec.json.Decoder(_WireListMetadata)
_PAGE_DECODER = msgspec.json.Decoder(WirePage)
_TYPE_DECODER = msgspec.json.Decoder(str)
_EVENT_DECODER = msgspec.json.Decoder(WireEvent)
_STRINGS_DECODER = msgspec.json.Decoder(dict[str, str])


def read_page(body: bytes) -> WirePage:
    """One page of a list. Raises msgspec.DecodeError; `split_page` may still be able to read it."""
    return _decoded(_PAGE_DECODER, body)


def split_page(body: bytes) -> WirePage:
    """The same for a page with something too deep in it, which takes a hundred times as long. Raises ValueError."""
    metadata_text, items_text = _parts(body, "metadata", "items")
    metadata = _decoded(_LIST_METADATA_DECODER, metadata_text)
    items = splitting.elements(items_text, most=MOST_PAGE_ITEMS)
    return WirePage(metadata, [msgspec.Raw(item) for item in items])


def read_event(line: bytes) -> WireEvent:
    """One line of a watch. Raises msgspec.DecodeError; `split_event` may still be able to read it."""
    return _decoded(_EVENT_DECODER, line)


def split_event(line: bytes) -> WireEvent:
    """The same for an event whose object is too deep. Raises ValueError."""
    kind, subject = _parts(line, "type", "object")
    return WireEvent(_TYPE_DECODER.decode(kind), msgspec.Raw(subject))


def _parts(text: bytes, *names: str) -> list[bytes]:
    parts = splitting.members(text)
    if missing := [name for name in names if name not in parts]:
        raise ValueError(f"no member {missing[0]}")
    return [parts[name] for name in names]


def identify(item: bytes | msgspec.Raw) -> Identity:
    """Which object this is and of which version, however deep it is. Raises ValueError."""
    metadata = _decoded(_ONLY_METADATA_DECODER, splitting.member(bytes(item), "metadata"))
    return Identity(ObjectKey(metadata.namespace, metadata.name), resource_version(metadata.resource_version))


class Projector:
    """Turns the bytes of objects into records. One per API server: equal label sets share one copy within it."""

    def __init__(self, *, annotation_prefix: str) -> None:
        """`annotation_prefix`: the labels and annotations that stay readable even where the whole map is too large."""
        self._annotation_prefix = annotation_prefix
        self._interned: dict[bytes, bytes] = {_EMPTY: _EMPTY}

    def metadata(self, body: bytes | msgspec.Raw) -> Metadata:
        """Read any object's metadata. Raises msgspec.DecodeError."""
        return self._metadata(_decoded(_METADATA_DECODER, body).metadata)

    def metadata_and_status(self, body: bytes | msgspec.Raw) -> Metadata:
        """Read any object's metadata, and its status with it. Raises msgspec.DecodeError."""
        wire = _decoded(_METADATA_AND_STATUS_DECODER, body)
        status = _present(wire.status)
        return self._metadata(wire.metadata, status if len(status) <= LARGEST_STATUS_BYTES else TOO_LARGE)

    @staticmethod
    def bookmark(body: bytes | msgspec.Raw) -> int:
        """The resourceVersion of a BOOKMARK, whose object has nothing else. Raises msgspec.DecodeError."""
        return resource_version(_decoded(_BOOKMARK_DECODER, body).metadata.resource_version)

    def object(self, body: bytes | msgspec.Raw) -> Object:
        """Read any object, keeping its spec and status as bytes of their own. Raises msgspec.DecodeError."""
        wire = _decoded(_OBJECT_DECODER, body)
        return Object(self._metadata(wire.metadata), _present(wire.spec), _present(wire.status))

    def _metadata(self, wire: _WireMetadata, status: bytes = b"") -> Metadata:
        annotations = bytes(wire.annotations)
        return Metadata(
            namespace=wire.namespace,
            name=wire.name,
            uid=wire.uid,
            resource_version=resource_version(wire.resource_version),
            generation=wire.generation,
            labels=self._interned_labels(bytes(wire.labels)),
            annotations=self._kept(annotations),
            finalizers=wire.finalizers or (),
            deletion_timestamp=wire.deletion_timestamp or "",
            creation_timestamp=wire.creation_timestamp or "",
            annotations_whole=len(annotations) <= LONGEST_KEPT_BYTES,
            labels_whole=len(bytes(wire.labels)) <= LONGEST_KEPT_BYTES,
            status=status,
        )

    def _interned_labels(self, text: bytes) -> bytes:
        """Label sets repeat by the thousand. When too many different ones have been seen, the table starts afresh."""
        known = self._interned.get(text)
        if known is None:
            known = self._kept(text)
            if len(self._interned) >= _MOST_INTERNED:
                self._interned = {_EMPTY: _EMPTY}
            if len(text) <= LONGEST_KEPT_BYTES:
                self._interned[text] = known
        return known

    def _kept(self, text: bytes) -> bytes:
        """Labels or annotations as they stay in memory. kubectl keeps a copy of the whole object in an annotation; what
        a decision reads must not drown in it."""
        if text in (_EMPTY, _NULL):
            return _EMPTY
        everything = _decoded(_STRINGS_DECODER, text)
        if len(text) <= LONGEST_KEPT_BYTES:
            return text
        ours = {name: value for name, value in everything.items() if name.startswith(self._annotation_prefix)}
        kept = orjson.dumps(ours)
        return kept if len(kept) <= LONGEST_KEPT_BYTES else TOO_LARGE


_MOST_INTERNED = 20_000


def resource_version(text: str) -> int:
    """A resourceVersion as the ordered number that Kubernetes promises it to be; 0 when there is none.

    Raises msgspec.ValidationError for any other form: what cannot be ordered must be taken for neither old nor new.
    """
    if not text:
        return 0
    if len(text) <= _LONGEST_VERSION and text.isascii() and text.isdigit():
        return int(text)
    raise msgspec.ValidationError("resourceVersion is no number")


_LONGEST_VERSION = 20  # digits of an unsigned 64-bit number


def _decoded(decoder: msgspec.json.Decoder[T], body: bytes | msgspec.Raw) -> T:
    try:
        return decoder.decode(body)
    except RecursionError:
        raise msgspec.DecodeError("nested too deeply") from None


def _present(value: msgspec.Raw) -> bytes:
    text = bytes(value)
    return b"" if text == _NULL else text


def _string_map(text: bytes) -> dict[str, str]:
    return {} if text == TOO_LARGE else _STRINGS_DECODER.decode(text)
