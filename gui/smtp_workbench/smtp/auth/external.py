"""EXTERNAL (RFC 4422, appendix A): the client certificate has said who we are."""

from smtp_workbench.smtp.auth.credentials import Credentials
from smtp_workbench.smtp.auth.mechanism import Client


def external(credentials: Credentials) -> Client:
    """Name the identity to act as: the user, or with none the one that the certificate implies."""
    yield credentials.user.encode()
