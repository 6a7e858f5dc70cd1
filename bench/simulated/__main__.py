"""`python -m bench.simulated DIRECTORY --members N`: serve until standard input ends; the ports are the first line it says.

`DIRECTORY` holds the certificates that fedctl.sandbox.pki made. Each line of input is a namespace, and is answered with one
line of JSON: how many ConfigMaps each cluster holds there, and how many requests each has had.
"""

import asyncio
import json
import ssl
import sys
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Annotated

import typer

from bench.simulated.cluster import Cluster
from bench.simulated.server import serve


def main(
    directory: Annotated[Path, typer.Argument(help="Where ca.crt, serving.crt and serving.key are.")],
    members: Annotated[int, typer.Option(help="Clusters to serve.")] = 100,
    latency_ms: Annotated[float, typer.Option(help="Before each answer.")] = 5.0,
) -> None:
    """Serve simulated clusters."""
    asyncio.run(_run(directory, members, latency_ms / 1000))


async def _run(directory: Path, members: int, latency_s: float) -> None:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(directory / "serving.crt", directory / "serving.key")
    clusters = [Cluster(f"region-{number % 10}") for number in range(members)]
    async with AsyncExitStack() as stack:
        ports = await serve(clusters, tls, latency_s, stack)
        _say(ports)
        while line := await asyncio.to_thread(sys.stdin.readline):
            copies = [cluster.count("configmaps", line.strip()) for cluster in clusters]
            _say({"copies": copies, "requests": [cluster.requests for cluster in clusters]})


def _say(what: object) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    typer.run(main)
