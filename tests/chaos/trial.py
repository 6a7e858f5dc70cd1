"""One trial: a namespace full of settled objects, somebody who edits them, a controller, and in the end the judges."""

import threading
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from fedctl.apiserver import ApiServer
from fedctl.contexts import open_context
from fedctl.federation import CLUSTERS
from fedctl.kinds import EVENTS
from kubefed.core.markers import CONTROLLER_NAME
from kubefed.core.names import ObjectKey
from kubefed.kube.lease import LEASES
from tests.builders import kinds
from tests.builders.objects import FederatedBuilder
from tests.chaos.arena import ALL, Arena
from tests.chaos.looking import history_of, look_at
from tests.chaos.validators.blast_radius import blast_radius, latencies_ms
from tests.chaos.validators.history import History
from tests.chaos.validators.no_deletion_on_ignorance import no_deletion_on_ignorance
from tests.chaos.validators.no_secret_leaves import no_secret_leaves
from tests.chaos.validators.nothing_lost import nothing_lost
from tests.chaos.validators.nothing_orphaned import nothing_orphaned
from tests.chaos.validators.one_writer import one_writer
from tests.chaos.validators.quiet import quiet
from tests.chaos.validators.status_tells_truth import status_tells_truth
from tests.chaos.validators.tenant_isolation import tenant_isolation
from tests.chaos.validators.world import Named, World
from tests.support.audit import AuditLog
from tests.support.controller import Controller
from tests.support.federation import HOST, SYSTEM
from tests.support.kinds import PROPAGATED_VERSIONS
from tests.support.manifests import Manifest, encoded, replace, with_field
from tests.support.shop import Shop
from tests.support.waiting import eventually

KUBEFEDS_OWN = frozenset({("", "clusterproperties")})
"""What kubefed writes in members beside copies: who they are in the clusterset."""
Span = tuple[datetime, datetime]
TYPES = (kinds.NAMESPACES, kinds.CONFIG_MAPS, kinds.SECRETS, kinds.DEPLOYMENTS, kinds.SERVICE_ACCOUNTS)
CANARY = "canary-7f3d9a-in-a-secret"
EDITS_PER_S = 5.0
LEAST_EDITS_PER_S = 3.0
CONVERGED_S = 45.0
QUIET_S = 5.0
_NOISE_MS = 250.0
"""What a machine with two cores that runs four clusters and other people's tests adds to a p99."""


@dataclass
class Trial:
    """What one test does, from its first object to the verdict."""

    arena: Arena
    shop: Shop
    controller: Controller
    logs: dict[str, AuditLog]
    wishes: list[FederatedBuilder] = field(default_factory=list)
    edits: int = 0
    excused: set[Named] = field(default_factory=set)

    # --- before the fault --------------------------------------------------------------------------------------

    def settle(self, count: int, *members: str) -> "Trial":
        """So many objects, in these members or all, as they should be: most are ConfigMaps, some Secrets or Deployments."""
        for number in range(count):
            self.wishes.append(self.shop.create(self._wish(number, 0).placed_on(*(members or ALL))))
        self.await_converged(within_s=60)
        return self

    def _wish(self, number: int, round_: int) -> FederatedBuilder:
        if number % 10 == 4:
            data = {"password": encoded(CANARY), "round": encoded(str(round_))}
            return self.shop.a(kinds.SECRETS, f"secret-{number}").with_template({"data": data})
        if number % 10 == 9:
            wish = self.shop.deployment(f"web-{number}", replicas=0)
            template = with_field(wish.spec["template"], ("spec", "minReadySeconds"), round_)
            return wish.with_template(template).overridden(ALL[0], replace("/spec/paused", bool(round_ % 2)))
        return self.shop.config_map(f"settings-{number}", round=str(round_))

    # --- while it lasts ----------------------------------------------------------------------------------------

    @contextmanager
    def editing(self, *, per_s: float = EDITS_PER_S) -> Iterator[None]:
        """Somebody edits one object after the other, at this rate, for a `with` block. Too few edits are no trial."""
        over, started = threading.Event(), time.monotonic()
        person = threading.Thread(target=self._edit, args=(over, per_s), name="a person who edits")
        person.start()
        before = self.edits
        try:
            yield
        finally:
            over.set()
            person.join(30)
        rate = (self.edits - before) / (time.monotonic() - started)
        assert rate >= min(LEAST_EDITS_PER_S, per_s / 2), f"only {rate:.1f} edits a second: the run says nothing"

    def _edit(self, over: threading.Event, per_s: float) -> None:
        with ApiServer.opened(open_context(str(self.arena.federation.sandbox.kubeconfig), HOST)) as host:
            while not over.wait(max(0.0, 1 / per_s - 0.01)):
                round_, position = divmod(self.edits, len(self.wishes))
                placement = self.wishes[position].spec["placement"]
                wish = self._wish(position, 1 + round_).placed(placement)
                host.merge(wish.kind.federated, wish.key, {"spec": wish.spec})
                self.wishes[position] = wish
                self.edits += 1

    def edit_for(self, seconds: float) -> Span:
        """Let somebody edit for so long; when that was."""
        since = datetime.now(UTC)
        with self.editing():
            threading.Event().wait(seconds)
        return since, datetime.now(UTC)

    def edit(self, position: int, **data: str) -> FederatedBuilder:
        """One edit of a ConfigMap."""
        wish = self.wishes[position].with_template({"data": data})
        self.shop.edit(wish)
        self.wishes[position] = wish
        return wish

    @contextmanager
    def kept_running(self) -> Iterator[list[int]]:
        """The controller is started again whenever it ends by itself, as a kubelet does; the exit codes so far."""
        over, codes = threading.Event(), list[int]()
        kubelet = threading.Thread(target=self._keep_running, args=(over, codes), name="a kubelet")
        kubelet.start()
        try:
            yield codes
        finally:
            over.set()
            kubelet.join(60)

    def _keep_running(self, over: threading.Event, codes: list[int]) -> None:
        while not over.wait(0.2):
            if not self.controller.is_running():
                codes.append(self.controller.await_exit())
                self.controller.launch()

    def remove_record(self, member: str) -> None:
        """Delete the KubeFedCluster of a member, as `fedctl unjoin --force` does; its Secret stays."""
        assert self.arena.federation.host.delete(CLUSTERS, ObjectKey(SYSTEM, member))

    def restore_record(self, record: Manifest) -> None:
        """Create a deleted KubeFedCluster again."""
        metadata = {name: record["metadata"].get(name) for name in ("name", "namespace", "labels")}
        document = {"apiVersion": CLUSTERS.api_version, "kind": CLUSTERS.kind, "metadata": metadata, "spec": record["spec"]}
        self.arena.federation.host.create(CLUSTERS, document)

    def restart(self) -> None:
        """Kill the controller and start it again. The dead one's lease is released, so that nobody waits for it."""
        self.controller.kill()
        self.release_lease()
        self.controller.start()

    def release_lease(self) -> None:
        """As a process does that ends in peace."""
        holder: dict[str, Any] = {"spec": {"holderIdentity": ""}}
        self.arena.federation.host.merge(LEASES, ObjectKey(SYSTEM, CONTROLLER_NAME), holder)

    # --- looking -----------------------------------------------------------------------------------------------

    def world(self, *, silent: Collection[str] = ()) -> World:
        """What there is in the trial's namespace."""
        return look_at(self.arena, TYPES, [self.shop.namespace], silent=silent, excused=self.excused)

    def history(self) -> History:
        """What was asked of all servers since the trial began, as far as it concerns the trial's namespace."""
        return history_of(self.logs, TYPES)

    def wrong(self, *, silent: Collection[str] = ()) -> list[str]:
        """What V1, V2 and V7 find at the moment."""
        world = self.world(silent=silent)
        return nothing_lost(world) + nothing_orphaned(world) + status_tells_truth(world)

    def await_converged(self, *, within_s: float = CONVERGED_S, silent: Collection[str] = ()) -> float:
        """Wait until V1, V2 and V7 are satisfied; the seconds that took. Fails with what is wrong in the end."""
        started = time.monotonic()
        while wrong := self.wrong(silent=silent):
            waited_s = time.monotonic() - started
            assert waited_s < within_s, f"after {waited_s:.0f} s {len(wrong)} things are wrong:\n" + "\n".join(wrong[:12])
            time.sleep(0.25)
        return time.monotonic() - started

    def await_member(self, member: str, condition: str) -> None:
        """Wait until the record of a member says `Ready` or `Offline`."""
        eventually(lambda: self._says(member, condition), f"{member} is {condition}", within_s=CONVERGED_S)

    def _says(self, member: str, condition: str) -> bool:
        status = self.arena.federation.record(member).get("status") or {}
        return any((each["type"], each["status"]) == (condition, "True") for each in status.get("conditions") or ())

    def deletions(self) -> int:
        """How many copies the controllers have deleted or let go of."""
        history = self.history()
        return sum(
            request.verb in ("delete", "patch") and named is not None and named[1].namespace == self.shop.namespace
            for member in ALL
            for named, request in history.writes_of_copies(member)
        )

    # --- the verdict -------------------------------------------------------------------------------------------

    def conclude(self, *, within_s: float = CONVERGED_S, quiet_s: float = QUIET_S, deletes: int | None = 0) -> None:
        """The fault is over. Everything converges in time and goes quiet, and nothing that was done broke a promise.

        `deletes`: how many copies there was reason to delete; None when that is not for the trial to say.
        """
        self.await_converged(within_s=within_s)
        since = self._await_quiet()
        threading.Event().wait(quiet_s)
        found = self.judged(since)
        if deletes is not None and (made := self.deletions()) != deletes:
            found.append(f"{made} copies were deleted, for {deletes} there was reason")
        assert not found, "\n".join(found[:20])

    def judged(self, quiet_since: datetime | None = None) -> list[str]:
        """What V3 to V6 and V8 find in all that has happened."""
        history = self.history()
        found = no_deletion_on_ignorance(history) + tenant_isolation(history, beside=KUBEFEDS_OWN) + one_writer(history)
        if quiet_since is not None:
            found += quiet(history, quiet_since)
        return found + no_secret_leaves([CANARY], self._texts())

    def _await_quiet(self) -> datetime:
        """Nothing waits in the controller any more; since when."""
        self.controller.await_quiet()
        return datetime.now(UTC)

    def _texts(self) -> dict[str, str]:
        host = self.arena.federation.host
        statuses: list[Any] = [each.get("status") for each in self.world().federated.values()]
        notes: list[Any] = [each["metadata"].get("annotations") for each in self.world().federated.values()]
        return {
            "the controller's log": self.controller.said(),
            "the metrics": self.controller.exposition() if self.controller.is_running() else "",
            "an Event": str(host.objects(EVENTS, self.shop.namespace)),
            "a status": str(statuses),
            "an annotation of a federated object": str(notes),
            "a recorded version": str(host.objects(PROPAGATED_VERSIONS, self.shop.namespace)),
            "a cluster's record": str(host.objects(CLUSTERS, SYSTEM)),
        }

    def blast(self, others: Collection[str], calm: Span, trouble: Span) -> list[str]:
        """What V9 finds when the edits before and during a fault are compared in the members that are well."""
        history = self.history()
        found: list[str] = []
        for member in others:
            before, during = (latencies_ms(_part(history, span), member) for span in (calm, trouble))
            found += [f"{member}: {what}" for what in blast_radius(before, during, noise_ms=_NOISE_MS)]
        return found


def _part(history: History, span: Span) -> History:
    """The edits between two moments, and everything that was written in members whenever it was."""
    host = [each for each in history.host if span[0] < each.received_at <= span[1]]
    return History(history.types, host, history.members)
