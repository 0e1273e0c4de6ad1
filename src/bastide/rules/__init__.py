# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks that need more than one field or file; each with a code, both languages, a fix."""

from __future__ import annotations

import datetime as dt

from bastide.model import Collectivity, Facts, Index
from bastide.rules import (
    alias_leads,
    alias_targets,
    cname,
    convention_dates,
    convention_end,
    convention_modules,
    delegation,
    domain_claims,
    domain_name,
    domain_rpnt,
    guichet_agents,
    guichet_colours,
    guichet_files,
    guichet_procedures,
    mail_address,
    mail_claims,
    mail_domain,
    mail_senders,
    mail_shared,
    mail_succession,
    mail_twice,
    mailbox,
    place,
    record_caa,
    record_conflict,
    record_content,
    record_dmarc,
    record_fields,
    record_name,
    record_owner,
    record_set,
    record_spf,
    record_target,
    record_twice,
    redirect_loop,
    redirect_target,
    registrar,
    registration_future,
    registration_notices,
    shared_domain,
    siren,
    siren_twice,
    site_catalogue,
    site_domain,
    site_guide,
    site_population,
    site_redirects,
    site_undeclared,
    webmail,
)
from bastide.rules.case import Case
from bastide.rules.neighbours import neighbours
from bastide.rules.platform_file import check_platform
from bastide.rules.rule import Context, Finding, FleetRule, LocalRule

__all__ = [
    "FLEET_RULES",
    "LOCAL_RULES",
    "Context",
    "Finding",
    "FleetRule",
    "LocalRule",
    "check_fleet",
    "check_local",
    "check_platform",
    "neighbours",
]

# A retired file serves nothing any more: only who it is counts.
IDENTITY_RULES: tuple[LocalRule, ...] = (siren.check, place.check)

LOCAL_RULES: tuple[LocalRule, ...] = (
    *IDENTITY_RULES,
    convention_modules.check,
    convention_dates.check,
    domain_name.check,
    domain_rpnt.check,
    shared_domain.check,
    registrar.check,
    registration_notices.check,
    redirect_target.check,
    record_name.check,
    record_content.check,
    record_fields.check,
    record_owner.check,
    record_set.check,
    record_conflict.check,
    cname.check,
    delegation.check,
    record_twice.check,
    record_target.check,
    record_spf.check,
    record_dmarc.check,
    record_caa.check,
    mail_address.check,
    mail_twice.check,
    mail_senders.check,
    mail_shared.check,
    mailbox.check,
    mail_succession.check,
    webmail.check,
    alias_targets.check,
    site_domain.check,
    site_redirects.check,
    site_catalogue.check,
    site_guide.check,
    site_population.check,
    guichet_procedures.check,
    guichet_files.check,
    guichet_colours.check,
    guichet_agents.check,
)

FLEET_RULES: tuple[FleetRule, ...] = (
    siren_twice.check,
    convention_end.check,
    domain_claims.check,
    registration_future.check,
    redirect_loop.check,
    mail_domain.check,
    mail_claims.check,
    alias_leads.check,
    site_undeclared.check,
)


def check_local(collectivity: Collectivity, context: Context) -> list[Finding]:
    """Findings that one collectivity gives by itself, in the order of the rules."""
    case = Case(collectivity, context)
    rules = IDENTITY_RULES if collectivity.retired else LOCAL_RULES
    return [finding for rule in rules for finding in rule(case)]


def check_fleet(facts: Facts, index: Index, today: dt.date) -> list[Finding]:
    """Findings on one file that depend on the others, or on the day."""
    rules = FLEET_RULES[:1] if facts.retired else FLEET_RULES
    return [finding for rule in rules for finding in rule(facts, index, today)]
