"""The one place where HTTP answers and transport faults become errors named by consequence. Pure."""

import asyncio
import re
import ssl
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

import aiohttp
import msgspec

from kubefed.core import errors
from kubefed.core.errors import ApiError, Cause

_MOST_CAUSES = 5
_LONGEST_WAIT_S = 300.0  # a server that asks for more is asked again all the same


class _WireCause(msgspec.Struct):
    field: str | None = ""
    reason: str | None = ""


class _WireDetails(msgspec.Struct, rename="camel"):
    causes: list[_WireCause] | None = None
    retry_after_seconds: int | None = 0


class WireStatus(msgspec.Struct):
    """metav1.Status as an API server sends it, in answers and in watch ERROR events."""

    kind: str = ""
    reason: str | None = ""
    message: str | None = ""
    code: int | None = 0
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
        error = _kind_of(code)(request, status=code, reason="Redirect" if 300 <= code < 400 else "NotKubernetes")
    else:
        error = from_status(request, code, status)
    if isinstance(error, errors.Retryable) and (asked_s := _asked_wait_s(headers)) is not None:
        error.after_s = asked_s
    return error


def from_status(request: str, code: int, status: WireStatus) -> ApiError:
    """The error for a metav1.Status, from an answer or from a watch's ERROR event.

    A reason is a word. Whoever wrote the Status, an admission webhook for one, may have put a sentence there, with
    values in it: that is a message, and is kept where messages are.
    """
    already_exists = code == 409 and status.reason == "AlreadyExists"
    kind = errors.AlreadyExists if already_exists else _kind_of(code)
    details = status.details or _WireDetails()
    error = kind(
        request,
        status=code,
        reason=_word(status.reason),
        causes=tuple(_cause(cause) for cause in (details.causes or ())[:_MOST_CAUSES]),
        server_message=status.message or status.reason or "",
    )
    if isinstance(error, errors.Retryable) and (details.retry_after_seconds or 0) > 0:
        error.after_s = min(float(details.retry_after_seconds or 0), _LONGEST_WAIT_S)
    return error


def _kind_of(code: int) -> type[ApiError]:
    return _BY_CODE.get(code, errors.Retryable if code >= 500 else errors.Unintelligible)


def _cause(cause: _WireCause) -> Cause:
    field = cause.field or ""
    return Cause(field if _FIELD.fullmatch(field) else "", _word(cause.reason))


def _word(reason: str | None) -> str:
    return reason if reason and _WORD.fullmatch(reason) else ""


_WORD = re.compile(r"[A-Z][A-Za-z]{0,63}")
_FIELD = re.compile(r"[!-~]{1,253}")


def decode_status(body: bytes) -> WireStatus | None:
    """Read a metav1.Status; None when the body is anything else."""
    try:
        status = _STATUS_DECODER.decode(body)
    except (ValueError, RecursionError):
        return None
    return status if status.kind == "Status" else None


def from_fault(request: str, fault: BaseException, *, may_have_happened: bool) -> ApiError:
    """The error for a request that got no whole answer. `may_have_happened`: it was a write and some of it has left."""
    kind = errors.OutcomeUnknown if may_have_happened else errors.Unreachable
    return kind(request, reason=_fault_reason(fault))


def _fault_reason(fault: BaseException) -> str:
    """A word for the fault. Connector errors are kinds of one another, so the narrower ones come first."""
    match fault:
        case aiohttp.ClientConnectorCertificateError():
            return _certificate_reason(fault.certificate_error)
        case aiohttp.ClientConnectorSSLError():
            return "TLSHandshakeFailed"
        case aiohttp.ClientConnectorDNSError():
            return "NameNotResolved"
        case aiohttp.ClientProxyConnectionError():
            return "ProxyUnreachable"
        case aiohttp.ClientHttpProxyError():
            return "ProxyRefused"
        case aiohttp.ClientConnectorError():
            return _socket_reason(fault.os_error)
        case aiohttp.ConnectionTimeoutError():
            return "ConnectTimeout"
        case asyncio.TimeoutError():
            return "Timeout"
        case aiohttp.ClientResponseError():
            return "NotHTTP"
    return "ConnectionLost"


def _certificate_reason(error: Exception) -> str:
    """Tell the five ways apart in which a server's certificate can be wrong; they need five different mends."""
    code = error.verify_code if isinstance(error, ssl.SSLCertVerificationError) else None
    return _CERTIFICATE_REASONS.get(code, "CertificateInvalid")


_CERTIFICATE_REASONS: Mapping[int | None, str] = {
    # X509_V_ERR_* of OpenSSL's x509_vfy.h. A CA that was made anew under its old name shows as a bad signature (7).
    2: "CertificateUnknownAuthority",
    7: "CertificateUnknownAuthority",
    9: "CertificateNotYetValid",
    10: "CertificateExpired",
    18: "CertificateSelfSigned",
    19: "CertificateUnknownAuthority",
    20: "CertificateUnknownAuthority",
    21: "CertificateUnknownAuthority",
    62: "CertificateNameMismatch",
    64: "CertificateNameMismatch",
}


def _socket_reason(error: OSError) -> str:
    match error:
        case ConnectionRefusedError():
            return "ConnectionRefused"
        case ConnectionResetError() | ConnectionAbortedError() | BrokenPipeError():
            return "ConnectionReset"
    return "NoRoute"


def _asked_wait_s(headers: Mapping[str, str]) -> float | None:
    """What a Retry-After header says, in seconds or as a moment of the server's own clock. Nonsense counts as not said."""
    text = headers.get("Retry-After", "").strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:_MOST_DIGITS]), _LONGEST_WAIT_S)
    try:
        wait = parsedate_to_datetime(text) - parsedate_to_datetime(headers.get("Date", ""))
    except (ValueError, TypeError, OverflowError):
        return None
    return min(max(wait.total_seconds(), 0.0), _LONGEST_WAIT_S)


_MOST_DIGITS = 9
