"""How long to wait before trying again. Pure but for the random generator it is given."""

import random
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Backoff:
    """Doubling delays from `first_s` to `longest_s`, each with up to half of it taken off at random."""

    first_s: float
    longest_s: float

    def delay_s(self, failures: int, rng: random.Random) -> float:
        """The wait after the `failures`-th failure in a row, counted from 1."""
        ceiling_s = min(self.longest_s, self.first_s * 2.0 ** min(failures - 1, 30))
        return rng.uniform(0.5, 1.0) * ceiling_s
