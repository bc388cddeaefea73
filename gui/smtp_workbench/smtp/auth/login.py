"""LOGIN (draft-murchison-sasl-login): the server asks for the user, then for the password.

The prompts differ from server to server and the draft says not to read them: order decides. The
user is never sent as an initial response, which only some servers take.
"""

from smtp_workbench.smtp.auth.credentials import Credentials
from smtp_workbench.smtp.auth.mechanism import Client


def login(credentials: Credentials) -> Client:
    """Answer the first prompt with the user and the second with the password."""
    yield None
    yield credentials.user.encode()
    yield credentials.secret.reveal().encode()
