"""Members come, go, are swapped and fail: each for itself, and what features hear of it."""

import asyncio
from datetime import timedelta

from kubefed.clusters.record import KUBEFED_CLUSTERS
from kubefed.clusters.survey import NAMESPACES
from kubefed.core.names import ClusterName, ObjectKey
from kubefed.kube.reflector import Selection
from tests.builders.clusters import HOST_UID, SYSTEM, a_record, a_token, base64_of, secret_manifest
from tests.builders.served import Served
from tests.fakes.apiserver import FakeApiServer, html, refuse, reset_done, send, silence
from tests.fakes.loop import virtually
from tests.fakes.objects import CONFIG_MAPS, CONFIG_MAPS_PATH, config_map, page
from tests.unit.clusters.a_federation import KUBE_SYSTEM, NODES, Ear, Federation, a_federation, answers_well, in_time

COPIES = Selection(CONFIG_MAPS, metadata_only=True)
A = ObjectKey("shop", "a")


# --- one member's failure is its own ----------------------------------------------------------------------------


def test_a_member_that_hangs_from_the_start_delays_no_other() -> None:
    async def story() -> None:
        async with FakeApiServer() as dead, FakeApiServer() as well, a_federation() as federation:
            for path in ("/healthz", "/version", KUBE_SYSTEM, NODES, CONFIG_MAPS_PATH):
                dead.on("GET", path, silence)
            answers_well(well)
            Served(well, CONFIG_MAPS).put(config_map("a"))
            federation.registry.follow(COPIES, Ear())
            federation.join("dead", dead)
            federation.join("well", well)
            await in_time(lambda: "well" in federation.registry.members, within_s=1)
            await in_time(lambda: federation.member("well").ready and federation.member("well").knows(COPIES), within_s=1)
            assert federation.state("dead") == "Joining"

    virtually(story())


def test_a_record_that_makes_no_sense_keeps_no_other_from_being_read() -> None:
    async def story() -> None:
        async with FakeApiServer() as well, a_federation() as federation:
            federation.records.put(a_record("bad").manifest() | {"spec": {"apiEndpoint": 7}})
            federation.records.put(a_record("worse").manifest() | {"spec": None, "status": ["no", "status"]})
            federation.join("well", answers_well(well))
            await federation.becomes("well", "Ready", within_s=5)
            await federation.becomes("bad", "Malformed", within_s=5)
            await federation.becomes("worse", "Malformed", within_s=5)

    virtually(story())


def test_members_are_sorted_and_known_only_when_all_records_are() -> None:
    async def story() -> None:
        async with a_federation() as federation:
            assert not federation.registry.known
            for name in ("us", "asia", "eu"):
                federation.records.put(a_record(name).manifest())
            await in_time(lambda: len(federation.registry.members) == 3, within_s=2)
            assert list(federation.registry.members) == ["asia", "eu", "us"]
            assert federation.registry.known

    virtually(story())


def test_a_list_that_is_empty_by_mistake_is_doubted_and_read_again() -> None:
    async def story() -> None:
        async with FakeApiServer() as well, a_federation() as federation:
            path = KUBEFED_CLUSTERS.collection_path(SYSTEM)
            whole = federation.records._list
            federation.join("well", answers_well(well))
            federation.host.on("GET", path, send(page(version=10**6)), whole)
            federation.registry._reflector.relist()
            await in_time(lambda: not federation.registry.members, within_s=1)
            assert not federation.registry.known
            await federation.becomes("well", "Ready", within_s=5)
            assert federation.registry.known

    virtually(story())


def test_that_there_are_no_clusters_is_known_when_it_was_said_twice_and_asked_about_later() -> None:
    async def story() -> None:
        async with a_federation() as federation:
            path = KUBEFED_CLUSTERS.collection_path(SYSTEM)
            await asyncio.sleep(1)
            assert not federation.registry.known
            await in_time(lambda: federation.registry.known, within_s=3)
            lists = len(federation.host.seen("GET", path))
            await in_time(lambda: len(federation.host.seen("GET", path)) > lists, within_s=40)
            assert federation.registry.known

    virtually(story())


# --- coming and going -------------------------------------------------------------------------------------------


def test_a_record_that_goes_takes_its_member_along_and_touches_nothing_there() -> None:
    async def story() -> None:
        async with FakeApiServer() as server, a_federation() as federation:
            ear = Ear()
            federation.registry.follow(COPIES, ear)
            federation.join("eu", answers_well(server))
            await federation.becomes("eu", "Ready")
            client = federation.member("eu").client
            ear.clusters.clear()
            federation.records.drop("eu", SYSTEM)
            await in_time(lambda: not federation.registry.members, within_s=2)
            assert ear.clusters == ["eu"]
            await in_time(lambda: client._session.closed, within_s=2)
            probes = len(server.requests)
            await asyncio.sleep(60)
            assert len(server.requests) == probes
            assert {request.verb for request in server.requests} <= {"GET", "WATCH"}

    virtually(story())


def test_a_member_that_is_registered_again_starts_anew() -> None:
    async def story() -> None:
        async with FakeApiServer() as server, a_federation() as federation:
            federation.join("eu", answers_well(server))
            await federation.becomes("eu", "Ready")
            first = federation.member("eu")
            federation.records.drop("eu", SYSTEM)
            federation.join("eu", server)
            await in_time(lambda: "eu" in federation.registry.members and federation.member("eu") is not first, within_s=2)
            await federation.becomes("eu", "Ready")

    virtually(story())


def test_labels_are_taken_over_at_once_and_told() -> None:
    async def story() -> None:
        async with a_federation() as federation:
            ear = Ear()
            federation.registry.follow(COPIES, ear)
            federation.records.put(a_record().labelled(tier="test").manifest())
            await in_time(lambda: federation.registry.members, within_s=2)
            assert federation.member("eu").labels == {"tier": "test"}
            ear.clusters.clear()
            federation.records.put(a_record().labelled(tier="prod").manifest())
            await in_time(lambda: federation.member("eu").labels == {"tier": "prod"}, within_s=2)
            assert ear.clusters == ["eu"]

    virtually(story())


def test_labels_count_even_while_the_rest_of_the_record_makes_no_sense() -> None:
    async def story() -> None:
        async with a_federation() as federation:
            federation.records.put(a_record().with_spec(apiEndpoint=None).labelled(tier="prod").manifest())
            await in_time(lambda: federation.registry.members, within_s=2)
            assert federation.member("eu").labels == {"tier": "prod"}

    virtually(story())


def test_labels_too_large_to_be_read_leave_the_known_ones_in_force() -> None:
    """Were they taken for none, every selector would let go of the cluster, and its copies would be deleted."""

    async def story() -> None:
        async with a_federation() as federation:
            federation.records.put(a_record().labelled(tier="prod").manifest())
            await in_time(lambda: federation.registry.members, within_s=2)
            many = {f"label-{number}": "x" * 60 for number in range(100)}
            federation.records.put(a_record().labelled(tier="prod", **many).manifest())
            await in_time(lambda: "labels are larger" in federation.told("eu"), within_s=5)
            assert federation.member("eu").labels == {"tier": "prod"}

    virtually(story())


def test_a_loss_is_told_only_when_it_lasts_and_a_return_at_once() -> None:
    async def story() -> None:
        async with FakeApiServer() as server, a_federation(unavailable_delay_s=60.0) as federation:
            ear = Ear()
            federation.registry.follow(COPIES, ear)
            Served(server, CONFIG_MAPS)
            federation.join("eu", answers_well(server))
            await federation.becomes("eu", "Ready")
            await in_time(lambda: federation.member("eu").knows(COPIES), within_s=2)
            server.on("GET", "/healthz", refuse(500, "InternalError"))
            ear.clusters.clear()
            await federation.becomes("eu", "Offline")
            assert not federation.member("eu").ready
            await asyncio.sleep(50)
            assert ear.clusters == []
            await in_time(lambda: ear.clusters == ["eu"], within_s=12)
            server.on("GET", "/healthz", send(b"ok"))
            await federation.becomes("eu", "Ready")
            assert ear.clusters == ["eu", "eu"]

    virtually(story())


def test_a_short_loss_is_told_to_nobody_but_its_end() -> None:
    async def story() -> None:
        async with FakeApiServer() as server, a_federation() as federation:
            ear = Ear()
            federation.registry.follow(COPIES, ear)
            Served(server, CONFIG_MAPS)
            federation.join("eu", answers_well(server))
            await federation.becomes("eu", "Ready")
            await in_time(lambda: federation.member("eu").knows(COPIES), within_s=2)
            server.on("GET", "/healthz", refuse(500, "InternalError"))
            ear.clusters.clear()
            await federation.becomes("eu", "Offline")
            server.on("GET", "/healthz", send(b"ok"))
            await federation.becomes("eu", "Ready")
            await asyncio.sleep(120)
            assert ear.clusters == ["eu"]

    virtually(story())


def test_a_suspicion_has_the_member_probed_at_once() -> None:
    async def story() -> None:
        async with FakeApiServer() as server, a_federation(probe_period_s=1000.0) as federation:
            federation.join("eu", answers_well(server))
            await federation.becomes("eu", "Ready")
            await asyncio.sleep(5)
            probes = len(server.seen("GET", "/healthz"))
            federation.registry.suspect(ClusterName("eu"))
            federation.registry.suspect(ClusterName("nobody"))
            await in_time(lambda: len(server.seen("GET", "/healthz")) == probes + 1, within_s=2)

    virtually(story())


# --- following objects ------------------------------------------------------------------------------------------


def test_copies_are_followed_in_members_that_are_there_and_in_those_to_come() -> None:
    async def story() -> None:
        async with FakeApiServer() as first, FakeApiServer() as second, a_federation() as federation:
            ear = Ear()
            for server in (first, second):
                Served(answers_well(server), CONFIG_MAPS).put(config_map("a"))
            federation.join("eu", first)
            await federation.becomes("eu", "Ready")
            federation.registry.follow(COPIES, ear)
            federation.join("us", second)
            await in_time(lambda: len(ear.copies) == 2, within_s=5)
            assert sorted(ear.copies) == [("eu", A, True), ("us", A, True)]

    virtually(story())


def test_what_nobody_follows_any_more_is_not_watched_and_not_known() -> None:
    async def story() -> None:
        async with FakeApiServer() as server, a_federation() as federation:
            one, other = Ear(), Ear()
            Served(answers_well(server), CONFIG_MAPS).put(config_map("a"))
            federation.registry.follow(COPIES, one)
            federation.registry.follow(COPIES, other)
            federation.join("eu", server)
            await federation.becomes("eu", "Ready")
            federation.registry.unfollow(COPIES, one)
            assert federation.member("eu").knows(COPIES)
            federation.registry.unfollow(COPIES, other)
            assert not federation.member("eu").knows(COPIES)
            assert federation.member("eu").copy_of(COPIES, A) is None
            lists = len(server.seen("GET", CONFIG_MAPS_PATH))
            await asyncio.sleep(100)
            assert len(server.seen("GET", CONFIG_MAPS_PATH)) == lists

    virtually(story())


def test_a_type_that_a_member_does_not_serve_is_unknown_there_and_said_so() -> None:
    async def story() -> None:
        async with FakeApiServer() as server, a_federation() as federation:
            federation.registry.follow(COPIES, Ear())
            server.on("GET", CONFIG_MAPS_PATH, refuse(404, ""))
            federation.join("eu", answers_well(server))
            await federation.becomes("eu", "Ready")
            collection = federation.member("eu").collections[COPIES]
            await in_time(lambda: collection.trouble, within_s=5)
            assert collection.trouble == "the cluster does not serve this resource type"
            assert not collection.known

    virtually(story())


# --- another cluster behind the same name -----------------------------------------------------------------------


async def holding_a_copy(federation: Federation, server: FakeApiServer, *, uid: str) -> Served:
    copies = Served(answers_well(server, uid=uid), CONFIG_MAPS)
    copies.put(config_map("a"))
    federation.registry.follow(COPIES, Ear())
    federation.join("eu", server)
    await federation.becomes("eu", "Ready")
    await in_time(lambda: federation.member("eu").copy_of(COPIES, A), within_s=5)
    return copies


def test_a_record_that_points_elsewhere_forgets_what_the_old_cluster_held() -> None:
    async def story() -> None:
        async with FakeApiServer() as old, FakeApiServer() as new, a_federation() as federation:
            await holding_a_copy(federation, old, uid="uid-old")
            answers_well(new, uid="uid-new").on("GET", CONFIG_MAPS_PATH, silence)
            federation.records.put(a_record().at(new.connection.server, new.authority.ca_pem).manifest())
            await in_time(lambda: new.seen("GET", CONFIG_MAPS_PATH), within_s=20)
            assert federation.member("eu").copy_of(COPIES, A) is None
            assert not federation.member("eu").knows(COPIES)
            await in_time(lambda: federation.status("eu")["details"].get("uid") == "uid-new", within_s=20)

    virtually(story())


def test_an_answer_of_the_old_cluster_that_comes_late_is_not_taken_for_one_of_the_new() -> None:
    """Its resourceVersion may be higher than any of the new cluster's, and would never give way to the truth."""

    async def story() -> None:
        async with FakeApiServer() as old, FakeApiServer() as new, a_federation() as federation:
            await holding_a_copy(federation, old, uid="uid-old")
            member = federation.member("eu")
            store, late = member.store_of(COPIES), member.copy_of(COPIES, A)
            assert store is not None
            assert late is not None
            new.on("GET", CONFIG_MAPS_PATH, send({"metadata": {"resourceVersion": "5"}, "items": []}))
            new.stream(CONFIG_MAPS_PATH)
            federation.records.put(a_record().at(answers_well(new).connection.server, new.authority.ca_pem).manifest())
            await in_time(lambda: new.seen("GET", CONFIG_MAPS_PATH), within_s=20)
            store.apply(late)
            await in_time(lambda: member.knows(COPIES), within_s=5)
            assert member.copy_of(COPIES, A) is None

    virtually(story())


def test_a_cluster_that_was_built_anew_at_the_same_address_is_noticed_by_its_uid() -> None:
    async def story() -> None:
        async with FakeApiServer() as server, a_federation(probe_period_s=100.0) as federation:
            await holding_a_copy(federation, server, uid="uid-old")
            await in_time(lambda: federation.status("eu")["details"].get("uid") == "uid-old", within_s=5)
            lists = len(server.seen("GET", CONFIG_MAPS_PATH))
            server.on("GET", CONFIG_MAPS_PATH, send({"metadata": {"resourceVersion": "5"}, "items": []}))
            server.on("GET", KUBE_SYSTEM, send({"metadata": {"name": "kube-system", "uid": "uid-new"}}))
            await in_time(lambda: federation.status("eu")["details"]["uid"] == "uid-new", within_s=320)
            await in_time(lambda: len(server.seen("GET", CONFIG_MAPS_PATH)) > lists, within_s=5)
            assert federation.member("eu").copy_of(COPIES, A) is None

    virtually(story())


def test_a_uid_found_by_an_earlier_process_is_compared_with_the_one_found_now() -> None:
    async def story() -> None:
        async with FakeApiServer() as server, a_federation() as federation:
            ear = Ear()
            federation.registry.follow(COPIES, ear)
            Served(answers_well(server, uid="uid-new"), CONFIG_MAPS).put(config_map("a"))
            federation.secrets.put(secret_manifest({"token": "t"}, "eu"))
            before = a_record().at(server.connection.server, server.authority.ca_pem)
            federation.records.put(before.with_status({"details": {"uid": "uid-old"}}).manifest())
            await in_time(lambda: federation.status("eu")["details"]["uid"] == "uid-new", within_s=20)
            await in_time(lambda: federation.member("eu").copy_of(COPIES, A), within_s=20)

    virtually(story())


def test_what_a_member_cannot_tell_now_is_not_forgotten() -> None:
    async def story() -> None:
        async with FakeApiServer() as server, a_federation(probe_period_s=100.0) as federation:
            federation.join("eu", answers_well(server, uid="uid-1"))
            await joined(federation)
            for path in (KUBE_SYSTEM, NODES):
                server.on("GET", path, refuse(429, "TooManyRequests"))
            server.on("GET", "/version", refuse(503, "ServiceUnavailable"))
            await asyncio.sleep(320)
            status = federation.status("eu")
            assert (status["details"]["uid"], status["region"], status["kubernetesVersion"]) == ("uid-1", "west", "v1.36.0")

    virtually(story())


async def joined(federation: Federation) -> None:
    """The member `eu` is ready and has been surveyed."""
    await federation.becomes("eu", "Ready")
    await in_time(lambda: federation.status("eu").get("region"), within_s=5)


def test_what_the_credentials_may_not_read_stays_unsaid_and_harms_nothing() -> None:
    async def story() -> None:
        async with FakeApiServer() as server, a_federation() as federation:
            answers_well(server)
            for path in ("/version", KUBE_SYSTEM, NODES):
                server.on("GET", path, refuse(403, "Forbidden"))
            federation.join("eu", server)
            await federation.becomes("eu", "Ready")
            await asyncio.sleep(20)
            assert not {"region", "zones", "kubernetesVersion"} & set(federation.status("eu"))

    virtually(story())


def test_nodes_that_cannot_be_read_are_not_counted() -> None:
    async def story() -> None:
        async with FakeApiServer() as server, a_federation() as federation:
            good = {"metadata": {"name": "n", "labels": {"topology.kubernetes.io/region": "east"}}}
            bad = {"metadata": {"name": "m", "labels": {"topology.kubernetes.io/region": ["east"]}}}
            answers_well(server).on("GET", NODES, send({"metadata": {"resourceVersion": "1"}, "items": [bad, good, 7]}))
            federation.join("eu", server)
            await joined(federation)
            assert federation.status("eu")["region"] == "east"

    virtually(story())


def test_a_member_that_talks_nonsense_is_kept_as_far_as_it_goes() -> None:
    async def story() -> None:
        async with FakeApiServer() as server, a_federation() as federation:
            answers_well(server)
            for path in ("/version", KUBE_SYSTEM, NODES, CONFIG_MAPS_PATH):
                server.on("GET", path, html())
            federation.registry.follow(COPIES, Ear())
            federation.join("eu", server)
            await federation.becomes("eu", "Ready")
            await asyncio.sleep(30)
            assert not federation.member("eu").knows(COPIES)

    virtually(story())


def test_the_host_itself_is_recognised_among_its_members() -> None:
    async def story() -> None:
        async with FakeApiServer() as server, FakeApiServer() as other, a_federation() as federation:
            federation.join("home", answers_well(server, uid=HOST_UID))
            federation.join("eu", answers_well(other))
            await federation.becomes("home", "Ready")
            await joined(federation)
            await in_time(lambda: federation.member("home").is_host, within_s=5)
            assert not federation.member("eu").is_host

    virtually(story())


# --- renewal ----------------------------------------------------------------------------------------------------

TOKENS = "/api/v1/namespaces/fed/serviceaccounts/eu-kubefed/token"


async def with_a_short_token(federation: Federation, server: FakeApiServer) -> str:
    now = federation.clock.now()
    token = a_token(now, now + timedelta(hours=1))
    federation.join("eu", answers_well(server), token=token)
    await federation.becomes("eu", "Ready")
    return token


def test_a_short_lived_token_is_renewed_between_half_and_four_fifths_of_its_life() -> None:
    async def story() -> None:
        async with FakeApiServer() as server, a_federation(probe_period_s=200.0) as federation:
            old = await with_a_short_token(federation, server)
            now = federation.clock.now()
            new = a_token(now, now + timedelta(hours=10))
            server.on("POST", TOKENS, send({"status": {"token": new}}, status=201))
            assert federation.status("eu")["details"]["tokenExpiresAt"]
            await asyncio.sleep(0.5 * 3600 - 60)
            assert not server.seen("POST")
            await asyncio.sleep(0.3 * 3600 + 120)
            (asked,) = server.seen("POST", TOKENS)
            assert b'"expirationSeconds":3600' in asked.body
            assert asked.headers["Authorization"] == f"Bearer {old}"
            assert federation.secrets.get("eu", SYSTEM)["data"]["token"] == base64_of(new)
            await in_time(
                lambda: server.seen("GET", "/healthz")[-1].headers["Authorization"] == f"Bearer {new}", within_s=15
            )
            assert federation.state("eu") == "Ready"

    virtually(story())


def test_a_renewal_that_fails_is_tried_again_each_minute_and_keeps_the_old_token() -> None:
    async def story() -> None:
        async with FakeApiServer() as server, a_federation(probe_period_s=200.0) as federation:
            old = await with_a_short_token(federation, server)
            answers = refuse(500, "InternalError"), html(), send({"status": {}}), send([]), send({"status": {"token": ""}})
            server.on("POST", TOKENS, *answers)
            await asyncio.sleep(0.8 * 3600 + 330)
            assert 5 <= len(server.seen("POST", TOKENS)) <= 30
            assert federation.secrets.get("eu", SYSTEM)["data"]["token"] == base64_of(old)
            assert federation.state("eu") == "Ready"

    virtually(story())


def test_an_annotation_that_somebody_put_on_the_secret_survives_its_renewal() -> None:
    async def story() -> None:
        async with FakeApiServer() as server, a_federation(probe_period_s=200.0) as federation:
            old = await with_a_short_token(federation, server)
            now = federation.clock.now()
            new = a_token(now, now + timedelta(hours=10))
            server.on("POST", TOKENS, send({"status": {"token": new}}, status=201))
            federation.secrets.put(secret_manifest({"token": old}, "eu", annotations={"note": "kept"}))
            await asyncio.sleep(3600)
            secret = federation.secrets.get("eu", SYSTEM)
            assert secret["data"]["token"] == base64_of(new)
            assert secret["metadata"]["annotations"] == {"note": "kept"}

    virtually(story())


def test_a_kubeconfig_is_not_renewed_for_its_owner() -> None:
    """A token beside a kubeconfig is used by nobody: asking for one would be repeated each minute for ever."""

    async def story() -> None:
        async with FakeApiServer() as server, a_federation(probe_period_s=200.0) as federation:
            now = federation.clock.now()
            text = (
                "current-context: c\ncontexts: [{name: c, context: {cluster: c, user: u}}]\n"
                f"clusters: [{{name: c, cluster: {{server: '{server.connection.server}',"
                f" certificate-authority-data: {base64_of(server.authority.ca_pem)}}}}}]\n"
                f"users: [{{name: u, user: {{token: {a_token(now, now + timedelta(hours=1))}}}}}]\n"
            )
            federation.secrets.put(secret_manifest({"kubeconfig": text}, "eu"))
            record = a_record().at(answers_well(server).connection.server, server.authority.ca_pem)
            federation.records.put(record.manifest())
            await federation.becomes("eu", "Ready")
            await asyncio.sleep(3600)
            assert not server.seen("POST")
            assert federation.secrets.writes == []

    virtually(story())


def test_an_opaque_token_is_left_alone() -> None:
    async def story() -> None:
        async with FakeApiServer() as server, a_federation(probe_period_s=200.0) as federation:
            federation.join("eu", answers_well(server))
            await federation.becomes("eu", "Ready")
            await asyncio.sleep(3600)
            assert not server.seen("POST")

    virtually(story())


# --- reading records again --------------------------------------------------------------------------------------


def test_a_record_that_is_read_again_brings_its_labels_of_the_moment() -> None:
    async def story() -> None:
        async with a_federation() as federation:
            federation.records.put(a_record().labelled(tier="test").manifest())
            await in_time(lambda: federation.registry.members, within_s=2)
            path = KUBEFED_CLUSTERS.object_path(ObjectKey(SYSTEM, "eu"))
            newer = a_record().labelled(tier="prod").in_version(10**9)
            federation.host.on("GET", path, send(newer.manifest()))
            await federation.registry.read_again(ClusterName("eu"))
            assert federation.member("eu").labels == {"tier": "prod"}

    virtually(story())


def test_a_record_that_is_gone_when_read_again_is_gone_and_an_unserved_type_is_not() -> None:
    async def story() -> None:
        async with a_federation() as federation:
            for name in ("eu", "us"):
                federation.records.put(a_record(name).manifest())
            await in_time(lambda: len(federation.registry.members) == 2, within_s=2)
            for name, reason in (("eu", "NotFound"), ("us", "")):
                path = KUBEFED_CLUSTERS.object_path(ObjectKey(SYSTEM, name))
                federation.host.on("GET", path, refuse(404, reason))
                (outcome,) = await asyncio.gather(federation.registry.read_again(ClusterName(name)), return_exceptions=True)
                assert (outcome is None) is (reason == "NotFound")
            assert list(federation.registry.members) == ["us"]

    virtually(story())


def test_a_host_that_breaks_off_leaves_all_members_as_they_are() -> None:
    async def story() -> None:
        async with FakeApiServer() as server, a_federation() as federation:
            federation.join("eu", answers_well(server))
            await federation.becomes("eu", "Ready")
            path = KUBEFED_CLUSTERS.collection_path(SYSTEM)
            federation.host.on("WATCH", path, reset_done)
            federation.host.on("GET", path, reset_done)
            await asyncio.sleep(120)
            assert federation.state("eu") == "Ready"

    virtually(story())


def test_the_uid_is_that_of_the_namespace_that_no_cluster_can_lose() -> None:
    assert NAMESPACES.object_path(ObjectKey("", "kube-system")) == KUBE_SYSTEM
