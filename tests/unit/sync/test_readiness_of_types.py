"""When sync may call itself read: once it is known which types run, and all of them have been read."""

import asyncio

from tests.builders import kinds
from tests.builders.objects import a_fed_config_map
from tests.fakes.apiserver import silence
from tests.fakes.loop import virtually
from tests.unit.clusters.a_federation import a_federation, in_time
from tests.unit.sync.a_control_plane import ControlPlane, a_control_plane


def test_configs_that_are_known_but_not_judged_yet_are_not_taken_for_no_types() -> None:
    async def story() -> None:
        async with a_federation() as federation:
            plane = ControlPlane(federation)
            plane.enable(kinds.NAMESPACES, kinds.CONFIG_MAPS)
            running = [asyncio.ensure_future(work()) for work in plane.work()]
            try:
                while not plane.manager.synced:  # noqa: ASYNC110 - every turn of the loop counts
                    await asyncio.sleep(0)
                kinds_that_run = {controller.kind for controller in plane.manager.controllers}
                assert kinds_that_run == {kinds.NAMESPACES, kinds.CONFIG_MAPS}
            finally:
                for task in running:
                    task.cancel()
                await asyncio.gather(*running, return_exceptions=True)

    virtually(story())


def test_a_type_whose_objects_cannot_be_read_is_not_synced() -> None:
    async def story() -> None:
        async with a_control_plane("eu") as plane:
            await in_time(lambda: plane.manager.synced, within_s=20)
            plane.serve(kinds.DEPLOYMENTS)
            plane.host.on("GET", kinds.DEPLOYMENTS.federated.collection_path(), silence)
            plane.enable(kinds.DEPLOYMENTS)
            await plane.quiet()
            assert not plane.manager.synced
            plane.put(a_fed_config_map().placed_on("eu"))
            await plane.settle(a_fed_config_map(), eu="")

    virtually(story())
