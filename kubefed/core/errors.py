"""The one tree of errors, named by what the caller does next.

    KubefedError
    ├── ApiError                  an API server said no, or said nothing: carries what may be shown of it
    │   ├── Retryable             try again, not before `after_s`
    │   │   ├── Unreachable       no answer: refused, reset, unresolvable, TLS failure; the request was not accepted
    │   │   └── OutcomeUnknown    the request was sent and no whole answer came: read before writing again
    │   ├── Stale                 409: read the object again, then decide again
    │   ├── AlreadyExists         409 on create
    │   ├── NotFound              404: the object, or the whole resource type
    │   ├── Expired               410: the resourceVersion or continue token is too old; list again
    │   ├── Forbidden             403: rights are missing; ignorance, never absence
    │   ├── Unauthenticated       401: credentials are rejected; reload them
    │   ├── Rejected              400, 405, 413, 415, 422: this request will never succeed as it is
    │   └── Unintelligible        an answer that is no Kubernetes answer: HTML, truncated JSON, a redirect, too large
    ├── Misconfigured             what a person wrote cannot work; says what, where, what to do
    ├── LeadershipLost            this process may not write any more
    └── Bug                       an invariant of ours does not hold

Decisions are never errors: a plan that waits is data. Messages are built from reasons and identifiers and never
from `str(exc)` of foreign exceptions or from a server's `message`, because both may contain secret values.
"""

from dataclasses import dataclass


class KubefedError(Exception):
    """The root of everything that kubefed raises on purpose."""


@dataclass(frozen=True, slots=True)
class Cause:
    """One detail of a server's refusal that is safe to show: which field, and the machine-readable reason."""

    field: str
    reason: str

    def __str__(self) -> str:
        return f"{self.field}: {self.reason}" if self.field else self.reason


class ApiError(KubefedError):
    """A request to an API server did not succeed.

    `request` is the verb and the path; `status` the HTTP code or 0 when there was no answer; `reason` a
    metav1.Status reason or a word of ours for transport faults. The server's `message` is kept apart, in
    `server_message`, for a person's own terminal; it never goes to status, events, logs or metrics.
    """

    def __init__(
        self,
        request: str,
        *,
        status: int = 0,
        reason: str = "",
        causes: tuple[Cause, ...] = (),
        server_message: str = "",
    ) -> None:
        self.request = request
        self.status = status
        self.reason = reason
        self.causes = causes
        self.server_message = server_message
        super().__init__(request, status, reason)

    def __str__(self) -> str:
        return f"{self.request}: {self.explanation()}"

    def explanation(self) -> str:
        """What may be shown anywhere: HTTP code, reason, and the causes' fields and reasons; at most 300 characters."""
        head = " ".join(str(part) for part in (self.status, self.reason) if part) or "no answer"
        text = f"{head} ({'; '.join(map(str, self.causes))})" if self.causes else head
        return text if len(text) <= _LONGEST_EXPLANATION else text[: _LONGEST_EXPLANATION - 1] + "…"


_LONGEST_EXPLANATION = 300


class Retryable(ApiError):
    """Worth trying again, not before `after_s` seconds when the server said so."""

    after_s: float | None = None


class Unreachable(Retryable):
    """The server did not accept the request: nothing happened there."""


class OutcomeUnknown(Retryable):
    """The request left and no whole answer came back: it may have happened. Read before the next write."""


class Stale(ApiError):
    """The object changed since it was read, or a precondition did not hold."""


class AlreadyExists(ApiError):
    """An object of that name is there already."""


class NotFound(ApiError):
    """The object is not there, or the resource type is not served: the caller must know which it asked about."""


class Expired(ApiError):
    """A resourceVersion or continue token is too old to go on from."""


class Forbidden(ApiError):
    """The credentials are good, the rights are missing."""


class Unauthenticated(ApiError):
    """The credentials are not accepted."""


class Rejected(ApiError):
    """The server refuses this very request; repeating it changes nothing."""


class Unintelligible(ApiError):
    """The answer is not one that a Kubernetes API server gives."""


class Misconfigured(KubefedError):
    """Something a person wrote cannot work. The message says what, where, and what to do."""


class LeadershipLost(KubefedError):
    """The lease ran out or was taken: this process must not write."""


class Bug(KubefedError):
    """An invariant of this code does not hold. Reported with its key and never shown as somebody else's fault."""
