"""What the process answers over HTTP: whether it lives, whether it is ready, its metrics. Nothing can be changed here."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

from aiohttp import web

from kubefed.app.options import split_address
from kubefed.core.errors import Misconfigured

_Handler = Callable[[web.Request], Awaitable[web.Response]]


def health_app(not_ready_because: Callable[[], str]) -> web.Application:
    """`/healthz` and `/livez` while the loop turns; `/readyz` once there is nothing that speaks against it."""

    async def healthz(_: web.Request) -> web.Response:
        return web.Response(text="OK")

    async def readyz(_: web.Request) -> web.Response:
        objection = not_ready_because()
        return web.Response(text=objection or "OK", status=503 if objection else 200)

    return _application({"/healthz": healthz, "/livez": healthz, "/readyz": readyz})


def metrics_app(render: Callable[[], bytes]) -> web.Application:
    """`/metrics` in Prometheus' text form."""

    async def metrics(_: web.Request) -> web.Response:
        return web.Response(body=render(), headers={"Content-Type": "text/plain; version=0.0.4; charset=utf-8"})

    return _application({"/metrics": metrics})


def _application(handlers: dict[str, _Handler]) -> web.Application:
    application = web.Application(client_max_size=1024)
    for path, handler in handlers.items():
        application.router.add_get(path, handler)
    return application


def serving(application: web.Application, address: str, flag: str) -> AbstractAsyncContextManager[None]:
    """Serve while the context is open. Raises Misconfigured when the address cannot be bound, naming the flag."""

    @asynccontextmanager
    async def open_server() -> AsyncIterator[None]:
        host, port = split_address(address)
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=1.0)
        await runner.setup()
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError:
            await runner.cleanup()
            raise Misconfigured(f"cannot listen on {address!r}: free the port, or choose another with {flag}") from None
        try:
            yield
        finally:
            await runner.cleanup()

    return open_server()
