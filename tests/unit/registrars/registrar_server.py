# SPDX-License-Identifier: GPL-3.0-or-later
"""Imitations of registrars behind real HTTP, which outlive the process that talks to them."""

from __future__ import annotations

import contextlib
import http.server
import json
import threading
import urllib.parse


class Refusal(Exception):
    """An answer that says no: status and body as the imitated API gives them."""

    def __init__(self, status, body, headers=()):
        super().__init__(status, body)
        self.status, self.body, self.headers = status, body, dict(headers)


class Dropped(Exception):
    """Raised by a step to break the connection without an answer."""


class Request:
    """What came: `url` whole, `query` as lists, `body` parsed, `raw` as text."""

    def __init__(self, method, target, headers, raw, base):
        split = urllib.parse.urlsplit(target)
        self.method, self.path = method, urllib.parse.unquote(split.path)
        self.url = base + target
        self.query = urllib.parse.parse_qs(split.query, keep_blank_values=True)
        self.headers, self.raw = headers, raw.decode()
        self.body = None

    def one(self, name, default=None):
        values = self.query.get(name, [default])
        assert len(values) == 1, name
        return values[0]


class Imitation:
    """Takes requests one at a time; `on_step` is told of each, before and after its effect.

    `void` is the body of an answer that says nothing.
    """

    void = b""

    def __init__(self):
        self.seen = []
        self.on_step = lambda _name: None
        self.fail_next = []
        self.lock = threading.RLock()

    def answer(self, request):
        with self.lock:
            self.seen.append(f"{request.method} {request.path}")
            if self.fail_next:
                status, headers = self.fail_next.pop(0)
                raise Refusal(status, {"message": "try again"}, headers)
            return self.handle(request)

    def step(self, name):
        self.on_step(name)


@contextlib.contextmanager
def serving(imitation):
    """Serve `imitation` on this machine and give its address."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def answer(self):
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            base = f"http://{self.headers['Host']}"
            request = Request(self.command, self.path, self.headers, raw, base)
            try:
                status, body, headers = imitation.answer(request)
            except Refusal as refusal:
                status, body, headers = refusal.status, refusal.body, refusal.headers
            except Dropped:
                return
            data = imitation.void if body is None else json.dumps(body).encode()
            # A client that was killed does not wait for its answer.
            with contextlib.suppress(OSError):
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

        do_GET = do_POST = do_PUT = do_PATCH = answer  # noqa: N815 - the names of http.server

        def log_message(self, *_):
            pass

    class Server(http.server.ThreadingHTTPServer):
        daemon_threads = False

        def handle_error(self, *_):
            pass  # a client that was killed

    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def parsed(request, refuse):
    """The JSON body of `request`; `refuse(why)` for what is not one."""
    kind = request.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        refuse(f"Content-Type {kind or 'missing'}")
    try:
        body = json.loads(request.raw)
    except ValueError:
        refuse("the body is not JSON")
    if not isinstance(body, dict):
        refuse("the body is no object")
    return body


def faults(body, required, optional=None):
    """What is wrong with the fields of `body`: ``(name, why)``; values are checks or types."""
    optional = optional or {}
    found = [(name, "is required") for name in required if name not in body]
    for name, value in body.items():
        rule = required.get(name, optional.get(name))
        if rule is None:
            found.append((name, "is not a field"))
        elif isinstance(rule, type):
            if type(value) is not rule:
                found.append((name, f"is no {rule.__name__}"))
        elif not rule(value):
            found.append((name, "has not the right form"))
    return found
