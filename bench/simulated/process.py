"""Simulated members in the hands of the bench: started, asked, ended."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any

from fedctl.sandbox import pki


@dataclass(frozen=True, slots=True)
class Simulated:
    """A running process of simulated members, which are named by their order."""

    process: "subprocess.Popen[str]"
    ca_pem: bytes
    endpoints: tuple[str, ...]

    def copies(self, namespace: str) -> list[int]:
        """So many ConfigMaps each member holds in a namespace."""
        return list(self._ask(namespace)["copies"])

    def requests(self) -> list[int]:
        """So many requests each member has had."""
        return list(self._ask("default")["requests"])

    def _ask(self, namespace: str) -> dict[str, Any]:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{namespace}\n")
        self.process.stdin.flush()
        return dict(_said(self.process))


@contextmanager
def simulated(members: int, directory: Path, *, latency_ms: float = 5.0) -> Iterator[Simulated]:
    """So many members, with certificates in `directory`, until the context closes or this process ends."""
    pki.make(directory, IPv4Network("10.96.0.0/24"))
    command = [sys.executable, "-m", "bench.simulated", str(directory)]
    options = [f"--members={members}", f"--latency-ms={latency_ms}"]
    with subprocess.Popen([*command, *options], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            ports = _said(process)
            endpoints = tuple(f"https://127.0.0.1:{port}" for port in ports)
            yield Simulated(process, (directory / "ca.crt").read_bytes(), endpoints)
        finally:
            process.kill()


def _said(process: "subprocess.Popen[str]") -> Any:
    assert process.stdout is not None
    return json.loads(process.stdout.readline())
