# SPDX-License-Identifier: GPL-3.0-or-later
"""Record content as operators write it, in the one text that hosts compare.

Zone-file habits that trip people are settled here: a target with a dot in it is absolute
whether or not a final dot is written, a bare label is below the domain, TXT needs no
quotes and is split at 255 octets (RFC 1035 §3.3.14).  The canonical text is dnspython's.
"""

from __future__ import annotations

from bastide.model.collectivity import DeclaredRecord

# Types whose last field is a host name (RFC 1035, RFC 2782).
TARGET_LAST = frozenset({"CNAME", "NS", "MX", "SRV", "PTR"})
WITH_PRIORITY = frozenset({"MX", "SRV"})
_TXT_CHUNK = 255
PRINTABLE_FIRST, PRINTABLE_LAST = 0x20, 0x7E


def canonical_rdata(record: DeclaredRecord, domain: str) -> str:
    """Canonical rdata text of a hand-written `record` of `domain` (A-labels).

    Raises ``ValueError`` with the library's words when the content is not of its type.
    """
    content = record.content.strip()
    if record.type == "TXT" and not content.startswith('"'):
        return quote_txt(content)
    if record.type in TARGET_LAST:
        head, _, target = content.rpartition(" ")
        content = f"{head} {absolute_target(target, domain)}".strip()
    if record.type in WITH_PRIORITY:
        if record.priority is None:
            raise ValueError("a priority is needed")
        content = f"{record.priority} {content}"
    return normal_rdata(record.type, content)


def normal_rdata(rtype: str, text: str) -> str:
    """`text` of type `rtype` as dnspython prints it; ``ValueError`` when it is none."""
    # A third of what the command needs to start, and of use for hand-written records alone.
    import dns.exception
    import dns.rdata
    import dns.rdataclass

    try:
        rdata = dns.rdata.from_text(dns.rdataclass.IN, rtype, text, relativize=False)
    except (dns.exception.DNSException, ValueError, OverflowError) as error:
        raise ValueError(str(error) or type(error).__name__) from error
    return rdata.to_text().lower() if rtype in TARGET_LAST else rdata.to_text()


def absolute_target(target: str, domain: str) -> str:
    """Host name with final dot that a target means inside `domain`."""
    name = target.lower()
    if name == "@":
        return f"{domain}."
    if name.endswith("."):
        return name
    return f"{name}." if "." in name else f"{name}.{domain}."


def quote_txt(text: str) -> str:
    """Quoted character-strings of `text`, each of at most 255 octets of UTF-8."""
    octets = text.encode()
    chunks = [octets[i : i + _TXT_CHUNK] for i in range(0, len(octets), _TXT_CHUNK)] or [b""]
    return " ".join(f'"{"".join(_escape(octet) for octet in chunk)}"' for chunk in chunks)


def _escape(octet: int) -> str:
    """One octet of a character-string in a zone file (RFC 1035 §5.1)."""
    if octet in b'"\\':
        return f"\\{chr(octet)}"
    return chr(octet) if PRINTABLE_FIRST <= octet <= PRINTABLE_LAST else f"\\{octet:03d}"
