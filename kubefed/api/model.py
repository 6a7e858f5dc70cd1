"""What all models share: Kubernetes' spelling, unknown fields ignored, and absent, null and empty kept apart."""

from typing import Annotated, Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, WithJsonSchema
from pydantic.alias_generators import to_camel

from kubefed.core.errors import Misconfigured
from kubefed.core.names import ObjectKey, ResourceType

REQUIRED = "x-kubefed-required"
"""The JSON schema keyword by which a property tells the CRD generator that its object must have it."""

Int32 = Annotated[int, WithJsonSchema({"type": "integer", "format": "int32"})]
Int64 = Annotated[int, WithJsonSchema({"type": "integer", "format": "int64"})]
Bytes = Annotated[str, WithJsonSchema({"type": "string", "format": "byte"})]
"""Base64 text. Kept as it was written; whoever uses it decodes it."""
Time = Annotated[str, WithJsonSchema({"type": "string", "format": "date-time"})]
"""An RFC 3339 timestamp. Kept as it was written, so that what is read can be written back unchanged."""
OpaqueObject = Annotated[dict[str, Any], WithJsonSchema({"type": "object", "x-kubernetes-preserve-unknown-fields": True})]
"""An object of whose fields nothing is known."""
OpaqueValue = Annotated[Any, WithJsonSchema({"x-kubernetes-preserve-unknown-fields": True})]
"""Any JSON value."""
Word = Annotated[str, WithJsonSchema({"type": "string", "maxLength": 64})]
"""A short text in a status. The API server holds to the limit; a model reads whatever is there."""
Sentence = Annotated[str, WithJsonSchema({"type": "string", "maxLength": 300})]
"""A text for people in a status, with a limit like that of Word."""


def schema(**keywords: Any) -> Any:
    """Constraints that only the CRD knows, for a model must be able to read what another version has written."""
    return Field(json_schema_extra=keywords)


def required(default: Any) -> Any:
    """A field that the CRD requires, but that reads as `default` where a schema did not look first.

    Go reads a missing field as its zero value, and KubeFed's webhook answered with "Required value" afterwards; a model
    that refused the whole object could not say that.
    """
    return Field(default=default, json_schema_extra={REQUIRED: True})


class ApiModel(BaseModel):
    """Part of an object. Immutable; `manifest` gives back exactly the fields that were set, explicit nulls included."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        validate_by_alias=True,
        validate_by_name=True,
        extra="ignore",
        frozen=True,
        strict=True,
        hide_input_in_errors=True,
        use_attribute_docstrings=True,
    )

    def manifest(self) -> dict[str, Any]:
        """The object as it is written in JSON and YAML: the fields that were set, in Kubernetes' spelling."""
        return self.model_dump(mode="json", by_alias=True, exclude_unset=True)

    def with_fields(self, **fields: Any) -> Self:
        """A copy with other values for some fields, named as in Python."""
        return self.model_copy(update=fields)


class ObjectMeta(ApiModel):
    """The metadata that kubefed reads; everything else in it is kept."""

    model_config = ConfigDict(extra="allow")

    name: str = ""
    namespace: str = ""
    uid: str = ""
    resource_version: str = ""
    generation: Int64 = 0
    labels: dict[str, str] | None = None
    annotations: dict[str, str] | None = None
    finalizers: list[str] | None = None
    creation_timestamp: Time | None = None
    deletion_timestamp: Time | None = None


class Resource(ApiModel):
    """A whole object of one of kubefed's kinds."""

    resource_type: ClassVar[ResourceType]

    metadata: ObjectMeta = ObjectMeta()

    @property
    def key(self) -> ObjectKey:
        """Where the object is."""
        return ObjectKey(self.metadata.namespace, self.metadata.name)

    def manifest(self) -> dict[str, Any]:
        """The whole object, with its apiVersion and kind."""
        return {
            "apiVersion": self.resource_type.api_version,
            "kind": self.resource_type.kind,
            **super().manifest(),
        }

    @classmethod
    def read(cls, manifest: Any) -> Self:
        """The model of a decoded manifest. Raises Misconfigured, naming fields and never values, when types are wrong."""
        try:
            return cls.model_validate(manifest)
        except ValidationError as error:
            raise Misconfigured(f"unreadable {cls.resource_type.kind}: {type_mistakes(error)}") from None


def type_mistakes(error: ValidationError) -> str:
    """Which fields have the wrong type, and what type was wanted; at most three of them, no values."""
    mistakes = [
        f"{'.'.join(map(str, mistake['loc']))[:_LONGEST_LOCATION] or 'object'}: {mistake['msg']}"
        for mistake in error.errors(include_input=False, include_url=False, include_context=False)
    ]
    rest = f"; and {len(mistakes) - _SHOWN_MISTAKES} more" if len(mistakes) > _SHOWN_MISTAKES else ""
    return "; ".join(mistakes[:_SHOWN_MISTAKES]) + rest


_SHOWN_MISTAKES = 3
_LONGEST_LOCATION = 200
