"""Certificates for tests, made by trustme once a session."""

import ssl
from functools import cache

import trustme


@cache
def authority() -> trustme.CA:
    """Return the test run's own certificate authority."""
    return trustme.CA()


def server_context(*names: str, ca: trustme.CA | None = None) -> ssl.SSLContext:
    """Return a server's context with a certificate for *names*, `localhost` by default."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    (ca or authority()).issue_cert(*(names or ("localhost", "127.0.0.1"))).configure_cert(context)
    return context
