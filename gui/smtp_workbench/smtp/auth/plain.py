"""PLAIN (RFC 4616): user and password in one message."""

from smtp_workbench.smtp.auth.credentials import Credentials
from smtp_workbench.smtp.auth.mechanism import Client


def plain(credentials: Credentials) -> Client:
    """Send the user and the password, and no identity to act as."""
    yield f"\0{credentials.user}\0{credentials.secret.reveal()}".encode()
