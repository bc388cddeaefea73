"""The organizational domain: what is registered below a public suffix (RFC 9989, section 4.10.2).

It is found with the public suffix list, as most receivers find it; RFC 9989's walk up the tree
gives another one only where a registry publishes `psd=y`. The list comes with `publicsuffixlist`
and is not fetched.
"""

import asyncio
from functools import cache

from publicsuffixlist import PublicSuffixList


async def organization(domain: str) -> str:
    """Return the organizational domain of *domain*; itself where it is a public suffix."""
    suffixes = await asyncio.to_thread(_suffixes)  # it reads 10,000 lines the first time
    return suffixes.privatesuffix(domain) or domain


@cache
def _suffixes() -> PublicSuffixList:
    return PublicSuffixList()
