"""One takeover, played once: KubeFed propagates, things drift, it stops, and the controller of this project goes on."""

import os
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field

import pytest

from tests.e2e.conftest import Logs
from tests.e2e.takeover.estate import MEMBERS, Estate
from tests.e2e.takeover.kubefed_of_old import CONFIG_MAPS, LOCK, KubeFedOfOld
from tests.e2e.takeover.wire import Wire
from tests.support.audit import AuditLog, Request
from tests.support.commands import shadow
from tests.support.controller import Controller
from tests.support.federation import HOST, Federation, a_federation
from tests.support.kinds import PROPAGATED_VERSIONS
from tests.support.manifests import Manifest
from tests.support.waiting import eventually, eventually_equal

LEASE_S = 4
PATIENCE_S = 60.0
WAITS = "nothing is written while KubeFed runs on this host"


@dataclass(slots=True)
class Takeover:
    """What was seen on the way, and what is still there to be tried."""

    estate: Estate
    kubefed: KubeFedOfOld
    logs: Logs
    before: dict[str, Manifest] = field(default_factory=dict)
    """Every federated object and record as KubeFed left it, by path."""
    shadowed: list[str] = field(default_factory=list)
    written_by_shadow: list[Request] = field(default_factory=list)
    written_under_lock: list[Request] = field(default_factory=list)
    written: Counter[tuple[str, str, str, str]] = field(default_factory=Counter)
    """Writes to members after the takeover: how often which cluster, verb, plural, name."""
    written_in_host: list[Request] = field(default_factory=list)
    after: dict[str, Manifest] = field(default_factory=dict)

    def look(self) -> dict[str, Manifest]:
        """The host's side of all that is federated."""
        host, found = self.estate.shop.federation.host, {}
        for wish in self.estate.wishes:
            for resource, key in ((wish.kind.federated, wish.key), (PROPAGATED_VERSIONS, self.estate.record_key(wish))):
                stored = host.find(resource, key)
                if stored is not None:
                    found[resource.object_path(key)] = stored
        return found

    def counted(self) -> Counter[tuple[str, str, str, str]]:
        """The writes to the estate's objects in members since the mark."""
        return Counter(
            (member, each.verb, each.resource, each.name)
            for member in MEMBERS
            for each in self.logs.object_writes(member)
            if self.estate.owns(each)
        )

    def host_writes(self) -> list[Request]:
        """The writes to the estate's objects in the host since the mark."""
        return [each for each in self.logs.object_writes(HOST) if self.estate.owns(each)]


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Federation]:
    """Host and three members."""
    with a_federation(f"takeover-{os.getpid()}", tmp_path_factory.mktemp("three"), members=MEMBERS) as built:
        yield built


@pytest.fixture(scope="module")
def taken_over(three: Federation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Takeover]:
    """The whole story; the controller runs on until the module's tests are done."""
    directory = tmp_path_factory.mktemp("takeover")
    logs = Logs({name: AuditLog(three.sandbox.cluster(name).audit_log) for name in (HOST, *MEMBERS)})
    controller = Controller(three.controller_kubeconfig, directory / "log")
    with ExitStack() as undo:
        wires = {name: undo.enter_context(closing(Wire.to(three.sandbox, name, directory))) for name in logs.by_cluster}
        kubefed = KubeFedOfOld(wires[HOST], {name: wires[name] for name in MEMBERS}, LEASE_S)
        story = Takeover(Estate.of(three), kubefed, logs)
        undo.callback(controller.end)
        undo.callback(three.host.delete, CONFIG_MAPS, LOCK)
        _kubefeds_part(story, kubefed)
        _shadow_run(story)
        _the_switch(story, kubefed, controller)
        yield story
        controller.stop()


def _kubefeds_part(story: Takeover, kubefed: KubeFedOfOld) -> None:
    kubefed.take_the_lock()
    story.estate.build(kubefed)
    story.estate.drift()
    story.before = story.look()


def _shadow_run(story: Takeover) -> None:
    story.logs.mark()
    kubeconfig = story.estate.shop.federation.controller_kubeconfig
    story.shadowed = shadow(kubeconfig)
    story.written_by_shadow = [each for each in story.logs.requests() if each.writes]


def _the_switch(story: Takeover, kubefed: KubeFedOfOld, controller: Controller) -> None:
    story.logs.mark()
    controller.launch()
    eventually(lambda: WAITS in controller.said(), "it waits for KubeFed", within_s=PATIENCE_S)
    kubefed.renew_the_lock()
    story.written_under_lock = [each for each in story.logs.requests() if each.writes]
    eventually(lambda: controller.answer("readyz") == 200, "KubeFed's lock has run out", within_s=PATIENCE_S)
    expected = {each.counted_as for each in story.estate.due}
    eventually(lambda: story.counted().keys() >= expected, f"all of {expected} are written", within_s=PATIENCE_S)
    eventually_equal(story.estate.half_deleted, None, within_s=PATIENCE_S)
    controller.await_quiet()
    story.written, story.written_in_host, story.after = story.counted(), story.host_writes(), story.look()
