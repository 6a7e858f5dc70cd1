"""One webhook process from start to end: certificates, what it must know of the host, and the port that it answers on."""

import asyncio
import logging
import sys
from collections.abc import Callable, Coroutine, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from kubefed.admission import paths
from kubefed.admission.certificates.files import CertificateFiles
from kubefed.admission.certificates.identity import LiveIdentity
from kubefed.admission.certificates.issuing import issue
from kubefed.admission.certificates.keeper import PERIOD_S, CertificateKeeper, Hearers
from kubefed.admission.certificates.rotation import Lives, Rotation
from kubefed.admission.configurations import SERVICE_NAME
from kubefed.admission.federated import FederatedJudge
from kubefed.admission.kubefed_kinds import default_config, judge_cluster, judge_config, judge_type_config
from kubefed.admission.listening import listening
from kubefed.admission.preferences import PreferenceJudge
from kubefed.admission.registration import Registration
from kubefed.admission.server import AdmissionServer, Judge
from kubefed.app.federated_types import FederatedTypes
from kubefed.app.outside import host_connection, stop_at_signals, system_namespace
from kubefed.app.wish_rules import parts_of_wishes
from kubefed.core.clock import SystemClock
from kubefed.core.errors import ApiError
from kubefed.core.tasks import run_until
from kubefed.engine.loop import keep_running
from kubefed.kube.client import Client
from kubefed.kube.connection import Connection
from kubefed.observe.logs import configure_logs
from kubefed.version import __version__

_LOG = logging.getLogger(__name__)
_HOST_RETRY_S = 2.0
_Work = Callable[[], Coroutine[Any, Any, None]]


@dataclass(frozen=True, slots=True)
class WebhookOptions:
    """The flags of `kubefed webhook`. Without `cert_dir` it makes its own certificates."""

    namespace: str = ""
    kubeconfig: str = ""
    context: str = ""
    master: str = ""
    secure_port: int = 8443
    cert_dir: str = ""
    url: str = ""
    """Where API servers reach it when it runs outside the cluster, such as https://127.0.0.1:8443; else by its Service."""
    verbosity: int = 2


@dataclass(frozen=True, slots=True)
class Pace:
    """How long own certificates last, and how often somebody looks after them."""

    lives: Lives = field(default_factory=Lives)
    period_s: float = PERIOD_S


def announce() -> None:
    """The first line on stdout, as KubeFed had it."""
    sys.stdout.write(f"KubeFed webhook version: {__version__}\n")
    sys.stdout.flush()


def start_webhook(options: WebhookOptions) -> int:
    """Run one webhook process and return its exit code. Raises Misconfigured."""
    configure_logs(options.verbosity)
    settled = replace(options, namespace=system_namespace(options.namespace))
    return asyncio.run(_run(settled, host_connection(options.kubeconfig, options.context, options.master)))


async def _run(options: WebhookOptions, host: Connection) -> int:
    await Webhook(options, host).run(stop_at_signals())
    return 0


class Webhook:
    """A webhook process. `port` is where it listens, once it does."""

    def __init__(self, options: WebhookOptions, host: Connection, pace: Pace | None = None) -> None:
        self.port = 0
        self._options = options
        self._host = host
        self._pace = pace or Pace()
        self._identity = LiveIdentity()

    async def run(self, stop: asyncio.Event) -> None:
        """Serve until `stop` is set. Raises Misconfigured for what a person must mend."""
        options, loop = self._options, asyncio.get_running_loop()
        async with AsyncExitStack() as stack:
            client = Client(self._host, agent=lambda: f"kubefed-webhook/{__version__}")
            stack.push_async_callback(client.close)
            registration = Registration(client, options.namespace, options.url)
            work = self._of_files(registration) if options.cert_dir else self._of_our_own(client, registration)
            await run_until(work.first(), stop)
            if stop.is_set():
                return
            types = FederatedTypes(client, options.namespace)
            server = AdmissionServer(judges(types), self._not_ready_because)
            address = ("", options.secure_port)
            self.port = await stack.enter_async_context(listening(server.handle, address, self._identity.context))
            _LOG.info("serving webhooks", extra={"port": self.port})
            background = {"federated types": types.run, **work.then}
            tasks = [loop.create_task(keep_running(name, run)) for name, run in background.items()]
            try:
                await stop.wait()
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)

    def _of_files(self, registration: Registration) -> "_Certificates":
        """Certificates that somebody else provides, who also sees to it that API servers trust them."""
        files = CertificateFiles(Path(self._options.cert_dir), self._identity.use)

        async def load() -> None:
            files.load()

        async def register() -> None:
            while True:
                await registration.settle(None)
                await asyncio.sleep(self._pace.period_s)

        return _Certificates(load, {"certificate files": files.run, "registration": register})

    def _of_our_own(self, client: Client, registration: Registration) -> "_Certificates":
        """Certificates of our own making."""
        rotation = Rotation(_names(self._options), self._pace.lives, issue)
        hearers = Hearers(self._identity.use, registration.settle)
        keeper = CertificateKeeper(client, self._options.namespace, rotation, SystemClock(), hearers)

        async def begin() -> None:
            while not self._identity.ready:
                try:
                    await keeper.begin()
                except ApiError as error:
                    _LOG.warning("the host cluster cannot be used yet: %s", error)
                    await asyncio.sleep(_HOST_RETRY_S)

        return _Certificates(begin, {"certificates": lambda: keeper.run(self._pace.period_s)})

    def _not_ready_because(self) -> str:
        return "" if self._identity.ready else "there is no certificate yet"


@dataclass(frozen=True, slots=True)
class _Certificates:
    """What brings the first certificate, and what goes on from then."""

    first: _Work
    then: Mapping[str, _Work]


def _names(options: WebhookOptions) -> tuple[str, ...]:
    """What the certificate is for: the Service, and the host of the URL if there is one."""
    service = f"{SERVICE_NAME}.{options.namespace}.svc"
    outside = urlsplit(options.url).hostname
    return (service, f"{service}.cluster.local", *((outside,) if outside else ()))


def judges(types: FederatedTypes) -> dict[str, Judge]:
    """Who judges what is sent to which path."""
    return {
        paths.VALIDATE_TYPE_CONFIG: judge_type_config,
        paths.VALIDATE_CLUSTER: judge_cluster,
        paths.VALIDATE_CONFIG: judge_config,
        paths.DEFAULT_CONFIG: default_config,
        paths.VALIDATE_FEDERATED: FederatedJudge(parts_of_wishes(), types.target_of),
        paths.VALIDATE_PREFERENCE: PreferenceJudge(types.divisible_kinds),
    }
