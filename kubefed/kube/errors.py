"""The one place where HTTP answers and transport faults become errors named by consequence. Pure."""

import asyncio
import ssl
from collections.abc import Mapping

import aiohttp
import msgspec

from kubefed.core import errors
from kubefed.core.errors import ApiError, Cause

_MOST_CAUSES = 5


class _WireCause(msgspec.Struct):
    field: str = ""
    reason: str = ""


class _WireDetails(msgspec.Struct, rename="camel"):
    causes: list[_WireCause] = []
    retry_after_seconds: int = 0


class WireStatus(msgspec.Struct):
    """metav1.Status as an API server sends it, in answers and in watch ERROR events."""

    kind: str = ""
    reason: str = ""
    message: str = ""
    code: int = 0
    details: _WireDetails | None = None


_STATUS_DECODER = msgspec.json.Decoder(WireStatus)

_BY_CODE: Mapping[int, type[ApiError]] = {
    400: errors.Rejected,
    401: errors.Unauthenticated,
    403: errors.Forbidden,
    404: errors.NotFound,
    405: errors.Rejected,
    406: errors.Rejected,
    408: errors.Retryable,
    409: errors.Stale,
    410: errors.Expired,
    413: errors.Rejected,
    415: errors.Rejected,
    422: errors.Rejected,
    429: errors.Retryable,
}


def from_answer(request: str, code: int, headers: Mapping[str, str], body: bytes) -> ApiError:
    """The error for an answer that is not 2xx. `request` is the verb and the path, for messages."""
    status = decode_status(body)
    if status is None:
        reason = "Redirect" if 300 <= code < 400 else "NotKubernetes"
        kind = errors.Retryable if code >= 500 or code == 429 else _BY_CODE.get(code, errors.Unintelligible)
        if 300 <= code < 400:
            kind = errors.Unintelligible
        error = kind(request, status=code, reason=reason)
    else:
        error = from_status(request, code, status)
    if isinstance(error, errors.Retryable):
        error.after_s = _retry_after_s(headers, status)
    return error


def from_status(request: str, code: int, status: WireStatus) -> ApiError:
    """The error for a metav1.Status, from an answer or from a watch's ERROR event."""
    kind = _BY_CODE.get(code, errors.Retryable if code >= 500 else errors.Unintelligible)
    if code == 409 and status.reason == "AlreadyExists":
        kind = errors.AlreadyExists
    listed = status.details.causes[:_MOST_CAUSES] if status.details else []
    causes = tuple(Cause(cause.field, cause.reason) for cause in listed)
    return kind(request, status=code, reason=status.reason, causes=causes, server_message=status.message)


def decode_status(body: bytes) -> WireStatus | None:
    """Read a metav1.Status; None when the body is anything else."""
    try:
        status = _STATUS_DECODER.decode(body)
    except (msgspec.DecodeError, RecursionError):
        return None
    return status if status.kind == "Status" else None


def from_fault(request: str, fault: BaseException, *, may_have_happened: bool) -> ApiError:
    """The error for a request that got no whole answer. `may_have_happened`: it was a write and it may have arrived."""
    reason, arrived = _fault_reason(fault)
    if may_have_happened and arrived:
        return errors.OutcomeUnknown(request, reason=reason)
    return errors.Unreachable(request, reason=reason)


def _fault_reason(fault: BaseException) -> tuple[str, bool]:
    """A word for the fault, and whether the request can have reached the server."""
    if isinstance(fault, aiohttp.ClientConnectorCertificateError):
        return _certificate_reason(fault.certificate_error), False
    if isinstance(fault, aiohttp.ClientConnectorSSLError):
        return "TLSHandshakeFailed", False
    if isinstance(fault, aiohttp.ClientConnectorDNSError):
        return "NameNotResolved", False
    if isinstance(fault, aiohttp.ClientConnectorError):
        return _socket_reason(fault.os_error), False
    if isinstance(fault, aiohttp.ConnectionTimeoutError):
        return "ConnectTimeout", False
    if isinstance(fault, asyncio.TimeoutError):
        return "Timeout", True
    return "ConnectionLost", True


def _certificate_reason(error: Exception) -> str:
    """Tell the five ways apart in which a server's certificate can be wrong; they need five different mends."""
    if not isinstance(error, ssl.SSLCertVerificationError):
        return "CertificateInvalid"
    return {
        10: "CertificateExpired",
        9: "CertificateNotYetValid",
        18: "CertificateSelfSigned",
        19: "CertificateUnknownAuthority",
        20: "CertificateUnknownAuthority",
        62: "CertificateNameMismatch",
        64: "CertificateNameMismatch",
    }.get(error.verify_code, "CertificateInvalid")


def _socket_reason(error: OSError) -> str:
    return "ConnectionRefused" if isinstance(error, ConnectionRefusedError) else "NoRoute"


def _retry_after_s(headers: Mapping[str, str], status: WireStatus | None) -> float | None:
    """Seconds to wait by the answer's header, else by the Status. A date or nonsense counts as not said."""
    text = headers.get("Retry-After", "")
    if text.isascii() and text.isdigit():
        return float(text)
    seconds = status.details.retry_after_seconds if status and status.details else 0
    return float(seconds) if seconds > 0 else None
