"""What admission has to say about one request. Values and how they read; no rules."""

from collections.abc import Sequence
from dataclasses import dataclass

from kubefed.api.field_errors import FieldError


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a request is refused: an HTTP code, a metav1.Status reason, a sentence, and the fields that are wrong."""

    code: int
    reason: str
    message: str
    causes: tuple[FieldError, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a request may pass, and what its author is told or given in either case."""

    refusal: Refusal | None = None
    warnings: tuple[str, ...] = ()
    patch: bytes = b""
    """A JSON patch to be applied to the object; empty for none."""

    @property
    def allowed(self) -> bool:
        """Whether the request may pass."""
        return self.refusal is None


ALLOWED = Verdict()


def forbidden(mistakes: Sequence[FieldError]) -> Verdict:
    """KubeFed's way to refuse: 403, with all mistakes as the message. Without any mistake the request may pass."""
    if not mistakes:
        return ALLOWED
    return Verdict(Refusal(403, "Forbidden", aggregated(mistakes), tuple(mistakes)))


def invalid_object(kind: str, name: str, mistakes: Sequence[FieldError], warnings: Sequence[str] = ()) -> Verdict:
    """The API server's own way to refuse: 422. `kind` has its group: `FederatedSecret.types.kubefed.io`."""
    if not mistakes:
        return Verdict(warnings=tuple(warnings))
    message = f'{kind} "{name}" is invalid: {aggregated(mistakes)}'
    return Verdict(Refusal(422, "Invalid", message, tuple(mistakes)), tuple(warnings))


def unreadable(message: str) -> Verdict:
    """The object is not what its kind says: 400."""
    return Verdict(Refusal(400, "BadRequest", message))


def aggregated(mistakes: Sequence[FieldError]) -> str:
    """Several mistakes in one line as Kubernetes' libraries write them: each once, in brackets when there are several."""
    messages = list(dict.fromkeys(mistake.for_author() for mistake in mistakes))
    return messages[0] if len(messages) == 1 else f"[{', '.join(messages)}]"
