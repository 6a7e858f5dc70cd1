"""The controller against fake members, for what no real one can be made to do."""

import asyncio

from kubefed.core.catalogue import ImportType
from kubefed.core.names import ClusterName, ObjectKey
from kubefed.services.words import EXPORTS, OF_IMPORT, OF_SERVICE, SLICES
from tests.builders.clusters import SYSTEM
from tests.fakes.apiserver import html, refuse, send
from tests.fakes.loop import virtually
from tests.fakes.objects import page
from tests.unit.clusters.a_federation import in_time
from tests.unit.services.a_clusterset import WEB, a_clusterset

EU, US = ClusterName("eu"), ClusterName("us")


def test_an_export_comes_to_all_members_and_into_the_catalogue() -> None:
    async def story() -> None:
        async with a_clusterset() as clusters:
            catalogue, heard = clusters.controller.catalogue, list[ObjectKey]()
            catalogue.on_change(heard.append)
            assert not catalogue.complete
            clusters.eu.publish("198.18.1.1", "198.18.1.2")
            await in_time(lambda: clusters.us.carried() == {"198.18.1.1", "198.18.1.2"}, within_s=20)
            await in_time(lambda: clusters.eu.condition("Ready") == ("True", "Exported"), within_s=20)
            await in_time(lambda: catalogue.complete, within_s=20)
            service = catalogue.services()[WEB]
            assert service.type is ImportType.HEADLESS
            assert [source.cluster for source in service.sources] == [EU]
            assert [each.address for each in service.sources[0].endpoints] == ["198.18.1.1", "198.18.1.2"]
            assert service.sources[0].endpoints[0].ports == (("http", 8080),)
            assert set(heard) == {WEB}

    virtually(story())


def test_nothing_but_exports_and_imports_is_watched_until_something_is_exported() -> None:
    async def story() -> None:
        async with a_clusterset() as clusters:
            await in_time(lambda: clusters.controller.catalogue.complete, within_s=30)
            assert not clusters.us.server.seen("GET", SLICES.collection_path())
            clusters.eu.publish("198.18.1.1")
            await in_time(clusters.imported, within_s=20)

    virtually(story())


def test_an_export_that_the_watch_says_is_gone_and_the_server_still_has_stays_published() -> None:
    async def story() -> None:
        async with a_clusterset() as clusters:
            clusters.eu.publish("198.18.1.1")
            await in_time(lambda: clusters.us.carried() == {"198.18.1.1"}, within_s=20)
            await in_time(lambda: clusters.eu.condition("Ready") is not None, within_s=20)
            stored = clusters.eu.exports.get("web", "shop")
            clusters.eu.exports.drop("web", "shop")
            clusters.eu.server.on("GET", EXPORTS.object_path(WEB), send(stored))
            await asyncio.sleep(60)
            assert clusters.imported()
            assert clusters.us.carried() == {"198.18.1.1"}
            clusters.eu.server.on("GET", EXPORTS.object_path(WEB), refuse(403, "Forbidden"))
            await asyncio.sleep(60)
            assert clusters.imported()
            clusters.eu.server.on("GET", EXPORTS.object_path(WEB), refuse(404, "NotFound"))
            await in_time(lambda: not clusters.eu.imports.objects and not clusters.us.imports.objects, within_s=60)
            await in_time(lambda: clusters.us.carried() == set(), within_s=20)
            assert clusters.controller.catalogue.services() == {}

    virtually(story())


def test_an_export_whose_kind_is_not_served_any_more_stays_published() -> None:
    async def story() -> None:
        async with a_clusterset() as clusters:
            clusters.eu.publish("198.18.1.1")
            await in_time(lambda: clusters.us.carried() == {"198.18.1.1"}, within_s=20)
            await in_time(lambda: clusters.eu.condition("Ready") is not None, within_s=20)
            clusters.eu.exports.drop("web", "shop")
            for path in (EXPORTS.object_path(WEB), EXPORTS.collection_path()):
                clusters.eu.server.on("GET", path, html(404))
            await asyncio.sleep(60)
            assert clusters.us.carried() == {"198.18.1.1"}
            assert clusters.imported()

    virtually(story())


def test_what_another_implementation_imported_is_not_exported_again() -> None:
    async def story() -> None:
        async with a_clusterset() as clusters:
            theirs = {"namespace": "shop", "name": "theirs", "labels": {OF_SERVICE: "x", OF_IMPORT: "web"}}
            endpoints = [{"addresses": ["198.18.66.6"], "conditions": {"ready": True}}]
            ports = [{"name": "http", "port": 8080, "protocol": "TCP"}]
            clusters.eu.slices.put({"metadata": theirs, "addressType": "IPv4", "ports": ports, "endpoints": endpoints})
            clusters.eu.publish("198.18.1.1")
            await in_time(lambda: clusters.us.carried() == {"198.18.1.1"}, within_s=20)
            await asyncio.sleep(10)
            assert clusters.us.carried() == {"198.18.1.1"}
            assert "theirs" in {key.name for key in clusters.eu.slices.objects}

    virtually(story())


def test_slices_that_vanish_from_the_watch_are_kept_until_the_server_says_so() -> None:
    async def story() -> None:
        async with a_clusterset() as clusters:
            clusters.eu.publish("198.18.1.1")
            await in_time(lambda: clusters.us.carried() == {"198.18.1.1"}, within_s=20)
            stored = clusters.eu.slices.get("web-1", "shop")
            path = SLICES.collection_path("shop")
            clusters.eu.server.on("GET", path, send(page(stored)))
            clusters.eu.slices.drop("web-1", "shop")
            await asyncio.sleep(30)
            assert clusters.us.carried() == {"198.18.1.1"}
            clusters.eu.server.on("GET", path, send(page()))
            await in_time(lambda: clusters.us.carried() == set(), within_s=30)

    virtually(story())


def test_a_standby_knows_everything_and_writes_nothing() -> None:
    async def story() -> None:
        async with a_clusterset(leads=False) as clusters:
            clusters.eu.publish("198.18.1.1")
            await in_time(lambda: WEB in clusters.controller.catalogue.services(), within_s=20)
            await asyncio.sleep(30)
            assert clusters.eu.writes() == clusters.us.writes() == 0
            clusters.leading.set()
            await in_time(lambda: clusters.us.carried() == {"198.18.1.1"}, within_s=20)

    virtually(story())


def test_hostile_endpoints_of_one_member_reach_no_other() -> None:
    async def story() -> None:
        async with a_clusterset() as clusters:
            clusters.eu.publish("127.0.0.1", "169.254.169.254", "198.18.1.1", "999.1.1.1", "")
            await in_time(lambda: clusters.us.carried() == {"198.18.1.1"}, within_s=20)
            await in_time(lambda: clusters.eu.condition("Ready") == ("True", "Exported"), within_s=20)
            told = clusters.eu.message("Ready")
            assert "1 endpoints are not exported: a loopback address" in told
            assert "2 endpoints are not exported: no IP address" in told
            clusters.eu.run("127.0.0.1")
            await in_time(lambda: clusters.us.carried() == set(), within_s=20)
            await in_time(lambda: clusters.eu.condition("Ready") == ("False", "Failed"), within_s=60)

    virtually(story())


def test_one_member_cannot_touch_what_another_exports() -> None:
    """A member that makes up imports and carried slices for another cluster's service harms only itself."""

    async def story() -> None:
        async with a_clusterset() as clusters:
            clusters.eu.publish("198.18.1.1")
            await in_time(lambda: clusters.us.carried() == {"198.18.1.1"}, within_s=20)
            forged = dict(clusters.us.slices.get(next(iter(clusters.us.slices.objects)).name, "shop"))
            forged["metadata"] = {**forged["metadata"], "name": "forged"}
            forged["endpoints"] = [{"addresses": ["198.18.66.6"], "conditions": {"ready": True}}]
            clusters.us.slices.put(forged)
            await in_time(lambda: clusters.us.carried() == {"198.18.1.1"}, within_s=30)
            assert clusters.eu.carried() == {"198.18.1.1"}

    virtually(story())


def test_names_that_no_service_can_have_get_a_condition_and_nothing_more() -> None:
    async def story() -> None:
        async with a_clusterset() as clusters:
            long = ".".join(["x" * 62] * 4)
            clusters.eu.export(long)
            await in_time(lambda: clusters.eu.condition("Valid", long) == ("False", "NoService"), within_s=30)
            assert not clusters.eu.imports.objects
            assert not clusters.us.imports.objects

    virtually(story())


def test_objects_that_cannot_be_read_hide_no_other() -> None:
    async def story() -> None:
        async with a_clusterset() as clusters:
            odd = {"namespace": "shop", "name": "odd"}
            clusters.eu.slices.put({"metadata": dict(odd), "addressType": 7, "endpoints": "many"})
            clusters.eu.exports.put({"metadata": dict(odd), "spec": [1, 2], "status": 3})
            clusters.eu.publish("198.18.1.1")
            await in_time(lambda: clusters.us.carried() == {"198.18.1.1"}, within_s=20)

    virtually(story())


def test_flapping_pods_cost_other_members_no_more_than_the_damping_allows() -> None:
    async def story() -> None:
        async with a_clusterset() as clusters:
            clusters.eu.publish("198.18.1.1")
            await in_time(lambda: clusters.us.carried() == {"198.18.1.1"}, within_s=20)
            await in_time(lambda: clusters.eu.condition("Ready") == ("True", "Exported"), within_s=20)
            before, started = len(clusters.us.slices.writes), asyncio.get_running_loop().time()
            for number in range(300):
                clusters.eu.run("198.18.1.1", f"198.18.1.{2 + number % 2}")
                await asyncio.sleep(0.1)
            passed_s = asyncio.get_running_loop().time() - started
            assert len(clusters.us.slices.writes) - before <= 20 + 2 * passed_s
            await in_time(lambda: clusters.us.carried() == {"198.18.1.1", "198.18.1.3"}, within_s=30)

    virtually(story())


def test_a_member_that_leaves_takes_its_endpoints_along_and_comes_back_with_them() -> None:
    async def story() -> None:
        async with a_clusterset() as clusters:
            clusters.eu.publish("198.18.1.1")
            clusters.us.publish("198.18.2.1")
            both = {"198.18.1.1", "198.18.2.1"}
            await in_time(lambda: clusters.eu.carried() == clusters.us.carried() == both, within_s=20)
            clusters.federation.records.drop("us", SYSTEM)
            await in_time(lambda: clusters.eu.carried() == {"198.18.1.1"}, within_s=20)
            assert [source.cluster for source in clusters.controller.catalogue.services()[WEB].sources] == [EU]
            clusters.federation.join("us", clusters.us.server)
            await in_time(lambda: clusters.eu.carried() == both, within_s=60)

    virtually(story())


def test_places_are_what_records_say_and_else_what_nodes_say() -> None:
    async def story() -> None:
        async with a_clusterset() as clusters:
            record = clusters.federation.records.get("eu", SYSTEM)
            place = {"zone": "eu-1", "network": "campus", "gateways": ["gw:15443"]}
            clusters.federation.records.put({**record, "spec": {**record["spec"], "place": place}})
            catalogue = clusters.controller.catalogue
            await in_time(lambda: len(catalogue.places()) == 2, within_s=20)
            await in_time(lambda: catalogue.places()[EU].network == "campus" and catalogue.places()[US].region, within_s=60)
            eu = catalogue.places()[EU]
            assert (eu.region, eu.zone, eu.gateways) == ("west", "eu-1", ("gw:15443",))
            assert catalogue.places()[US].region == "west"
            assert catalogue.places()[US].network == ""

    virtually(story())
