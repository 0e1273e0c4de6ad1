# SPDX-License-Identifier: GPL-3.0-or-later
"""Shares of small towns, and runs of the adapter against the imitation."""

from __future__ import annotations

import json
import os

from cloudflare_fake import ACCOUNT, TOKEN

from bastide.targets.cloudflare.client import Client
from bastide.targets.cloudflare.converge import Converger
from bastide.targets.cloudflare.memory import Memory
from bastide.targets.cloudflare.settings import Account
from bastide.targets.cloudflare.survey import Surveyor, wanted_facets
from bastide.targets.owners import Wanted

CAHORS, FIGEAC = "214600421", "214601023"
DKIM = {"dkim:cahors.fr": "v=DKIM1; k=rsa; p=" + "A" * 392}
os.environ["CLOUDFLARE_TEST"] = TOKEN


def rrset(name, rtype, *rdata, ttl=3600):
    return {"name": name, "type": rtype, "ttl": ttl, "rdata": sorted(rdata)}


def zone(domain="cahors.fr", *more, without=()):
    """A town's zone as the compiler makes it: site, mail, settings of programs."""
    rrsets = [
        rrset(f"{domain}.", "NS", "ada.ns.cloudflare.com.", "bob.ns.cloudflare.com."),
        rrset(f"{domain}.", "A", "10.46.0.30"),
        rrset(f"www.{domain}.", "A", "10.46.0.30"),
        rrset(f"{domain}.", "MX", "10 mail.info46.com.", "20 mail2.info46.com."),
        rrset(f"{domain}.", "TXT", '"v=spf1 mx -all"'),
        rrset(f"autoconfig.{domain}.", "CNAME", "config.info46.com."),
        rrset(f"_imaps._tcp.{domain}.", "SRV", "0 1 993 mail.info46.com."),
        {"name": f"b._domainkey.{domain}.", "type": "TXT", "ttl": 3600,
         "pending": f"dkim:{domain}"},
        *more,
    ]  # fmt: skip
    kept = [one for one in rrsets if (one["name"], one["type"]) not in without]
    return {"soa": {}, "rrsets": sorted(kept, key=lambda one: (one["name"], one["type"]))}


def line(siren=CAHORS, zones=None, *, retired=False, retired_domains=()):
    zones = {"cahors.fr": zone()} if zones is None else zones
    return {
        "collectivity": f"46/{siren}",
        "siren": siren,
        "retired": retired,
        "retired_domains": list(retired_domains),
        "domains": sorted(zones),
        "resources": [{"address": f"zone:{n}", "body": b} for n, b in sorted(zones.items())],
    }


class Town:
    """A share and an account; every run begins anew, but for what a repository keeps."""

    def __init__(self, folder, url, settings=None):
        self.share, self.state = folder / "dns.jsonl", folder / "cloudflare.json"
        self.account = Account(
            ACCOUNT, token_env="CLOUDFLARE_TEST", base_url=url, settings=settings or {}
        )
        self.values = dict(DKIM)
        self.slept = []
        self.sleep = self.slept.append
        self.write(line())

    def write(self, *lines):
        header = {"format": 1, "service": "dns", "host": "cloudflare", "environment": "lab"}
        self.share.write_text("".join(json.dumps(one) + "\n" for one in (header, *lines)))

    def claimed(self):
        return [
            one["address"].removeprefix("zone:")
            for text in self.share.read_text().splitlines()[1:]
            for one in json.loads(text)["resources"]
        ]

    def survey(self, *sirens):
        return self._with(lambda one: self._look(one, sirens))

    def run(self, *sirens):
        """A survey and then, at once, what it found; gives the converger."""

        def both(client):
            survey = self._look(client, sirens)
            return self._write(client, sirens, survey)

        return self._with(both)

    def converge(self, survey, *sirens):
        return self._with(lambda one: self._write(one, sirens, survey))

    def _look(self, client, sirens):
        wanted = Wanted(self.share, list(sirens))
        return Surveyor(client, self._memory(), wanted, self.claimed, self.values).look()

    def _write(self, client, sirens, survey):
        wanted = Wanted(self.share, list(sirens))
        done = Converger(client, self._memory(), wanted, self.values)
        done.run(survey)
        return done

    def _memory(self):
        return Memory(self.state, wanted_facets(self.account.settings))

    def _with(self, work):
        made = Client(self.account, sleep=self.sleep)
        try:
            return work(made)
        finally:
            made.close()


def actions(changes):
    return {one["address"]: one["action"] for one in changes}


def whys(survey):
    return {one["address"]: one["why"] for one in survey.left_alone}


def errors(found):
    return {one["address"]: one["error"] for one in found.failed}
