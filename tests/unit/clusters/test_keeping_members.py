"""One member over its life: joining, ready, degraded, offline, malformed, and what its record says of it."""

import asyncio
import logging

import pytest

from kubefed.api.core_v1beta1 import Trust
from kubefed.clusters.credentials import SECRETS
from kubefed.core.names import ObjectKey
from tests.builders.clusters import SYSTEM, a_record, secret_manifest
from tests.fakes.apiserver import FakeApiServer, refuse, send, silence
from tests.fakes.loop import virtually
from tests.unit.clusters.a_federation import a_federation, answers_well, in_time

UNSERVED = "/apis/nobody.kubefed.io/v1/everything"


def test_a_member_that_answers_becomes_ready_and_its_record_says_what_it_is() -> None:
    async def story() -> None:
        async with FakeApiServer() as server, a_federation() as federation:
            answers_well(server, uid="uid-1")
            federation.join("eu", server)
            await federation.becomes("eu", "Ready")
            await in_time(lambda: federation.status("eu").get("region"), within_s=5)
            status = federation.status("eu")
            assert federation.conditions("eu") == {"Ready": "True"}
            assert (status["kubernetesVersion"], status["region"]) == ("v1.36.0", "west")
            assert status["details"]["uid"] == "uid-1"

    virtually(story())


def test_rights_without_a_limit_are_warned_of_under_compatible_trust_and_not_asked_about_under_strict() -> None:
    async def story(trust: Trust, status: int) -> tuple[list[str], int]:
        async with FakeApiServer() as server, a_federation(trust=trust) as federation:
            server.on("GET", UNSERVED, refuse(status, "NotFound" if status == 404 else "Forbidden"))
            federation.join("eu", answers_well(server))
            await federation.becomes("eu", "Ready")
            await in_time(lambda: federation.status("eu").get("region"), within_s=5)
            warnings = federation.status("eu")["details"].get("warnings", [])
            return [each["reason"] for each in warnings], len(server.seen("GET", UNSERVED))

    assert virtually(story(Trust.COMPATIBLE, 404)) == (["RightsUnlimited"], 1)
    assert virtually(story(Trust.COMPATIBLE, 403)) == ([], 1)
    assert virtually(story(Trust.STRICT, 404)) == ([], 0)


def test_three_failed_probes_make_a_member_offline_and_one_good_one_brings_it_back() -> None:
    async def story() -> None:
        async with FakeApiServer() as server, a_federation() as federation:
            federation.join("eu", answers_well(server))
            await federation.becomes("eu", "Ready")
            probes = len(server.seen("GET", "/healthz"))
            server.on("GET", "/healthz", refuse(500, "InternalError"))
            await federation.becomes("eu", "Offline")
            assert len(server.seen("GET", "/healthz")) >= probes + 3
            assert federation.conditions("eu") == {"Offline": "True"}
            assert "kubernetesVersion" not in federation.status("eu")
            server.on("GET", "/healthz", send(b"ok"))
            await federation.becomes("eu", "Ready", within_s=11)

    virtually(story())


def test_each_change_of_a_members_state_is_one_line_of_the_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="kubefed.clusters.keeper")

    async def story() -> None:
        async with FakeApiServer() as server, a_federation() as federation:
            federation.join("eu", answers_well(server))
            await federation.becomes("eu", "Ready")
            server.on("GET", "/healthz", refuse(500, "InternalError"))
            await federation.becomes("eu", "Offline")
            server.on("GET", "/healthz", send(b"ok"))
            await federation.becomes("eu", "Ready")

    virtually(story())
    said = [(record.levelname, record.getMessage(), record.__dict__["cluster"]) for record in caplog.records]
    ready = ("INFO", "cluster is Ready", "eu")
    assert said == [ready, ("WARNING", "cluster is Offline: HTTP 500", "eu"), ready]


def test_a_member_that_hangs_is_offline_within_forty_seconds() -> None:
    async def story() -> None:
        async with FakeApiServer() as server, a_federation() as federation:
            federation.join("eu", answers_well(server))
            await federation.becomes("eu", "Ready")
            server.on("GET", "/healthz", silence)
            await federation.becomes("eu", "Offline", within_s=40)
            assert federation.status("eu")["conditions"][0]["message"] == "cluster is not reachable: Timeout"

    virtually(story())


def test_a_member_that_is_reachable_and_not_healthy_is_degraded() -> None:
    async def story() -> None:
        async with FakeApiServer() as server, a_federation() as federation:
            answers_well(server).on("GET", "/healthz", send(b"not yet"))
            federation.join("eu", server)
            await federation.becomes("eu", "Degraded")
            assert federation.conditions("eu") == {"Ready": "False", "Offline": "False"}

    virtually(story())


def test_expired_credentials_are_told_within_fifteen_seconds_and_a_rotated_secret_within_ten() -> None:
    async def story() -> None:
        async with FakeApiServer() as server, a_federation() as federation:
            federation.join("eu", answers_well(server))
            await federation.becomes("eu", "Ready")
            server.on("GET", "/healthz", refuse(401, "Unauthorized"))
            await federation.becomes("eu", "Offline", within_s=15)
            assert federation.told("eu") == "CredentialsRejected"
            server.on("GET", "/healthz", send(b"ok"))
            federation.secrets.put(secret_manifest({"token": "rotated"}, "eu"))
            await federation.becomes("eu", "Ready", within_s=10)
            assert server.seen("GET", "/healthz")[-1].headers["Authorization"] == "Bearer rotated"

    virtually(story())


def test_an_unchanged_status_is_written_every_five_minutes_and_not_at_every_probe() -> None:
    async def story() -> None:
        async with FakeApiServer() as server, a_federation() as federation:
            federation.join("eu", answers_well(server))
            await federation.becomes("eu", "Ready")
            await in_time(lambda: federation.status("eu").get("region"), within_s=5)
            written, probed = federation.status_writes("eu"), len(server.seen("GET", "/healthz"))
            await asyncio.sleep(290)
            assert federation.status_writes("eu") == written
            assert len(server.seen("GET", "/healthz")) >= probed + 29
            await asyncio.sleep(30)
            assert federation.status_writes("eu") == written + 1

    virtually(story())


def test_a_status_that_somebody_else_wrote_is_put_right_with_the_next_probe() -> None:
    async def story() -> None:
        async with FakeApiServer() as server, a_federation() as federation:
            federation.join("eu", answers_well(server))
            await federation.becomes("eu", "Ready")
            record = federation.records.get("eu", SYSTEM)
            federation.records.put({**record, "status": {"conditions": []}})
            await in_time(lambda: federation.conditions("eu") == {"Ready": "True"}, within_s=11)

    virtually(story())


def test_a_host_that_was_set_back_in_time_gets_statuses_again() -> None:
    """What we remember to have written is newer than all that this host knows: only reading again helps."""

    async def story() -> None:
        async with FakeApiServer() as server, a_federation(probe_period_s=100.0) as federation:
            federation.join("eu", answers_well(server))
            await federation.becomes("eu", "Ready")
            await in_time(lambda: federation.status("eu").get("region"), within_s=5)
            record = federation.records.get("eu", SYSTEM)
            record["metadata"]["resourceVersion"] = "7"
            del record["status"]
            await in_time(lambda: federation.conditions("eu") == {"Ready": "True"}, within_s=500)

    virtually(story())


# --- records and Secrets that cannot be used --------------------------------------------------------------------


def test_a_record_that_makes_no_sense_is_malformed_and_says_which_field() -> None:
    async def story() -> None:
        async with a_federation() as federation:
            federation.records.put(a_record().with_spec(apiEndpoint=None).manifest())
            await federation.becomes("eu", "Malformed")
            assert federation.conditions("eu") == {"ConfigMalformed": "True"}
            assert "spec.apiEndpoint" in federation.told("eu")

    virtually(story())


def test_a_ca_bundle_without_certificate_is_malformed_until_it_is_mended() -> None:
    async def story() -> None:
        async with FakeApiServer() as server, a_federation() as federation:
            federation.join("eu", answers_well(server))
            good = federation.records.get("eu", SYSTEM)
            federation.records.put(a_record().at(server.connection.server, "no certificate").manifest())
            await federation.becomes("eu", "Malformed")
            assert "PEM certificate" in federation.told("eu")
            federation.records.put(good)
            await federation.becomes("eu", "Ready", within_s=11)

    virtually(story())


def test_a_missing_secret_is_malformed_and_a_new_one_is_noticed_at_once() -> None:
    async def story() -> None:
        async with FakeApiServer() as server, a_federation() as federation:
            record = a_record().at(server.connection.server, server.authority.ca_pem).with_secret("later")
            answers_well(server)
            federation.records.put(record.manifest())
            await federation.becomes("eu", "Malformed")
            assert "Secret later does not exist" in federation.told("eu")
            federation.secrets.put(secret_manifest({"token": "t"}, "later"))
            await federation.becomes("eu", "Ready", within_s=5)

    virtually(story())


def test_a_deleted_secret_closes_the_connection() -> None:
    async def story() -> None:
        async with FakeApiServer() as server, a_federation() as federation:
            federation.join("eu", answers_well(server))
            await federation.becomes("eu", "Ready")
            federation.secrets.drop("eu", SYSTEM)
            await federation.becomes("eu", "Malformed", within_s=5)
            probes = len(server.seen("GET", "/healthz"))
            await asyncio.sleep(60)
            assert len(server.seen("GET", "/healthz")) == probes

    virtually(story())


def test_a_record_that_names_another_secret_uses_that_one() -> None:
    async def story() -> None:
        async with FakeApiServer() as server, a_federation() as federation:
            federation.join("eu", answers_well(server))
            await federation.becomes("eu", "Ready")
            federation.secrets.put(secret_manifest({"token": "second"}, "another"))
            record = a_record().at(server.connection.server, server.authority.ca_pem).with_secret("another")
            federation.records.put(record.manifest())
            await in_time(
                lambda: server.seen("GET", "/healthz")[-1].headers["Authorization"] == "Bearer second", within_s=20
            )

    virtually(story())


def test_secrets_that_may_not_be_read_are_said_so_and_nothing_is_concluded_from_their_absence() -> None:
    async def story() -> None:
        async with FakeApiServer() as server, a_federation() as federation:
            federation.host.on("GET", SECRETS.collection_path(SYSTEM), refuse(403, "Forbidden"))
            federation.join("eu", answers_well(server))
            await federation.becomes("eu", "Malformed")
            assert federation.told("eu") == "Secret eu cannot be read: 403 Forbidden"

    virtually(story())


def test_a_secret_that_was_read_is_used_while_it_cannot_be_read_again() -> None:
    async def story() -> None:
        async with FakeApiServer() as server, a_federation() as federation:
            federation.join("eu", answers_well(server))
            await federation.becomes("eu", "Ready")
            federation.host.on("GET", SECRETS.collection_path(SYSTEM), refuse(403, "Forbidden"))
            federation.host.on("WATCH", SECRETS.collection_path(SYSTEM), refuse(403, "Forbidden"))
            await asyncio.sleep(200)
            assert federation.state("eu") == "Ready"

    virtually(story())


def test_only_the_named_secret_is_ever_asked_for() -> None:
    async def story() -> None:
        async with FakeApiServer() as server, a_federation() as federation:
            federation.join("eu", answers_well(server))
            await federation.becomes("eu", "Ready")
            asked = [request for request in federation.host.requests if "/secrets" in request.path]
            assert asked
            assert {request.query["fieldSelector"] for request in asked} == {"metadata.name=eu"}

    virtually(story())


def test_the_token_goes_to_the_member_and_to_nobody_else() -> None:
    async def story() -> None:
        async with FakeApiServer() as server, a_federation() as federation:
            federation.join("eu", answers_well(server), token="only-for-eu")  # noqa: S106 - it opens nothing
            await federation.becomes("eu", "Ready")
            assert all("only-for-eu" not in str(request.headers) for request in federation.host.requests)
            assert "only-for-eu" not in str(federation.records.objects[ObjectKey(SYSTEM, "eu")])

    virtually(story())
