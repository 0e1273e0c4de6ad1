# SPDX-License-Identifier: GPL-3.0-or-later
"""The imitation behind a real HTTP server, in a thread of its own."""

from __future__ import annotations

import contextlib
import http.server
import threading
import time

from cloudflare_fake import PREFIX


class Dropped(Exception):
    """Raised by a hook of the imitation to break the connection without an answer."""


@contextlib.contextmanager
def serving(fake, latency=0.0):
    """Serve `fake` and give the base URL; every answer comes `latency` seconds later."""

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def _answer(self):
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            try:
                status, headers, text = fake.answer(
                    self.command, self.path, dict(self.headers), body
                )
            except Dropped:
                self.close_connection = True
                return
            time.sleep(latency)
            # A client that was killed does not wait for its answer.
            with contextlib.suppress(OSError):
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

        def __getattr__(self, name):
            """The answer to any method; the imitation knows which it allows."""
            if name.startswith("do_"):
                return self._answer
            raise AttributeError(name)

        def log_message(self, *_):
            pass

    class Server(http.server.ThreadingHTTPServer):
        # A kept connection must not hold up the end of a test.
        daemon_threads = True
        block_on_close = False

        def handle_error(self, *_):
            pass  # a client that went away

    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}{PREFIX}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
