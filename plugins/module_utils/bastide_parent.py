# SPDX-License-Identifier: GPL-3.0-or-later
"""What the parent of a zone says of it: the DS by which resolvers insist on signatures.

A zone that stops being signed while its parent has a DS is bogus to every resolver that
validates (RFC 4035 §5.5): site and mail of the town are gone. So nobody may take the
signatures away before it is known that the DS is gone.
"""

from __future__ import annotations

try:
    import dns.exception
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
        try:
            answer = dns.resolver.Resolver().resolve(f"{zone}.", "DS", lifetime=PATIENCE)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return None
        except dns.resolver.LifetimeTimeout:
            self._silent = _unknown("no resolver answers")
            return self._silent
        except (dns.exception.DNSException, OSError) as error:
            return _unknown(str(error).strip() or type(error).__name__)
        tags = sorted(str(one.key_tag) for one in answer)
        return f"the parent has a DS for it (key tag {', '.join(tags)}); it stays signed"


def _unknown(why: str) -> str:
    return f"whether the parent has a DS is not known ({why}); it stays signed"
