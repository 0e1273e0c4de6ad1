# SPDX-License-Identifier: GPL-3.0-or-later
"""A mail host without its programs: the directory is real, postmap's tables are made here."""

import json
import sqlite3
import struct
import subprocess
from pathlib import Path

import bastide_mail_directory as module
from ansible.module_utils import bastide_directory as directory
from ansible.module_utils import bastide_dkim as dkim
from ansible.module_utils import bastide_doveadm as doveadm
from ansible.module_utils import bastide_postmaps as postmaps
from ansible.module_utils.bastide_bulk import Service, outcome

HEADER = {"format": 1, "service": "mail", "host": "mail", "environment": "lab"}


def hashed(key):
    found = 5381
    for byte in key:
        found = ((found * 33) & 0xFFFFFFFF) ^ byte
    return found


def compiled(pairs):
    """A table as https://cr.yp.to/cdb/cdb.txt describes it."""
    records, slots = b"", [[] for _ in range(256)]
    for key, value in pairs:
        slots[hashed(key) % 256].append((hashed(key), 2048 + len(records)))
        records += struct.pack("<2I", len(key), len(value)) + key + value
    head, tail = b"", b""
    for found in slots:
        size = 2 * len(found)
        table = [(0, 0)] * size
        for number, place in found:
            at = (number >> 8) % size
            while table[at][1]:
                at = (at + 1) % size
            table[at] = (number, place)
        head += struct.pack("<2I", 2048 + len(records) + len(tail), size)
        tail += b"".join(struct.pack("<2I", *pair) for pair in table)
    return head + records + tail


def lookup(data, key):
    place, size = struct.unpack_from("<2I", data, 8 * (hashed(key) % 256))
    for step in range(size):
        at = place + 8 * (((hashed(key) >> 8) + step) % size)
        number, record = struct.unpack_from("<2I", data, at)
        if record == 0:
            return None
        lengths = struct.unpack_from("<2I", data, record)
        begin = record + 8
        if number == hashed(key) and data[begin : begin + lengths[0]] == key:
            return data[begin + lengths[0] : begin + sum(lengths)]
    return None


def run(argv, text=b"", timeout=0):
    """What the commands of Postfix and Dovecot would do."""
    done = subprocess.CompletedProcess(argv, 0, b"", b"")
    if argv[0] != "postmap":
        return done
    source = Path(argv[-1].removeprefix("cdb:"))
    table = source.with_name(source.name + ".cdb")
    if "-q" in argv:
        keys = (text.encode() if isinstance(text, str) else text).splitlines()
        data = table.read_bytes()
        pairs = [(key, lookup(data, key)) for key in keys]
        done.stdout = b"".join(k + b"\t" + v + b"\n" for k, v in pairs if v is not None)
        return done
    lines = source.read_bytes().splitlines()
    table.write_bytes(compiled(tuple(line.split(b" ", 1)) for line in lines))
    return done


class MailHost:
    """The module on a host whose files lie under `folder`."""

    def __init__(self, folder, monkeypatch):
        self.share = folder / "mail.jsonl"
        self.lock = folder / "lock"
        monkeypatch.setattr(directory, "DATABASE", folder / "directory.db")
        monkeypatch.setattr(postmaps, "MAPS", folder / "maps")
        monkeypatch.setattr(postmaps, "run", run)
        monkeypatch.setattr(doveadm, "run", run)
        monkeypatch.setattr(dkim, "make_keys", lambda _pairs: {})
        monkeypatch.setattr(dkim, "published", lambda names, **_: {f"dkim:{n}": "k" for n in names})

    def put(self, *lines):
        """Write the share."""
        texts = (json.dumps(one, sort_keys=True) + "\n" for one in (HEADER, *lines))
        self.share.write_text("".join(texts))

    def converge(self, *, check_mode=False, scope=()):
        """What the module returns."""
        service = Service(
            *("mail", self.lock, module.KINDS, module.survey, module.converge), reads_share=True
        )
        args = {"share": str(self.share), "scope": scope}
        return outcome(service, args, check_mode=check_mode)

    def sql(self, *statements):
        """Change the directory by hand, as with sqlite3 on the host."""
        connection = sqlite3.connect(directory.DATABASE, isolation_level=None)
        try:
            return [connection.execute(one).fetchall() for one in statements]
        finally:
            connection.close()

    def files(self):
        """What lies among the tables, by name."""
        return {path.name: path.read_bytes() for path in postmaps.MAPS.glob("*")}

    def whole(self):
        """What would lie there, were all tables made of the rows that stand."""
        with directory.opened(read_only=True) as connection:
            rows = directory.read_rows(connection)
        made = {
            f"{name}.cdb": compiled((k.encode(), table[k].encode()) for k in sorted(table))
            for name, table in postmaps.tables(rows).items()
        }
        return made | {postmaps.SELECTORS: postmaps.selectors_text(rows.selectors).encode()}


def collectivity(siren, domains, resources=(), *, retired=False, retired_domains=()):
    """One line of a share; `resources` maps addresses to bodies."""
    return {
        "collectivity": f"46/c{siren}",
        "siren": siren,
        "retired": retired,
        "retired_domains": sorted(retired_domains),
        "domains": sorted(domains),
        "resources": [{"address": a, "body": b} for a, b in sorted(dict(resources).items())],
    }
