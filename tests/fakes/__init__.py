"""Stand-ins for what surrounds kubefed, for tests that need it to misbehave: servers, certificates, clocks.

Fake servers, not fake clients: what is tested talks HTTPS to them as it would to the real thing.

- apiserver: `FakeApiServer`, scripted per (verb, path); answers for most protocol faults; `in_thread` for blocking callers
- calls: what a client offers, as data, for tests that say the same of every read or every write
- leases, elections: `FakeLease`, one Lease with a real server's manners, and those who want it
- mirrors: `Mirror`, a reflector and what it told
- objects: what servers say, in one line each: objects, pages, events, refusals
- pki: `Authority` and certificates that are wrong in every way
- clock, loop, waiting: `FakeClock`, `seeded`, `VirtualTimeLoop`, `eventually`
"""
