"""When the webhook's certificate is renewed, and in which steps. Pure.

    current  ── a third of its life left ──►  next is made, its authority is published beside the old one
             ── published for a while ─────►  next is served; the old authority stays published until it expires

So at any moment API servers trust both what is served now and what will be served next, however late they learn of
either, and a replica that still serves the old certificate is trusted as well.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from kubefed.admission.certificates.issuing import Issued, Pair, expires_at, issued_at, serves

Issue = Callable[[Sequence[str], datetime, timedelta], Issued]


@dataclass(frozen=True, slots=True)
class Lives:
    """How long things last. `ahead` is how long an authority is published before anything it vouches for is served."""

    certificate: timedelta = timedelta(days=90)
    renewed_before_end: timedelta = timedelta(days=30)
    ahead: timedelta = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Material:
    """All there is: what is served, what will be served next, and the authorities to trust, oldest first, as PEM."""

    current: Pair
    next: Pair | None
    authorities: tuple[str, ...]

    @property
    def bundle_pem(self) -> str:
        """What API servers must trust."""
        return "".join(self.authorities)


@dataclass(frozen=True, slots=True)
class Rotation:
    """The rules for one webhook, which is reached under `names`."""

    names: tuple[str, ...]
    lives: Lives
    issue: Issue

    def settle(self, found: Material | None, now: datetime, *, published: bool) -> Material:
        """What there should be, given what was found; the very same when nothing is due.

        `published`: every webhook configuration has what was found as its bundle. As long as that is not so, nothing new is
        served while the old can still be.
        """
        if found is None or not self._usable(found.current, found.authorities, now):
            return self._from_next(found, now) or self._anew(found, now)
        material = self._without_expired(found, now)
        if material.next is not None and not self._usable(material.next, material.authorities, now):
            material = replace(material, next=None)
        if material.next is not None:
            due = now >= issued_at(material.next.certificate_pem) + self.lives.ahead
            return replace(material, current=material.next, next=None) if due and published else material
        if now < expires_at(material.current.certificate_pem) - self.lives.renewed_before_end:
            return material
        issued = self.issue(self.names, now, self.lives.certificate)
        return replace(material, next=issued.pair, authorities=(*material.authorities, issued.ca_pem))

    def _from_next(self, found: Material | None, now: datetime) -> Material | None:
        """The current pair is of no use: what was to follow it comes early."""
        if found is None or found.next is None or not self._usable(found.next, found.authorities, now):
            return None
        return self._without_expired(replace(found, current=found.next, next=None), now)

    def _anew(self, found: Material | None, now: datetime) -> Material:
        """Start again; other replicas may still serve what an old authority vouches for."""
        issued = self.issue(self.names, now, self.lives.certificate)
        kept = tuple(ca for ca in found.authorities if _lasts(ca, now)) if found is not None else ()
        return Material(issued.pair, None, (*kept, issued.ca_pem))

    def _usable(self, pair: Pair, authorities: Sequence[str], now: datetime) -> bool:
        return serves(pair, authorities, self.names) and _lasts(pair.certificate_pem, now)

    def _without_expired(self, material: Material, now: datetime) -> Material:
        lasting = tuple(ca for ca in material.authorities if _lasts(ca, now))
        return material if lasting == material.authorities else replace(material, authorities=lasting)


def _lasts(certificate_pem: str, now: datetime) -> bool:
    try:
        return now < expires_at(certificate_pem)
    except ValueError:
        return False
