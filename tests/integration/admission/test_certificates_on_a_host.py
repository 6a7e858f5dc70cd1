"""Certificates on a real host: renewed while requests go on, shared by replicas, mended, and left alone where not ours."""

import asyncio
import base64
import ssl
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509

from fedctl.kinds import SECRETS
from fedctl.sandbox.ports import free_ports
from kubefed.admission.certificates import stored
from kubefed.admission.certificates.issuing import Pair, issue
from kubefed.admission.certificates.rotation import Lives
from kubefed.admission.configurations import MUTATING, VALIDATING
from kubefed.app.webhook import Pace, Webhook, WebhookOptions
from kubefed.core.names import ObjectKey
from kubefed.kube.host import load_context
from tests.integration.admission.support import SYSTEM, Host, Manifest, RunningWebhook, trusting
from tests.support.waiting import eventually

SECRET = ObjectKey(SYSTEM, stored.SECRET_NAME)
FAST = Pace(Lives(timedelta(seconds=60), timedelta(seconds=58), timedelta(seconds=1)), 0.2)
"""A certificate every three seconds: due after two, published for one."""
BAD_CLUSTER: Manifest = {
    "apiVersion": "core.kubefed.io/v1beta1",
    "kind": "KubeFedCluster",
    "metadata": {"name": "bad", "namespace": SYSTEM},
    "spec": {"apiEndpoint": "", "secretRef": {"name": "x"}},
}


@dataclass(frozen=True, slots=True)
class Threaded:
    """A webhook in a thread of this process, at a pace that no flag offers."""

    port: int
    ended: threading.Event


@contextmanager
def a_webhook(host: Host, port: int, url_port: int, pace: Pace = FAST) -> Iterator[Threaded]:
    options = WebhookOptions(namespace=SYSTEM, secure_port=port, url=f"https://127.0.0.1:{url_port}")
    connection = load_context(str(host.webhook_kubeconfig)).connection
    loop, stop, ended = asyncio.new_event_loop(), asyncio.Event(), threading.Event()

    async def run() -> None:
        await Webhook(options, connection, pace).run(stop)
        await asyncio.sleep(0.25)  # as aiohttp asks for: its client does not wait for the goodbyes of TLS

    def live() -> None:
        try:
            loop.run_until_complete(run())
        finally:
            loop.close()
            ended.set()

    thread = threading.Thread(target=live)
    thread.start()
    try:
        yield Threaded(port, ended)
    finally:
        if not ended.is_set():
            loop.call_soon_threadsafe(stop.set)
        thread.join(30)


def bundle(host: Host) -> str:
    """What API servers are told to trust, which is the same everywhere."""
    bundles = {
        webhook["clientConfig"].get("caBundle", "") for kind in (VALIDATING, MUTATING) for webhook in host.webhooks(kind)
    }
    return base64.b64decode(bundles.pop()).decode() if len(bundles) == 1 else ""


def served(port: int, bundle_pem: str) -> int:
    """The serial of the certificate that a new connection is shown. Raises when it is not trusted."""
    from socket import create_connection

    with (
        create_connection(("127.0.0.1", port), timeout=10) as plain,
        trusting(bundle_pem).wrap_socket(plain, server_hostname="127.0.0.1") as secured,
    ):
        shown = secured.getpeercert(binary_form=True)
        assert shown is not None
        return x509.load_der_x509_certificate(shown).serial_number


def refused(host: Host) -> bool:
    """The webhook was asked and has answered: without an answer the API server says that calling it failed."""
    told = host.create(BAD_CLUSTER, "--dry-run=server")
    assert "failed calling webhook" not in told.err, told.err
    return "spec.apiEndpoint: Required value" in told.err


def test_certificates_change_on_two_replicas_while_every_request_is_answered(host: Host) -> None:
    first, second = free_ports(2)
    with a_webhook(host, first, first), a_webhook(host, second, first):
        eventually(lambda: bundle(host), "both configurations have the same bundle")
        eventually(lambda: refused(host), "it is asked")
        seen: dict[int, set[int]] = {first: set(), second: set()}

        def rotated() -> bool:
            trusted = bundle(host)
            if trusted:
                for port, serials in seen.items():
                    serials.add(served(port, trusted))
            assert refused(host)
            return all(len(serials) >= 4 for serials in seen.values())

        eventually(rotated, "three renewals on both replicas", within_s=60)
    assert seen[first] & seen[second], "replicas share their certificates"


def test_a_deleted_secret_comes_back_and_a_spoilt_one_is_made_anew(host: Host) -> None:
    (port,) = free_ports(1)
    with a_webhook(host, port, port, Pace(Lives(), 0.2)):
        eventually(lambda: bundle(host), "it is registered")
        eventually(lambda: refused(host), "it is asked")
        before = served(port, bundle(host))
        host.server.delete(SECRETS, SECRET)
        eventually(lambda: host.server.find(SECRETS, SECRET), "the Secret is written again")
        assert served(port, bundle(host)) == before, "from memory, so that nobody notices"
        host.server.merge(SECRETS, SECRET, {"data": {"tls.key": base64.b64encode(b"rubbish").decode()}})
        changed: list[int] = []

        def mended() -> bool:
            try:
                changed.append(served(port, bundle(host)))
            except ssl.SSLCertVerificationError:
                return False
            return changed[-1] != before

        eventually(mended, "another certificate is served and trusted")
        eventually(lambda: refused(host), "it is asked again")


def test_a_secret_that_somebody_else_made_is_left_alone(host: Host, tmp_path: Path) -> None:
    if host.server.find(SECRETS, SECRET):
        host.server.delete(SECRETS, SECRET)
    theirs = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": SECRET.name, "namespace": SYSTEM}, "data": {}}
    created = host.server.create(SECRETS, theirs)
    with RunningWebhook(host, tmp_path) as webhook:
        eventually(lambda: not webhook.is_running(), "it ends")
        assert "was not made by this webhook" in webhook.log.read_text()
    assert host.server.get(SECRETS, SECRET)["metadata"]["resourceVersion"] == created["metadata"]["resourceVersion"]
    host.server.delete(SECRETS, SECRET)


def test_given_files_are_served_and_read_again_and_bundles_are_left_to_whoever_gave_them(
    host: Host, tmp_path: Path
) -> None:
    def give() -> str:
        issued = issue(("127.0.0.1",), datetime.now(UTC), timedelta(days=1))
        write(tmp_path, issued.pair)
        return issued.ca_pem

    trusted = give()
    with RunningWebhook(host, tmp_path, f"--cert-dir={tmp_path}") as webhook:
        eventually(lambda: len(host.webhooks(VALIDATING)) == 5, f"it registers; see {webhook.log}")
        first = served(webhook.port, trusted)
        assert all("caBundle" not in each["clientConfig"] for each in host.webhooks(VALIDATING))
        renewed = give()

        def reloaded() -> bool:
            try:
                return served(webhook.port, renewed) != first
            except ssl.SSLCertVerificationError:
                return False

        eventually(reloaded, f"the new files are served; see {webhook.log}")
        assert webhook.stop() == 0


def write(directory: Path, pair: Pair) -> None:
    (directory / "tls.crt").write_text(pair.certificate_pem)
    (directory / "tls.key").write_text(pair.key_pem.reveal())


def test_without_rights_to_configurations_it_serves_all_the_same(host: Host) -> None:
    """Whoever installs it may prefer to look after the configurations; then nothing new is served before its time."""
    from fedctl.kinds import CLUSTER_ROLE_BINDINGS
    from fedctl.rights.webhook import CONFIGURER

    key = ObjectKey("", CONFIGURER)
    granted = host.server.get(CLUSTER_ROLE_BINDINGS, key)
    host.server.delete(CLUSTER_ROLE_BINDINGS, key)
    (port,) = free_ports(1)
    with ExitStack() as stack:
        stack.callback(host.server.create, CLUSTER_ROLE_BINDINGS, {**granted, "metadata": {"name": CONFIGURER}})
        stack.enter_context(a_webhook(host, port, port))

        def authorities() -> str:
            secret = host.server.find(SECRETS, SECRET)
            return base64.b64decode(secret["data"]["ca.crt"]).decode() if secret else ""

        eventually(lambda: authorities().count("BEGIN") == 2, "the next authority is there to be published")
        trusted = authorities()
        first = served(port, trusted)
        eventually(lambda: base64.b64decode(host.server.get(SECRETS, SECRET)["data"]["next.crt"]), "and waits")
        assert served(port, trusted) == first
