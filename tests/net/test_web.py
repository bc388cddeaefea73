"""Small files over HTTP and HTTPS, from a server on loopback that a test's own resolver names."""

import ssl
from collections.abc import Sequence

import pytest

from smtp_workbench.net.web import LARGEST, Web, WebError
from smtp_workbench.settings.transport import Family
from support.certificates import authority, server_context
from support.web_server import WebServer, serve_pages

NAMES = ("example.org", "www.example.org")


async def loopback(name: str, family: Family) -> Sequence[str]:
    del name, family
    return ["127.0.0.1"]


def web(https: WebServer | None = None, http: WebServer | None = None, limit: float = 5) -> Web:
    context = ssl.create_default_context()
    authority().configure_trust(context)
    return Web(context, loopback, limit, http.port if http else 1, https.port if https else 1)


async def test_a_page_comes_whole_with_its_type() -> None:
    with serve_pages(
        {"example.org/a?b=c": "text"}, context=server_context(*NAMES), kind="Text/XML"
    ) as server:
        page = await web(server).get("https://example.org/a?b=c")
    assert (page.status, page.kind, page.body) == (200, "text/xml", b"text")


async def test_a_page_that_is_not_there_says_so() -> None:
    with serve_pages({}, context=server_context(*NAMES)) as server:
        assert (await web(server).get("https://example.org/")).status == 404


async def test_a_redirect_is_followed_over_https_only() -> None:
    pages = {
        "example.org/": "-> https://www.example.org/x",
        "www.example.org/x": "here",
        "example.org/down": "-> http://example.org/plain",
        "example.org/loop": "-> /loop",
        "example.org/file": "-> file:///etc/passwd",
    }
    with serve_pages(pages, context=server_context(*NAMES)) as server:
        fetch = web(server)
        page = await fetch.get("https://example.org/")
        assert (page.url, page.body) == ("https://www.example.org/x", b"here")
        for path, reason in (
            ("down", "only HTTPS"),
            ("loop", "points elsewhere"),
            ("file", "only HTTPS"),
        ):
            with pytest.raises(WebError, match=reason):
                await fetch.get(f"https://example.org/{path}")
        with pytest.raises(WebError, match="points elsewhere"):
            await fetch.get("https://example.org/", redirects=False)


async def test_where_it_points_is_told_as_an_address_and_no_more() -> None:
    pages = {
        "example.org/": "-> http://example.org/\u009b31m<x>".encode("latin-1"),
        "example.org/long": "-> https://example.org/" + "x" * 3000,
    }
    with serve_pages(pages, context=server_context(*NAMES)) as server:
        with pytest.raises(WebError, match=r"http://example\.org/%9B31m%3Cx%3E: only HTTPS"):
            await web(server).get("https://example.org/")
        with pytest.raises(WebError, match="too long"):
            await web(server).get("https://example.org/long")


async def test_http_only_where_it_may_be() -> None:
    with serve_pages({"example.org/": "plain"}) as server:
        fetch = web(http=server)
        with pytest.raises(WebError, match="only HTTPS"):
            await fetch.get("http://example.org/")
        assert server.asked == []
        assert (await fetch.get("http://example.org/", insecure=True)).body == b"plain"


async def test_a_certificate_that_is_not_trusted_or_of_another_name_is_refused() -> None:
    with serve_pages({"example.org/": "x"}, context=server_context("other.example")) as server:
        with pytest.raises(WebError, match=r"example\.org"):
            await web(server).get("https://example.org/")
        assert server.asked == []


async def test_a_long_page_and_a_silent_server_are_given_up() -> None:
    pages = {"example.org/long": b"x" * (LARGEST + 1), "example.org/silent": None}
    with serve_pages(pages, context=server_context(*NAMES)) as server:
        with pytest.raises(WebError, match="longer than 256 KiB"):
            await web(server).get("https://example.org/long")
        with pytest.raises(WebError, match=r"no answer within 0\.3 s"):
            await web(server, limit=0.3).get("https://example.org/silent")


@pytest.mark.parametrize("url", ["https://bad..name/", "https:///x", "https://[/", "https://a b/"])
async def test_what_is_no_address_is_refused_in_a_sentence(url: str) -> None:
    with pytest.raises(WebError):
        await web().get(url)


async def test_nobody_there_is_said() -> None:
    with pytest.raises(WebError, match=r"^https://example\.org/"):
        await web().get("https://example.org/")
