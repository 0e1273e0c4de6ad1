# SPDX-License-Identifier: GPL-3.0-or-later
"""The mail compiler: domains, mailboxes and aliases of one collectivity."""

from __future__ import annotations

from typing import Any

from bastide.desired.resource import Compiled, Origin, Resource
from bastide.model import Collectivity, Mailbox, Platform
from bastide.model.names import normal_address
from bastide.model.services import mail_domains

# Messages of the probe are deleted once read; this is what a day of failures may leave.
PROBE_QUOTA = 100_000_000


def compile_mail(collectivity: Collectivity, platform: Platform, out: Compiled) -> None:
    """Add the mail resources of `collectivity` to `out`.

    A shared domain is brought by the collectivity that declares it; the others only have
    addresses on it.
    """
    declared = {str(d.ascii): d for d in collectivity.live_domains}
    used = mail_domains(collectivity)
    resources = out.resources["mail"]
    for name, domain in declared.items():
        if name in used or name in platform.shared_domains:
            selector = platform.mail.dkim_selector
            keys: dict[str, Any] = {"selector": selector} if selector else {}
            resources.append(Resource(f"maildomain:{name}", keys))
            out.origins[f"maildomain:{name}"] = Origin(collectivity.file, domain.line, "mail")
    _add_relays(collectivity, platform, out)
    for mailbox in collectivity.mailboxes:
        if not mailbox.normal or _is_elsewhere(mailbox, platform):
            continue
        address = f"mailbox:{mailbox.normal}"
        body = _mailbox(mailbox, platform)
        resources.append(Resource(address, body))
        out.origins[address] = Origin(collectivity.file, mailbox.line, "account")
    copies = {mailbox.normal for mailbox in collectivity.mailboxes if mailbox.keep_copy}
    for alias in collectivity.aliases:
        if not alias.normal:
            continue
        address = f"alias:{alias.normal}"
        own = {alias.normal} & copies  # a copy stays in the mailbox of the same address
        targets = sorted({normal_address(t) or t for t in alias.targets} | own)
        resources.append(Resource(address, {"targets": targets}))
        out.origins[address] = Origin(collectivity.file, alias.line, "alias")
    if collectivity.siren == platform.operator_siren:
        _add_probes(platform, out)
        if signing := platform.mail.signing:
            # The mail hosts are told of it in the header of their share.
            out.origins[f"signing:{signing.zone}"] = Origin(platform.file, 1, "signing")
    # Also a shared domain without any address of theirs: the last one that left is suspended.
    out.mail_domains = sorted({*declared, *platform.shared_domains})


def _mailbox(mailbox: Mailbox, platform: Platform) -> dict[str, Any]:
    """The body of one account; what a classic one does not need is not in it."""
    body: dict[str, Any] = {
        "quota": mailbox.quota or platform.mail.quota_default,
        "state": "suspended" if mailbox.suspended else "active",
        "delivery": mailbox.delivery if mailbox.suspended else "keep",
    }
    if mailbox.kind == "collaborative" and platform.mail.groupware == "sogo":
        body["collaborative"] = True
    former = normal_address(mailbox.renamed_from) if mailbox.renamed_from else None
    if former:
        body["renamed_from"] = former
    if mailbox.new_holder:
        body["new_holder"] = mailbox.new_holder
    return body


def _is_elsewhere(mailbox: Mailbox, platform: Platform) -> bool:
    """True for a mailbox that a Zimbra server holds, and no mail host."""
    return mailbox.kind == "collaborative" and platform.mail.zimbra is not None


def _add_relays(collectivity: Collectivity, platform: Platform, out: Compiled) -> None:
    """The mail hosts take in what goes to a mailbox elsewhere, filter it and pass it on."""
    zimbra = platform.mail.zimbra
    for mailbox in collectivity.mailboxes:
        if zimbra is None or not mailbox.normal or mailbox.kind != "collaborative":
            continue
        address = f"relay:{mailbox.normal}"
        body: dict[str, Any] = {
            "to": zimbra.relay,
            "state": "suspended" if mailbox.suspended else "active",
            "delivery": mailbox.delivery if mailbox.suspended else "keep",
        }
        out.resources["mail"].append(Resource(address, body))
        out.origins[address] = Origin(collectivity.file, mailbox.line, "relay")


def _add_probes(platform: Platform, out: Compiled) -> None:
    """The technical mailboxes of `bastide verify` live with the operator's own."""
    for normal, state in (
        (platform.probe_sender, "active"),
        (platform.probe_suspended, "suspended"),
    ):
        if normal:
            address = f"mailbox:{normal}"
            body = {"quota": PROBE_QUOTA, "state": state, "delivery": "keep"}
            out.resources["mail"].append(Resource(address, body))
            out.origins[address] = Origin(platform.file, 1, "probe")
