# SPDX-License-Identifier: GPL-3.0-or-later
"""What the tests of stacks share: the graph of a charter, and a monitor that notes it all."""

import json
import logging
from pathlib import Path

from bastide.desired import share_line
from bastide.desired.compiler import Compiler
from bastide.documents import read_file
from bastide.model import build_collectivity, build_platform
from bastide.targets.pulumi.graph import ZonePolicy, graph_of

CASES = Path(__file__).parents[2] / "data" / "desired"
ACCOUNT = "f037e56e89293a057740de681ac9abbe"
POLICY = ZonePolicy(ACCOUNT, settings={"min_tls_version": "1.2"})
SIREN = "214600421"
A, AAAA = {"type": "A", "rdata": ["192.0.2.7"]}, {"type": "AAAA", "rdata": ["2001:db8::7"]}


def line_of_case(case):
    """The line of the dns share that the charter of a golden case asks for."""
    document, found = read_file(CASES / case / "charter.yml", "charter.yml")
    assert found == []
    own = CASES / case / "platform.yml"
    platform, _ = read_file(own if own.exists() else CASES / "platform.yml", "platform.yml")
    collectivity = build_collectivity(case, "charter.yml", document.data, document.line)
    compiler = Compiler(build_platform("platform.yml", platform.data))
    return json.loads(share_line(compiler.compile(collectivity, "La Ville"), "dns"))


def line(*rrsets, domain="cahors.fr", **more):
    """A line of the dns share with one zone; names are relative, TTL 3600 unless given."""
    sets = [
        {
            "ttl": 3600,
            **one,
            "name": f"{one['name']}.{domain}." if one.get("name") else f"{domain}.",
        }
        for one in rrsets
    ]
    body = {"soa": {}, "rrsets": sets}
    return {
        "collectivity": "46/cahors",
        "siren": SIREN,
        "retired": False,
        "retired_domains": [],
        "domains": [domain],
        "resources": [{"address": f"zone:{domain}", "body": body}],
    } | more


def graph(*rrsets, **more):
    """The graph of such a line, without settings."""
    return graph_of(line(*rrsets, **more), ZonePolicy(ACCOUNT))


def registered(graph, *, preview=False):
    """Register `graph` under Pulumi's own mocks; every request that the program sent, by name."""
    import pulumi
    from pulumi.runtime import mocks

    from bastide.targets.pulumi.program import register

    class Nothing(mocks.Mocks):
        def new_resource(self, args):
            return ("" if preview else f"id-of-{args.name}"), args.inputs

        def call(self, args):
            raise AssertionError(args.token)

    class Recorder(mocks.MockMonitor):
        def RegisterResource(self, request):  # noqa: N802
            if request.type != "pulumi:pulumi:Stack":
                self.requests[request.name] = request
            return super().RegisterResource(request)

    recorder = Recorder(Nothing())
    recorder.requests = {}
    mocks.set_mocks(
        recorder.mocks,
        project="bastide-dns",
        stack=graph.stack,
        preview=preview,
        monitor=recorder,
        logger=logging.getLogger("pulumi"),
    )
    pulumi.runtime.test(lambda: register(graph))()
    return recorder.requests
