"""What every keeper shares with the process around it. A bundle, so that nobody passes nine parameters."""

import random
from collections.abc import Callable
from dataclasses import dataclass

from kubefed.clusters.settings import RegistrySettings
from kubefed.core.clock import Clock
from kubefed.core.names import ClusterName
from kubefed.engine.lane import Lane
from kubefed.kube.client import Client
from kubefed.kube.connection import Connection


@dataclass(frozen=True, slots=True)
class Surroundings:
    """`open_client` makes a fenced and measured client for a member; `open_lane` the lane that leads to it.

    `probed` hears how many seconds a look at a member's health took.
    """

    settings: RegistrySettings
    host: Client
    host_lane: Lane
    open_client: Callable[[ClusterName, Connection], Client]
    open_lane: Callable[[ClusterName], Lane]
    clock: Clock
    rng: random.Random
    probed: Callable[[float], None] = lambda _seconds: None
