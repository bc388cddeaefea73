"""Names become addresses, or a reason."""

import asyncio
import socket
from collections.abc import Sequence
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtp_workbench.net.errors import NetError, NetKind
from smtp_workbench.net.resolve import ascii_name, resolve
from smtp_workbench.settings.transport import Family


async def two(_name: str, _family: Family) -> Sequence[str]:
    return ["2001:db8::1", "192.0.2.1", "192.0.2.1"]


def failing(code: int) -> object:
    async def resolver(_name: str, _family: Family) -> Sequence[str]:
        raise socket.gaierror(code, "because")

    return resolver


async def kind_of(host: str, resolver: object = None, **more: object) -> NetKind:
    with pytest.raises(NetError) as caught:
        await resolve(host, Family.ANY, **{"limit": 1.0, "resolver": resolver, **more})  # type: ignore[arg-type]
    return caught.value.kind


@pytest.mark.parametrize("host", ["192.0.2.1", "::1", "[::1]", "2001:db8::1"])
async def test_a_literal_stands_for_itself(host: str) -> None:
    assert await resolve(host, Family.ANY, limit=1) == (host.strip("[]"),)


async def test_each_address_comes_once_and_in_order() -> None:
    found = await resolve("mail.example", Family.ANY, limit=1, resolver=two)
    assert found == ("2001:db8::1", "192.0.2.1")


async def test_this_machine_knows_localhost() -> None:
    assert "127.0.0.1" in await resolve("localhost", Family.ANY, limit=5)


async def test_the_name_is_asked_in_its_ascii_form() -> None:
    asked = []

    async def resolver(name: str, _family: Family) -> Sequence[str]:
        asked.append(name)
        return ["192.0.2.1"]

    await resolve("Bücher.Example.", Family.ANY, limit=1, resolver=resolver)
    assert asked == ["xn--bcher-kva.example"]


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (socket.EAI_NONAME, NetKind.NAME_NOT_FOUND),
        (socket.EAI_NODATA, NetKind.NAME_HAS_NO_ADDRESS),
        (socket.EAI_AGAIN, NetKind.RESOLVER_FAILED),
        (socket.EAI_FAIL, NetKind.RESOLVER_FAILED),
    ],
)
async def test_the_resolvers_reason_is_kept(code: int, kind: NetKind) -> None:
    assert await kind_of("mail.example", failing(code)) is kind


async def test_a_resolver_that_hangs_ends_at_the_limit() -> None:
    async def hangs(_name: str, _family: Family) -> Sequence[str]:
        return await asyncio.get_running_loop().create_future()  # type: ignore[no-any-return]

    assert await kind_of("mail.example", hangs, limit=0.05) is NetKind.RESOLVER_TIMEOUT


@pytest.mark.parametrize(
    "host",
    ["", "a b", "a..b", "-a.example", "a" * 64 + ".example", "smtp://x", "x:25", "a/b", "\0"],
)
async def test_what_is_no_name_is_not_asked_for(host: str) -> None:
    assert await kind_of(host, two) is NetKind.HOST_INVALID


async def test_invalid_never_exists() -> None:
    assert await kind_of("mail.invalid", two) is NetKind.NAME_NOT_FOUND


async def test_a_literal_of_the_other_family_does_not_fit() -> None:
    with pytest.raises(NetError) as caught:
        await resolve("::1", Family.IPV4, limit=1)
    assert caught.value.kind is NetKind.NAME_HAS_NO_ADDRESS
    assert caught.value.params["family"] == "ipv4"


@given(st.text())
def test_a_name_is_ascii_or_refused(host: str) -> None:
    name = "mail.example"
    with suppress(NetError):
        name = ascii_name(host)
    assert name.isascii()
    assert not set(name) & set(" \t\r\n\0/:@")


async def test_a_name_with_addresses_of_the_other_family_only_exists(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Which families localhost has is up to the machine.
    def hosts_file(_name: str, _port: None, family: int = 0, _kind: int = 0) -> list[object]:
        if family == socket.AF_INET6:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return [(family, 0, 0, "", ("127.0.0.1", 0))]

    monkeypatch.setattr(socket, "getaddrinfo", hosts_file)
    with pytest.raises(NetError, match="has no IPv6 address") as caught:
        await resolve("one.example", Family.IPV6, limit=1)
    assert caught.value.kind is NetKind.NAME_HAS_NO_ADDRESS
    assert await resolve("one.example", Family.IPV4, limit=1) == ("127.0.0.1",)
