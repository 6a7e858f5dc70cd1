"""An HTTP proxy that knows CONNECT alone, as those in front of members do, and notes what goes through it."""

import select
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

_LOOK_S = 0.2


class ConnectProxy(ThreadingHTTPServer):
    """A proxy that listens on a loopback port. `targets` are the `host:port` texts that were asked for, in order."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Tunnel)
        self.targets: list[str] = []
        self.closing = threading.Event()

    @property
    def url(self) -> str:
        """Its address, as a KubeFedCluster's spec.proxyURL has it."""
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Tunnel(BaseHTTPRequestHandler):
    server: ConnectProxy

    def do_CONNECT(self) -> None:
        self.server.targets.append(self.path)
        host, _, port = self.path.rpartition(":")
        with socket.create_connection((host, int(port))) as there:
            self.send_response(200)
            self.end_headers()
            with suppress(OSError):
                self._carry(there)
        self.close_connection = True

    def _carry(self, there: socket.socket) -> None:
        other = {self.connection: there, there: self.connection}
        while not self.server.closing.is_set():
            for each in select.select(list(other), [], [], _LOOK_S)[0]:
                block = each.recv(65536)
                if not block:
                    return
                other[each].sendall(block)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def a_connect_proxy() -> Iterator[ConnectProxy]:
    """A proxy in threads of its own; none of them is left."""
    with ConnectProxy() as proxy:
        proxy.daemon_threads = False
        thread = threading.Thread(target=proxy.serve_forever, name="connect-proxy")
        thread.start()
        try:
            yield proxy
        finally:
            proxy.closing.set()
            proxy.shutdown()
            thread.join(10)
