# SPDX-License-Identifier: GPL-3.0-or-later
"""What the parent of a zone says of it: the DS by which resolvers insist on signatures.

A zone that stops being signed while its parent has a DS is bogus to every resolver that
validates (RFC 4035 §5.5): site and mail of the town are gone. So nobody may take the
signatures away before it is known that the DS is gone.
"""

from __future__ import annotations

try:
    import dns.exception
    import dns.flags
    import dns.resolver
except ImportError:  # the module then says which package is missing
    pass

# Seconds for one question to the resolvers of this host.
PATIENCE = 4.0


class Parents:
    """Asks the resolvers of /etc/resolv.conf; one that is silent is not asked zone by zone."""

    def __init__(self) -> None:
        self._silent = ""

    def objection(self, zone: str) -> str | None:
        """Why `zone` must stay signed; None when its parent is known to have no DS.

        Args:
            zone: Its name, without final dot.
        """
        if self._silent:
            return self._silent
        tags: list[str] = []
        try:
            resolver = dns.resolver.Resolver()
            answer = resolver.resolve(f"{zone}.", "DS", lifetime=PATIENCE, raise_on_no_answer=False)
            responses = [answer.response]
            tags = sorted(str(one.key_tag) for one in answer.rrset or ())
        except dns.resolver.NXDOMAIN as error:
            responses = list(error.responses().values())
        except dns.resolver.LifetimeTimeout:
            self._silent = _unknown("no resolver answers")
            return self._silent
        except (dns.exception.DNSException, OSError) as error:
            return _unknown(str(error).strip() or type(error).__name__)
        # Who serves the zone itself knows of no DS either, and nothing of the parent.
        if not all(one.flags & dns.flags.RA for one in responses):
            return _unknown("what answers is no resolver")
        if not tags:
            return None
        return f"the parent has a DS for it (key tag {', '.join(tags)}); it stays signed"


def _unknown(why: str) -> str:
    return f"whether the parent has a DS is not known ({why}); it stays signed"
