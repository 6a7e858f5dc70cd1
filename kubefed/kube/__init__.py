"""The only code that talks to API servers: connections, client, discovery, reflector, store, lease.

Contract: bytes become types here and nowhere else; every call has a deadline; every failure is one of core/errors.py;
TLS is verified, redirects and the environment's proxies are not followed. Nothing here knows what federation is.
"""
