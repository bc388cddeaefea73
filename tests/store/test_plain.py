"""Transports as JSON: nothing is lost, and a mistake made by hand is named."""

import json
from dataclasses import fields
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtp_workbench.settings.transport import Auth, Pool, Timeouts, Tls, Transport
from smtp_workbench.store.plain import from_plain, to_plain

texts = st.text(max_size=30)


def of(kind: type[Any], **known: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    made = {}
    for field in fields(kind):
        default = getattr(kind(), field.name)
        if isinstance(default, bool):
            made[field.name] = st.booleans()
        elif isinstance(default, int):
            made[field.name] = st.integers(0, 10**6)
        elif isinstance(default, float):
            made[field.name] = st.floats(0, 10**6, allow_nan=False)
        elif hasattr(type(default), "__members__"):
            made[field.name] = st.sampled_from(list(type(default)))
        else:
            made[field.name] = texts
    return st.builds(kind, **{**made, **known})


transports = of(
    Transport,
    port=st.none() | st.integers(),
    proxy=st.sampled_from(["", "socks5://me@127.0.0.1:1080", "http://proxy.example:3128"]),
    tls=of(Tls),
    auth=of(Auth),
    timeouts=of(Timeouts),
    pool=of(Pool),
)


@given(transports)
def test_every_transport_comes_back_from_json(transport: Transport) -> None:
    assert from_plain(json.loads(json.dumps(to_plain(transport)))) == transport


def test_defaults_are_not_written() -> None:
    assert to_plain(Transport()) == {}
    assert to_plain(Transport(tls=Tls(server_name="x"))) == {"tls": {"server_name": "x"}}


def test_a_password_in_the_proxy_is_cut() -> None:
    plain = to_plain(Transport(proxy="socks5://me:s3cret@127.0.0.1:1080"))
    assert "s3cret" not in json.dumps(plain)
    assert plain["proxy"].startswith("socks5://me@")


@pytest.mark.parametrize(
    ("plain", "named"),
    [
        ([], "object"),
        ({"hots": "x"}, "hots"),
        ({"tls": {"trust": "all"}}, "tls.trust"),
        ({"port": "587"}, "port"),
        ({"port": True}, "port"),
        ({"pool": {"enabled": 1}}, "pool.enabled"),
        ({"timeouts": {"dns": "soon"}}, "timeouts.dns"),
        ({"auth": {"user": None}}, "auth.user"),
        ({"auth": "me"}, "auth"),
    ],
)
def test_a_mistake_is_named(plain: Any, named: str) -> None:
    with pytest.raises(ValueError, match=named):
        from_plain(plain)


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | texts,
        lambda x: st.lists(x) | st.dictionaries(texts, x),
    )
)
def test_nothing_else_than_a_value_error_is_raised(plain: Any) -> None:
    try:
        from_plain(plain)
    except ValueError:
        return
