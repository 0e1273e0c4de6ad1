# SPDX-License-Identifier: GPL-3.0-or-later
"""clamd's exchange where there is no clamd, or one that answers something else than a verdict."""

import socket
import struct
import threading

import pytest

from guichet.clamd import ScannerUnavailable, scan


@pytest.fixture
def answering(tmp_path):
    """answering(b"…") is the address of a socket that reads a stream as clamd(8), then answers."""
    made = []

    def serve(answer):
        path = str(tmp_path / f"clamd-{len(made)}")
        server = socket.socket(socket.AF_UNIX)
        server.bind(path)
        server.listen()
        thread = threading.Thread(target=_once, args=(server, answer))
        thread.start()
        made.append((server, thread))
        return f"unix:{path}"

    yield serve
    for server, thread in made:
        thread.join()
        server.close()


def _once(server, answer):
    link, _ = server.accept()
    with link, link.makefile("rb") as said:
        assert said.read(10) == b"zINSTREAM\0"
        while (size := struct.unpack("!I", said.read(4))[0]) != 0:
            assert len(said.read(size)) == size
        link.sendall(answer)


def test_a_verdict_is_read_from_a_unix_socket(answering):
    assert scan(answering(b"stream: OK\0"), b"x" * 200_000) is None
    assert scan(answering(b"stream: Eicar-Test FOUND\0"), b"") == "Eicar-Test"


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"INSTREAM size limit exceeded. ERROR\0",
        b"stream: Can't allocate memory ERROR\0",
        b"COMMAND READ TIMED OUT\0",
        b"OK\0",
        b"stream: OK FOUND? \0",
    ],
)
def test_whatever_is_no_verdict_is_no_clean_file(answering, answer):
    with pytest.raises(ScannerUnavailable):
        scan(answering(answer), b"x")


@pytest.mark.parametrize(
    "address", ["unix:/nonexistent/clamd.ctl", "tcp:127.0.0.1:1", "tcp:127.0.0.1:x", "", "tcp:"]
)
def test_a_scanner_that_is_not_there_is_no_clean_file(address):
    with pytest.raises(ScannerUnavailable):
        scan(address, b"x")
