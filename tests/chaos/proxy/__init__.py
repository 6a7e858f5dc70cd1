"""A proxy before an API server that a test can make misbehave in any way a network, a gateway or a server does.

It ends TLS with an authority of the tests, so that it sees requests and answers. It knows HTTP/1.1 as far as API servers
and this project's client speak it, and nothing of what a federation is.
"""
