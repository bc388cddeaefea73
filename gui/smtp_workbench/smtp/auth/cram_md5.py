"""CRAM-MD5 (RFC 2195): a keyed digest of the server's challenge."""

import hmac

from smtp_workbench.smtp.auth.credentials import Credentials
from smtp_workbench.smtp.auth.mechanism import Client, MechanismError


def cram_md5(credentials: Credentials) -> Client:
    """Answer the challenge with the user and its digest under the password."""
    challenge = yield None
    try:
        digest = hmac.new(credentials.secret.reveal().encode(), challenge, "md5").hexdigest()
    except ValueError as error:  # a FIPS build of OpenSSL has no MD5
        raise MechanismError("this system does not allow MD5, which CRAM-MD5 needs") from error
    yield f"{credentials.user} {digest}".encode()
