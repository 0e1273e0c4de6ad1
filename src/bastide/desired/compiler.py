# SPDX-License-Identifier: GPL-3.0-or-later
"""One collectivity in, everything it asks of every service out."""

from __future__ import annotations

from bastide.desired.certificates import compile_certificates
from bastide.desired.desk import compile_desk
from bastide.desired.groupware import compile_groupware
from bastide.desired.mail import compile_mail
from bastide.desired.resource import RETIRED, Compiled, Origin
from bastide.desired.web import compile_web
from bastide.desired.zones import ZoneCompiler
from bastide.documents import Attachments
from bastide.model import Collectivity, Platform


class Compiler:
    """Compiles collectivities for one platform.  Pure: same input, same output.

    Among the input are the files that a charter names, which `attachments` reads.
    """

    def __init__(self, platform: Platform, attachments: Attachments | None = None) -> None:
        self._platform = platform
        self._attachments = attachments or Attachments()
        self._zones = ZoneCompiler(platform)

    def compile(self, collectivity: Collectivity, title: str) -> Compiled:
        """Desired resources of `collectivity`; `title` is its name for people."""
        out = Compiled(
            slug=collectivity.slug,
            siren=collectivity.siren,
            retired=collectivity.retired,
            retired_domains=sorted(str(d.ascii) for d in collectivity.domains if d.retired),
            domains=[],
            mail_domains=[],
            resources={"dns": [], "mail": [], "web": [], "tls": [], "groupware": [], "desk": []},
        )
        if collectivity.retired:
            line = collectivity.state_line
            out.origins[RETIRED] = Origin(collectivity.file, line, "retired")
            return out
        for domain in collectivity.domains:
            if domain.retired:
                origin = Origin(collectivity.file, domain.line, "retired")
                out.origins[f"{RETIRED}{domain.ascii}"] = origin
        for domain in collectivity.live_domains:
            self._zones.compile(collectivity, domain, out)
            out.domains.append(str(domain.ascii))
        out.domains.sort()
        compile_mail(collectivity, self._platform, out)
        compile_groupware(collectivity, self._platform, out)
        compile_web(collectivity, title, self._platform, out)
        compile_desk(collectivity, title, self._platform, self._attachments, out)
        compile_certificates(collectivity, self._platform, out)
        for resources in out.resources.values():
            resources.sort(key=lambda r: r.address)
        return out
