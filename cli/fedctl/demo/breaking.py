"""The last steps: copies are changed behind kubefed's back, a member dies, and comes back."""

import time
from functools import partial

from fedctl.apiserver import ApiServer
from fedctl.demo.checks import NotShown, milliseconds
from fedctl.demo.exhibits import SETTINGS, SHOP, WEB, web_of
from fedctl.demo.federating import await_in_place, web_in
from fedctl.demo.setting_up import READY, state_of
from fedctl.demo.stage import Breaker, Stage
from fedctl.tables import BAD, GOOD, Cell
from kubefed.core.errors import Unreachable

_GREETINGS = ("good evening", "good night")
_NOTICED_WITHIN_S = 60.0
_BACK_WITHIN_S = 120.0
_LOST = "Offline"


def drift(stage: Stage) -> None:
    """Change one copy and delete another, in the members themselves, and see both put back."""
    first, *_, last = stage.members
    rows = [_edited(stage, first), _deleted(stage, last)]
    stage.narrator.table(["MEMBER", "COPY", "BEFORE", "CHANGED TO", "NOW", "PUT BACK WITHIN"], rows)
    stage.narrator.found("read from the members; the time includes the question")


def _edited(stage: Stage, name: str) -> list[Cell]:
    server = stage.members[name]
    before = web_in(server.get(WEB.target, WEB.copy_key))
    wrong = {"containers": [{"name": WEB.name, "image": "nginx:drifted"}]}
    patch = {"spec": {"replicas": 9, "template": {"spec": wrong}}}
    stage.narrator.note(f"In {name}, somebody gives Deployment {SHOP}/{WEB.name} 9 replicas and another image.")
    changed = web_in(server.merge(WEB.target, WEB.copy_key, patch))
    taken = stage.expect(lambda: web_in(server.get(WEB.target, WEB.copy_key)), before, f"{name} is put back")
    if changed == before or before != web_of(name):
        raise NotShown(f"the copy in {name} was {before}, then {changed}: no drift to be seen")
    cells = [f"{replicas} x {image}" for replicas, image in (before, changed, before)]
    return [name, f"Deployment {WEB.name}", cells[0], (cells[1], BAD), (cells[2], GOOD), milliseconds(taken)]


def _deleted(stage: Stage, name: str) -> list[Cell]:
    server = stage.members[name]
    former = server.get(SETTINGS.target, SETTINGS.copy_key)["metadata"]["uid"]
    stage.narrator.note(f"In {name}, somebody deletes ConfigMap {SHOP}/{SETTINGS.name}.")
    if not server.delete(SETTINGS.target, SETTINGS.copy_key, uid=former):
        raise NotShown(f"{name} had no ConfigMap {SETTINGS.name} to delete")
    taken = stage.expect(lambda: _is_another(server, former), True, f"{name} has ConfigMap {SETTINGS.name} again")
    return [name, f"ConfigMap {SETTINGS.name}", "there", ("deleted", BAD), ("there", GOOD), milliseconds(taken)]


def _is_another(server: ApiServer, former_uid: str) -> bool:
    found = server.find(SETTINGS.target, SETTINGS.copy_key)
    return found is not None and found["metadata"]["uid"] != former_uid


def outage(stage: Stage, breaker: Breaker) -> None:
    """Take a member away, change something, and see it in all the others; then see that the loss is known."""
    victim, others = victim_of(stage)
    breaker.take_away(stage.clusters.members[victim])
    if _answers(stage.members[victim]):
        raise NotShown(f"{victim} still answers")
    stage.narrator.found(f"{victim}: {breaker.deed}; it answers no more")
    greeting = _change_greeting(stage)
    began = time.monotonic()
    for name in others:
        stage.expect(partial(_greeting, stage, name), greeting, f"{name} has the new greeting")
        seen = milliseconds(time.monotonic() - began)
        stage.narrator.found(f"{name} has the new greeting, seen {seen} after kubectl had ended")
    taken = stage.expect(partial(state_of, stage, victim), _LOST, f"the loss of {victim} is known", _NOTICED_WITHIN_S)
    stage.narrator.found(f"{victim} is known to be {_LOST}, {taken:.1f} s later; the others are {READY}")
    for name in others:
        stage.expect(partial(state_of, stage, name), READY, f"{name} is {READY}", 0)
    stage.get("clusters", f"configmaps/{SETTINGS.name}")


def recovery(stage: Stage, breaker: Breaker) -> None:
    """Bring the member back, and see it catch up with what it missed."""
    victim, _ = victim_of(stage)
    wanted = _wanted_greeting(stage)
    began = time.monotonic()
    breaker.bring_back(stage.clusters.members[victim])
    stage.expect(partial(_answers, stage.members[victim]), True, f"{victim} answers", _BACK_WITHIN_S)
    stage.narrator.found(f"{victim} answers again, {time.monotonic() - began:.1f} s after it was told to start")
    taken = stage.expect(partial(_greeting, stage, victim), wanted, f"{victim} has caught up", _BACK_WITHIN_S)
    stage.narrator.found(f"it has caught up {taken:.1f} s later: its greeting is {wanted!r}")
    stage.expect(partial(state_of, stage, victim), READY, f"{victim} is {READY}", _BACK_WITHIN_S)
    await_in_place(stage, SETTINGS)
    stage.get("clusters", f"configmaps/{SETTINGS.name}")


def victim_of(stage: Stage) -> tuple[str, list[str]]:
    """The member that is taken away, and the others."""
    names = list(stage.members)
    return names[1], [*names[:1], *names[2:]]


def _change_greeting(stage: Stage) -> str:
    """Give the host another greeting than it has."""
    greeting = next(each for each in _GREETINGS if each != _wanted_greeting(stage))
    patch = f'{{"spec":{{"template":{{"data":{{"greeting":"{greeting}"}}}}}}}}'
    kind = SETTINGS.federated.kind.lower()
    stage.kubectl("patch", kind, SETTINGS.name, "-n", SHOP, "--type", "merge", "-p", patch)
    return greeting


def _wanted_greeting(stage: Stage) -> str:
    return str(stage.host.get(SETTINGS.federated, SETTINGS.key)["spec"]["template"]["data"]["greeting"])


def _greeting(stage: Stage, name: str) -> object:
    found = stage.members[name].find(SETTINGS.target, SETTINGS.copy_key)
    return found["data"].get("greeting") if found else None


def _answers(server: ApiServer) -> bool:
    try:
        server.version()
    except Unreachable:
        return False
    return True
