"""XOAUTH2 (Google's and Microsoft's) and OAUTHBEARER (RFC 7628): an access token.

A server that refuses first sends a challenge with the reason as JSON, and its final reply only
after the client has answered that.
"""

from smtp_workbench.smtp.auth.credentials import Credentials, forbid
from smtp_workbench.smtp.auth.mechanism import Client


def xoauth2(credentials: Credentials) -> Client:
    """Send user and token; an error challenge gets an empty answer."""
    yield f"user={credentials.user}\1{_bearer(credentials)}\1\1".encode()
    yield b""


def oauthbearer(credentials: Credentials) -> Client:
    """Send user, host, port and token; an error challenge gets a single %x01."""
    # RFC 5801, section 4: the identity in a GS2 header is a saslname.
    user = credentials.user.replace("=", "=3D").replace(",", "=2C")
    fields = [f"n,{'a=' + user if user else ''},"]
    if credentials.host:
        fields.append(f"host={credentials.host}")
    if credentials.port:
        fields.append(f"port={credentials.port}")
    fields.append(_bearer(credentials))
    yield ("\1".join(fields) + "\1\1").encode()
    yield b"\1"


def _bearer(credentials: Credentials) -> str:
    token = credentials.secret.reveal()
    forbid("\1", "user", credentials.user)
    forbid("\1", "host", credentials.host)
    forbid("\1", "secret", token)
    return f"auth=Bearer {token}"
