"""A web server on loopback with a handful of pages, over HTTP or HTTPS."""

import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


@dataclass
class WebServer:
    """A running one."""

    port: int
    asked: list[str] = field(default_factory=list)
    """`host/path` of each request, the port left out."""


@contextmanager
def serve_pages(
    pages: Mapping[str, str | bytes | None],
    *,
    context: ssl.SSLContext | None = None,
    kind: str = "text/plain",
) -> Iterator[WebServer]:
    """Serve *pages*, a body for each `host/path`.

    A text that begins with `->` redirects to the rest; None is never answered.
    """
    over = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            host = (self.headers["Host"] or "").partition(":")[0]
            server.asked.append(host + self.path)
            body = pages.get(host + self.path, b"")
            if body is None:
                over.wait()
                return
            octets = body.encode() if isinstance(body, str) else body
            target = octets[2:].strip().decode("latin-1") if octets.startswith(b"->") else ""
            known = host + self.path in pages
            self.send_response(302 if target else 200 if known else 404)
            if target:
                self.send_header("Location", target)
            self.send_header("Content-Type", f"{kind}; charset=utf-8")
            self.send_header("Content-Length", str(len(octets)))
            self.end_headers()
            self.wfile.write(octets)

        def log_message(self, *_arguments: Any) -> None:
            pass

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_arguments: Any) -> None:
            """Clients that hang up, or trust nobody, are what tests are about."""

    with Server(("127.0.0.1", 0), Handler) as http:
        if context is not None:
            http.socket = context.wrap_socket(
                http.socket, server_side=True, do_handshake_on_connect=False
            )
        server = WebServer(http.server_address[1])
        thread = threading.Thread(target=http.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield server
        finally:
            over.set()
            http.shutdown()
            thread.join()
