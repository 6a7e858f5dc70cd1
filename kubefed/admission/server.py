"""Answers AdmissionReviews over HTTP. Bodies have a size, a deadline and a share of memory; no request ends the process.

Whoever can reach the port can send a request, so nothing in one is believed beyond what its own answer says.
"""

import asyncio
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import orjson
from aiohttp import web

from kubefed.admission import paths
from kubefed.admission.review import AdmissionRequest, NotAReview, answer, read_review
from kubefed.admission.verdict import Verdict
from kubefed.engine.bugs import report_bug

Judge = Callable[[AdmissionRequest], Verdict]

LARGEST_REVIEW_BYTES = 8 * 2**20
"""An update carries two objects, and API servers accept 3 MiB each."""
MOST_BODY_BYTES = 32 * 2**20
"""Bodies that may be in memory at once."""
BODY_DEADLINE_S = 5.0
_QUICK_BYTES = 64 * 1024  # beyond that, judging takes long enough to be noticed by other connections

_LOG = logging.getLogger(__name__)


class _Unanswerable(Exception):
    """The request gets an HTTP error and no review. API servers then do what the failure policy says."""

    def __init__(self, status: int, reason: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.reason = reason


class AdmissionServer:
    """The handler of an HTTP server: judges by path, and whether the process is ready."""

    def __init__(self, judges: Mapping[str, Judge], not_ready_because: Callable[[], str]) -> None:
        self._judges = judges
        self._not_ready_because = not_ready_because
        self._held_bytes = 0

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request, whatever it is."""
        try:
            return await self._respond(request)
        except _Unanswerable as refusal:
            return _problem(refusal.status, refusal.reason, str(refusal))
        except Exception as problem:  # noqa: BLE001 - one bad request must not take the server with it
            report_bug("admission", problem, key=request.path[:100])
            return _problem(500, "InternalError", "the webhook has a bug; its log says where")

    async def _respond(self, request: web.BaseRequest) -> web.Response:
        path = request.path.rstrip("/")
        if path == paths.READY:
            objection = self._not_ready_because()
            return web.Response(text=objection or "ok", status=503 if objection else 200)
        judge = self._judges.get(path)
        if judge is None:
            raise _Unanswerable(404, "NotFound", "there is nothing under this path")
        if request.method != "POST":
            raise _Unanswerable(405, "MethodNotAllowed", "reviews are POSTed")
        if request.content_type != "application/json" or "Content-Encoding" in request.headers:
            raise _Unanswerable(415, "UnsupportedMediaType", "reviews are application/json, not compressed")
        with self._room_for(request.content_length) as room:
            body = await _read_body(request, room)
            return await _reviewed(body, judge)

    @contextmanager
    def _room_for(self, announced: int | None) -> Iterator[int]:
        """How long the body may be, for which room is kept meanwhile."""
        size = LARGEST_REVIEW_BYTES if announced is None else announced
        if size > LARGEST_REVIEW_BYTES:
            raise _too_large()
        if self._held_bytes + size > MOST_BODY_BYTES:
            raise _Unanswerable(503, "ServiceUnavailable", "too many large reviews at once")
        self._held_bytes += size
        try:
            yield size
        finally:
            self._held_bytes -= size


def _too_large() -> _Unanswerable:
    return _Unanswerable(413, "RequestEntityTooLarge", f"a review has at most {LARGEST_REVIEW_BYTES} bytes")


async def _read_body(request: web.BaseRequest, room: int) -> bytes:
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_DEADLINE_S):
            async for chunk in request.content.iter_any():
                body += chunk
                if len(body) > room:
                    raise _too_large()
    except TimeoutError:
        raise _Unanswerable(408, "Timeout", f"the body did not come within {BODY_DEADLINE_S:.0f} s") from None
    return bytes(body)


async def _reviewed(body: bytes, judge: Judge) -> web.Response:
    try:
        if len(body) <= _QUICK_BYTES:
            reviewed = _review(body, judge)
        else:
            reviewed = await asyncio.to_thread(_review, body, judge)
    except NotAReview as problem:
        raise _Unanswerable(400, "BadRequest", str(problem)) from None
    return web.Response(body=reviewed, content_type="application/json")


def _review(body: bytes, judge: Judge) -> bytes:
    request = read_review(body)
    verdict = judge(request)
    if verdict.refusal is not None:
        fields = ", ".join(mistake.field for mistake in verdict.refusal.causes)
        _LOG.info(
            "refused",
            extra={
                "kind": request.qualified_kind,
                "object": f"{request.namespace}/{request.name}",
                "operation": request.operation,
                "code": verdict.refusal.code,
                "fields": fields,
            },
        )
    return answer(request, verdict)


def _problem(status: int, reason: str, message: str) -> web.Response:
    body = {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": {},
        "status": "Failure",
        "code": status,
        "reason": reason,
        "message": message,
    }
    response = web.Response(body=orjson.dumps(body), status=status, content_type="application/json")
    response.force_close()  # what is left of the body is not worth reading
    return response
