# SPDX-License-Identifier: GPL-3.0-or-later
"""Copying mailboxes from the other host: what a dsync that stalled costs, and when it is over.

The copying itself is shown with two real Dovecots in tests/integration/mail/test_hosts.py.
"""

import pytest
from ansible.module_utils import bastide_files as files
from ansible.module_utils import bastide_mailmove as move

BOX = {"uuid": "5f0c", "address": "mairie@albas.fr"}
# Notes how it was called, and fails as often as the file `failures` has lines.
DOVEADM = """\
#!/bin/sh
echo "$@" >> calls
if [ "$(wc -l < calls)" -le "$(wc -l < failures)" ]; then
    echo "dsync(mail2): I/O has stalled" >&2
    exit 75
fi
"""


@pytest.fixture
def doveadm(tmp_path, monkeypatch):
    """doveadm(failures) puts one in its place; the lines of its calls afterwards."""
    program = tmp_path / "doveadm"
    program.write_text(DOVEADM)
    program.chmod(0o755)
    monkeypatch.chdir(tmp_path)
    # On a host the real one stands in a place that no environment changes.
    monkeypatch.setattr(
        move, "run", lambda argv, **rest: files.run([str(tmp_path / argv[0]), *argv[1:]], **rest)
    )

    def fails(times):
        (tmp_path / "failures").write_text("x\n" * times)
        return lambda: (tmp_path / "calls").read_text().splitlines()

    return fails


@pytest.mark.parametrize("times", [0, 1, 2])
def test_a_copying_that_stalled_is_begun_again(doveadm, times):
    calls = doveadm(times)
    move.fetch([BOX], "mail2.info46.com:10028")
    assert len(calls()) == times + 1
    for call, seconds in zip(calls(), move.PATIENCE, strict=False):
        assert call == (
            f"backup -R -T {seconds} -u 5f0c@moving.invalid tcps:mail2.info46.com:10028"
        )


def test_one_that_stalls_each_time_is_told_with_its_words(doveadm):
    calls = doveadm(9)
    with pytest.raises(files.HostError, match=r"mairie@albas\.fr: .*I/O has stalled"):
        move.fetch([BOX], "mail2.info46.com:10028")
    assert len(calls()) == len(move.PATIENCE)
