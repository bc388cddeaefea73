"""Who has signed a message, as its header says (RFC 6376, section 3.5); nothing is verified."""

import re
from collections.abc import Iterable
from email.parser import BytesHeaderParser
from typing import Final

from smtp_workbench.message.draft import Dkim

_HEAD: Final = 256 * 1024
"""Octets in which the header is looked for."""
_END: Final = re.compile(rb"\r?\n\r?\n")
_TAG: Final = re.compile(r"(?:^|;)\s*([ds])\s*=\s*([^;\s]+)")


def signature_in(chunks: Iterable[bytes]) -> Dkim:
    """Return domain and selector of the topmost signature; both are empty where there is none."""
    head = b""
    for chunk in chunks:
        head += chunk
        if _END.search(head) or len(head) > _HEAD:
            break
    fields = BytesHeaderParser().parsebytes(head[:_HEAD])
    tags = dict(_TAG.findall(str(fields.get("DKIM-Signature", ""))))
    return Dkim(domain=tags["d"], selector=tags["s"]) if len(tags) == 2 else Dkim()
