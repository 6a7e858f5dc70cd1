"""What is remembered between two looks at a service: writes not yet seen, refusals, pauses."""

import msgspec

from kubefed.core.errors import AlreadyExists, Cause, Forbidden, LeadershipLost, Rejected, Stale, Unreachable
from kubefed.core.names import ClusterName, ObjectKey
from kubefed.services.facts import Trouble
from kubefed.services.memory import UNSEEN_S, Memory, target_of
from kubefed.services.plan import Verb, Write
from kubefed.services.records import ServiceRecord
from kubefed.services.words import SERVICES
from tests.builders.services import a_service
from tests.fakes.clock import FakeClock, seeded

WEB, EU = ObjectKey("shop", "web"), ClusterName("eu")
WRITE = Write(EU, Verb.PATCH, SERVICES, WEB, {}, uid="uid")
TARGET = target_of(WRITE)


def a_memory() -> tuple[Memory, FakeClock]:
    clock = FakeClock()
    return Memory(clock, seeded()), clock


def at(version: int, uid: str = "uid") -> ServiceRecord:
    return msgspec.structs.replace(a_service(), resource_version=version, uid=uid)


def test_a_write_is_awaited_until_the_watch_has_brought_it() -> None:
    memory, _ = a_memory()
    memory.expect(WRITE, 7)
    assert memory.is_awaited(TARGET, None)
    assert memory.is_awaited(TARGET, at(6))
    assert not memory.is_awaited(TARGET, at(7))
    assert not memory.is_awaited(TARGET, at(6)), "once seen, it is forgotten"


def test_a_deletion_is_awaited_until_the_object_is_gone_or_another() -> None:
    memory, _ = a_memory()
    memory.expect(WRITE, None)
    assert memory.is_awaited(TARGET, at(9))
    assert not memory.is_awaited(TARGET, at(9, "another"))


def test_a_write_that_is_never_seen_is_not_awaited_for_ever() -> None:
    memory, clock = a_memory()
    memory.expect(WRITE, 7)
    clock.advance(UNSEEN_S)
    assert not memory.is_awaited(TARGET, None)


def test_refusals_are_told_and_silence_and_races_are_not() -> None:
    memory, _ = a_memory()
    for quiet in (Unreachable("PATCH", reason="ConnectionRefused"), Stale("PATCH", status=409), LeadershipLost()):
        memory.failed(WEB, TARGET, quiet)
        assert memory.troubles(WEB, EU) == ()
        memory.went_well(WEB, TARGET)
    memory.failed(WEB, TARGET, Forbidden("PATCH", status=403, reason="Forbidden"))
    assert memory.troubles(WEB, EU) == (Trouble("services", "403 Forbidden"),)
    memory.went_well(WEB, TARGET)
    assert memory.troubles(WEB, EU) == ()


def test_a_name_that_stays_taken_is_told_the_second_time() -> None:
    memory, _ = a_memory()
    taken = AlreadyExists("POST", status=409, reason="AlreadyExists")
    memory.failed(WEB, TARGET, taken)
    assert memory.troubles(WEB, EU) == ()
    memory.failed(WEB, TARGET, taken)
    assert memory.troubles(WEB, EU) == (Trouble("services", "409 AlreadyExists"),)


def test_the_field_that_a_server_refuses_is_remembered() -> None:
    memory, _ = a_memory()
    refusal = Rejected("POST", status=422, reason="Invalid", causes=(Cause("spec.ipFamilies[0]", "FieldValueInvalid"),))
    memory.failed(WEB, TARGET, refusal)
    (trouble,) = memory.troubles(WEB, EU)
    assert trouble.field == "spec.ipFamilies[0]"


def test_pauses_grow_and_end_with_success_or_a_change_of_the_cluster() -> None:
    memory, clock = a_memory()
    problem = Forbidden("PATCH", status=403)
    waits = [memory.failed(WEB, TARGET, problem) or 0.0 for _ in range(12)]
    assert waits[0] < 1.0 < waits[-1] <= 60.0
    assert memory.pause_s(WEB, TARGET) > 0
    clock.advance(61)
    assert memory.pause_s(WEB, TARGET) == 0
    memory.failed(WEB, TARGET, problem)
    memory.reconsider(EU)
    assert memory.pause_s(WEB, TARGET) == 0
    assert memory.troubles(WEB, EU) == ()
