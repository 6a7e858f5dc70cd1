"""Keeps one member: its credentials, its connection, its health, its record's status, and the watches on its objects.

One keeper per KubeFedCluster, in a task of its own; a keeper touches nothing of another. Everything it learns goes into
its `Member`; whoever needs to know hears `notify`.
"""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import partial

import msgspec

from kubefed.api.core_v1beta1 import Trust
from kubefed.clusters.credentials import (
    KUBECONFIG,
    SECRETS,
    CredentialsSecret,
    connection_for,
    decode_secret,
    fingerprint,
    granted,
    lasting,
    token_life,
)
from kubefed.clusters.health import REJECTED, Probe, Verdict
from kubefed.clusters.link import Link
from kubefed.clusters.member import Collection, Member
from kubefed.clusters.record import ClusterRecord, secret_key
from kubefed.clusters.renewal import renew, renewal_due
from kubefed.clusters.reporter import StatusReporter
from kubefed.clusters.status import Findings, cluster_status, remembered
from kubefed.clusters.surroundings import Surroundings
from kubefed.clusters.survey import probe, survey
from kubefed.core.errors import ApiError, Forbidden, KubefedError, Misconfigured, Rejected
from kubefed.core.names import ObjectKey
from kubefed.core.tasks import run_until
from kubefed.engine.loop import keep_running
from kubefed.federated.freezes import freeze_of_cluster
from kubefed.kube.reflector import Reflector, Selection
from kubefed.kube.store import Store
from kubefed.kube.wire import TOO_LARGE, Metadata, Object, Projector

_LOG = logging.getLogger(__name__)
_SURVEY_PERIOD_S = 300.0
_ASK_AGAIN_S = 1.0  # an answer that refuses the credentials is no silence to be waited out: the threshold is reached soon
_RENEWAL_RETRY_S = 60.0


class Keeper:
    """Runs one member until cancelled."""

    def __init__(self, member: Member, around: Surroundings, notify: Callable[[], None]) -> None:
        self.member = member
        self._around = around
        self._notify = notify
        self._link = Link(member, partial(around.open_client, member.name))
        self._reporter = StatusReporter(member.name, around)
        self._findings = Findings()
        self._record: ClusterRecord | None = None
        self._objection = ""
        self._secret: CredentialsSecret | None = None
        self._secret_known = False
        self._secret_trouble = ""
        self._server = ""
        """Fingerprint of the server that the copies were read from."""
        self._secret_named = asyncio.Event()
        self._look = asyncio.Event()
        self._tasks: asyncio.TaskGroup | None = None
        self._following: dict[Selection, asyncio.Task[None]] = {}
        self._loss: asyncio.TimerHandle | None = None

    async def run(self) -> None:
        """Keep the member until cancelled; then close everything that leads to it."""
        name = self.member.name
        try:
            async with asyncio.TaskGroup() as tasks:
                self._tasks = tasks
                tasks.create_task(keep_running(f"{name}: credentials", self._watch_secret))
                tasks.create_task(keep_running(f"{name}: health", self._probe_forever))
                tasks.create_task(keep_running(f"{name}: survey", partial(self._link.while_up, self._survey_forever)))
                tasks.create_task(keep_running(f"{name}: renewal", partial(self._link.while_up, self._renew_forever)))
                for selection, collection in self.member.collections.items():
                    self._start_following(selection, collection)
        finally:
            if self._loss is not None:
                self._loss.cancel()
            await self.member.lane.close()
            await self._link.close()

    def take_record(self, stored: Object, record: ClusterRecord | Misconfigured) -> None:
        """The KubeFedCluster was read or changed; `record` is what it says, or why that cannot be told."""
        self._reporter.learn(stored)
        if self._findings == Findings():
            self._findings = remembered(self._reporter.stored)
        self._take_labels(stored)
        self._take_freeze(stored.metadata)
        self._take_place(remembered(self._reporter.stored))
        if isinstance(record, Misconfigured):
            self._record, self._objection = None, str(record)
            self._look.set()
            return
        renamed = self._record is None or self._record.secret_name != record.secret_name
        self._record, self._objection = record, ""
        if renamed:
            self._secret_known, self._secret_trouble = False, ""
            self._secret_named.set()
        self._look.set()

    def _take_labels(self, stored: Object) -> None:
        """Labels select a cluster whatever else its record says; those too large to be read change nothing."""
        metadata = stored.metadata
        if metadata.labels_whole and metadata.label_map() != self.member.labels:
            self.member.labels = metadata.label_map()
            self._notify()

    def _take_freeze(self, metadata: Metadata) -> None:
        """An administrator stops writes, or lets them go on, whatever else the record says."""
        if metadata.annotations == TOO_LARGE:
            return
        frozen = freeze_of_cluster(metadata.annotation_map())
        if frozen != self.member.frozen:
            self.member.frozen = frozen
            _LOG.warning("%s", frozen or "the cluster is frozen no more", extra={"cluster": self.member.name})
            self._notify()

    def _take_place(self, found: Findings) -> None:
        """Overrides may use region and zones as the record tells them, so that whoever reads the record sees the same."""
        if (found.region, found.zones) != (self.member.region, self.member.zones):
            self.member.region, self.member.zones = found.region, found.zones
            self._notify()

    def look(self) -> None:
        """Something suggests that the member came or went: probe now instead of when it is due."""
        self._look.set()

    # --- watching the member's objects -------------------------------------------------------------------------

    def follow(self, selection: Selection, collection: Collection) -> None:
        """Keep a collection equal to the member's objects from now on."""
        self.member.collections[selection] = collection
        if self._tasks is not None:
            self._start_following(selection, collection)

    def unfollow(self, selection: Selection) -> None:
        """Nobody needs this collection any more."""
        self.member.collections.pop(selection, None)
        task = self._following.pop(selection, None)
        if task is not None:
            task.cancel()

    def _start_following(self, selection: Selection, collection: Collection) -> None:
        if self._tasks is None:
            return
        what = f"{self.member.name}: {selection.resource}"
        work = partial(self._reflect, selection, collection)
        self._following[selection] = self._tasks.create_task(keep_running(what, partial(self._link.while_up, work)))

    async def _reflect(self, selection: Selection, collection: Collection) -> None:
        client = self.member.client
        if collection.reflector is None:
            collection.reflector = Reflector(
                client,
                selection,
                _reading(client.projector, selection, collection),
                collection.store,
                on_state=lambda _: self._announce(collection),
                rng=self._around.rng,
            )
        else:
            collection.reflector.use(client)
        await collection.reflector.run()

    def _announce(self, collection: Collection) -> None:
        """Streams break all the time; only what changes decisions is told."""
        state = (collection.known, "" if collection.known else collection.trouble)
        if state != collection.announced:
            collection.announced = state
            self._notify()

    # --- credentials -------------------------------------------------------------------------------------------

    async def _watch_secret(self) -> None:
        """Follow the one Secret that the record names; by name, so that no right to list Secrets is needed."""
        while True:
            self._secret_named.clear()
            if self._record is None:
                await self._secret_named.wait()
                continue
            await run_until(
                self._follow_secret(secret_key(self._record, self._around.settings.namespace)), self._secret_named
            )

    async def _follow_secret(self, key: ObjectKey) -> None:
        def taken(*_: object) -> None:
            self._take_secret(reflector, key)

        selection = Selection(SECRETS, key.namespace, field_selector=f"metadata.name={key.name}")
        store: Store[CredentialsSecret] = Store(taken)
        reflector = Reflector(self._around.host, selection, decode_secret, store, on_state=taken, rng=self._around.rng)
        await reflector.run()

    def _take_secret(self, reflector: Reflector[CredentialsSecret], key: ObjectKey) -> None:
        if reflector.store.complete:
            self._secret, self._secret_known = reflector.store.get(key), True
            self._look.set()
        elif isinstance(reflector.trouble, Forbidden | Rejected):
            self._secret_trouble = f"Secret {key.name} cannot be read: {reflector.trouble.explanation()}"
            self._look.set()

    def _reconnect(self) -> None:
        """Make the connection what the record and the Secret of the moment say; while that is unknown, leave it."""
        settings = self._around.settings
        try:
            if self._record is None:
                raise Misconfigured(self._objection)
            if not self._secret_known:
                if self._secret_trouble:
                    raise Misconfigured(self._secret_trouble)
                return
            connection = connection_for(self._record, self._secret, trust=settings.trust, addresses=settings.addresses)
        except Misconfigured as problem:
            self._link.refuse(str(problem))
            return
        token = connection.credentials.token
        self._findings = replace(
            self._findings,
            token=token_life(token) if token else None,
            warnings=(*granted(self._record, self._secret), *lasting(token)),
        )
        server = fingerprint(connection)
        if self._server not in ("", server):
            self._forget_copies()
        self._server = server
        self._link.connect(connection)

    def _forget_copies(self) -> None:
        """It may be another cluster that answers from now on: nothing that was read of the old one means anything."""
        self._findings = replace(self._findings, uid="")
        for collection in self.member.collections.values():
            collection.forget()
        self._notify()

    # --- health ------------------------------------------------------------------------------------------------

    async def _probe_forever(self) -> None:
        while True:
            self._look.clear()
            if self._record is not None or self._objection:
                self._reconnect()
            pause_s = self._around.settings.probe_period_s * self._around.rng.uniform(0.9, 1.0)
            if self._link.usable or self._link.objection:
                found = await self._probe()
                self._settle(found)
                if found == REJECTED != self.member.health.published:
                    pause_s = min(pause_s, _ASK_AGAIN_S)
            with suppress(TimeoutError):
                async with asyncio.timeout(pause_s):
                    await self._look.wait()

    async def _probe(self) -> Probe:
        if not self._link.usable:
            return Probe(Verdict.MALFORMED, self._link.objection)
        started = self._around.clock.monotonic()
        found = await probe(self.member.client, self._around.settings.probe_timeout_s)
        self._around.probed(self._around.clock.monotonic() - started)
        return found

    def _settle(self, found: Probe) -> None:
        """Take in one probe: publish what follows from it, and let streams and operations flow or rest."""
        member = self.member
        was, was_ready = member.state, member.ready
        member.health = member.health.after(found, self._around.settings.thresholds)
        verdict = member.health.published.verdict
        self._link.mark(up=found.verdict in (Verdict.READY, Verdict.NOT_READY) or verdict is not Verdict.OFFLINE)
        if found.verdict is Verdict.READY:
            member.lane.resume()
        if was_ready and not member.ready:
            member.lane.clear()
        self._report()
        if member.state is not was:
            self._log_state()
            self._tell(lost=was_ready and not member.ready)

    def _log_state(self) -> None:
        level = logging.INFO if self.member.ready else logging.WARNING
        detail = self.member.health.published.detail
        because = f": {detail}" if detail else ""
        _LOG.log(level, "cluster is %s%s", self.member.state.value, because, extra={"cluster": self.member.name})

    def _tell(self, *, lost: bool) -> None:
        """Tell the features that the state changed: of a loss only if it lasts, of everything else at once."""
        if self._loss is not None:
            self._loss.cancel()
            self._loss = None
        if lost:
            delay_s = self._around.settings.unavailable_delay_s
            self._loss = asyncio.get_running_loop().call_later(delay_s, self._notify)
        else:
            self._notify()

    def _report(self) -> None:
        member = self.member
        now = self._around.clock.now()
        self._reporter.report(cluster_status(member.health, member.state, self._findings, self._reporter.stored, now))

    # --- slow work ---------------------------------------------------------------------------------------------

    async def _survey_forever(self) -> None:
        """Look at the member's version, identity and place: at each new connection, and now and then."""
        while True:
            try:
                found = await survey(self.member.client, rights=self._around.settings.trust is Trust.COMPATIBLE)
            except ApiError:
                await asyncio.sleep(self._around.settings.probe_period_s)
                continue
            if found.uid and self._findings.uid and found.uid != self._findings.uid:
                self._forget_copies()
                self._link.restart()
            self._findings = replace(
                self._findings,
                kubernetes_version=found.kubernetes_version or self._findings.kubernetes_version,
                region=found.region,
                zones=found.zones,
                uid=found.uid or self._findings.uid,
                unlimited=bool(found.unlimited),
            )
            self._recognise_host(self._findings.uid)
            if self.member.health.ready:
                self._report()
            await asyncio.sleep(_SURVEY_PERIOD_S)

    def _recognise_host(self, uid: str) -> None:
        is_host = bool(uid) and uid == self._around.settings.host_uid
        if is_host != self.member.is_host:
            self.member.is_host = is_host
            self._notify()

    async def _renew_forever(self) -> None:
        """Replace a token that ends before it does. Each new token restarts this with the new connection.

        A kubeconfig is renewed by whoever wrote it: a token beside it would be used by nobody.
        """
        secret, life = self._secret, self._findings.token
        if secret is None or life is None or secret.data.get(KUBECONFIG):
            return await _for_ever()
        due = renewal_due(life, self._around.rng)
        while True:
            await asyncio.sleep(max(0.0, (due - self._around.clock.now()).total_seconds()))
            with suppress(KubefedError):
                # The Secret of the moment: one that somebody has annotated meanwhile is still the one to be replaced.
                await renew(self.member.client, self._around.host, self._secret or secret, life)
            await asyncio.sleep(_RENEWAL_RETRY_S)


def _reading(
    projector: Projector, selection: Selection, collection: Collection
) -> Callable[[bytes | msgspec.Raw], Metadata]:
    if collection.read is not None:
        return partial(collection.read, projector)
    return projector.metadata_and_status if selection.with_status else projector.metadata


async def _for_ever() -> None:
    await asyncio.Event().wait()
