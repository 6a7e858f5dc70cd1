"""Connections begin a few at a time, in order, and nobody waits for a server that does not answer."""

import asyncio
import contextlib

from kubefed.kube.handshakes import Handshakes, Turn
from tests.fakes.apiserver import FakeApiServer, send
from tests.fakes.loop import virtually
from tests.fakes.objects import CONFIG_MAPS_PATH, page
from tests.fakes.waiting import settled


def test_so_many_begin_at_once_and_the_next_one_when_one_has_ended() -> None:
    async def story() -> None:
        handshakes = Handshakes(at_once=2)
        first, _ = await handshakes.turn(), await handshakes.turn()
        third = asyncio.ensure_future(handshakes.turn())
        await settled()
        assert not third.done()
        first.end()
        await settled()
        assert third.done()

    virtually(story())


def test_whoever_came_first_begins_first() -> None:
    async def story() -> None:
        handshakes, order = Handshakes(at_once=1), list[int]()

        async def connect(number: int) -> None:
            turn = await handshakes.turn()
            order.append(number)
            turn.end()

        held = await handshakes.turn()
        waiting = [asyncio.ensure_future(connect(number)) for number in range(5)]
        await settled()
        held.end()
        await asyncio.gather(*waiting)
        assert order == [0, 1, 2, 3, 4]

    virtually(story())


def test_a_server_that_does_not_answer_holds_nobody_up_for_long() -> None:
    async def story() -> None:
        handshakes, loop = Handshakes(at_once=1), asyncio.get_running_loop()
        started = loop.time()
        for _ in range(10):  # none of them ever says that it has ended
            await handshakes.turn()
        assert loop.time() - started < 10 * 0.3

    virtually(story())


def test_a_turn_is_given_back_once_even_if_it_ends_twice() -> None:
    async def story() -> None:
        handshakes = Handshakes(at_once=1)
        turn = await handshakes.turn()
        turn.end()
        turn.end()
        await handshakes.turn()
        second = asyncio.ensure_future(handshakes.turn())
        await settled()
        assert not second.done()
        second.cancel()

    virtually(story())


def test_whoever_stops_waiting_costs_nobody_a_turn() -> None:
    async def story() -> None:
        handshakes = Handshakes(at_once=1)
        held = await handshakes.turn()
        gone, stays = asyncio.ensure_future(handshakes.turn()), asyncio.ensure_future(handshakes.turn())
        await settled()
        gone.cancel()
        held.end()
        assert isinstance(await stays, Turn)

    virtually(story())


def test_whoever_is_cancelled_at_the_moment_of_its_turn_passes_it_on() -> None:
    async def story() -> None:
        handshakes = Handshakes(at_once=1)
        held = await handshakes.turn()
        gone, stays = asyncio.ensure_future(handshakes.turn()), asyncio.ensure_future(handshakes.turn())
        await settled()
        held.end()  # wakes `gone`, which has not run yet
        gone.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await gone
        assert isinstance(await asyncio.wait_for(stays, 0.1), Turn)

    virtually(story())


async def test_clients_of_different_servers_take_turns_and_keep_connections_that_stand() -> None:
    handshakes = Handshakes(at_once=1)
    async with FakeApiServer() as one, FakeApiServer() as other:
        clients = [server.client(handshakes=handshakes) for server in (one, other)]
        for server in (one, other):
            server.on("GET", CONFIG_MAPS_PATH, send(page()))
        held = await handshakes.turn()
        asked = [asyncio.ensure_future(client.fetch(CONFIG_MAPS_PATH)) for client in clients]
        await settled()
        assert one.requests == other.requests == []
        held.end()
        assert [answer.status for answer in await asyncio.gather(*asked)] == [200, 200]
        await handshakes.turn()
        assert (await clients[0].fetch(CONFIG_MAPS_PATH)).status == 200  # the connection stands: no turn is needed
        assert len({request.connection for request in one.requests}) == 1


async def test_a_connection_that_is_refused_gives_its_turn_back() -> None:
    handshakes = Handshakes(at_once=1)
    async with FakeApiServer() as gone, FakeApiServer() as there:
        there.on("GET", CONFIG_MAPS_PATH, send(page()))
        clients = [server.client(handshakes=handshakes) for server in (gone, there)]
        await gone.stop()
        asked = [asyncio.ensure_future(client.fetch(CONFIG_MAPS_PATH)) for client in clients]
        refused, answered = await asyncio.gather(*asked, return_exceptions=True)
        assert isinstance(refused, Exception)
        assert not isinstance(answered, BaseException)
        assert answered.status == 200
