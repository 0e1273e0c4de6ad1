# SPDX-License-Identifier: GPL-3.0-or-later
"""Names at their registrars: what was decided about them, and what is ordered."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from bastide.cli.options import Environment, Only, scope

if TYPE_CHECKING:
    # Only for types, so that --help stays quick.
    from bastide.apply.registrars import Run
    from bastide.fleet import Fleet
    from bastide.targets.registrars import Accounts, OrderKind, Rdap
    from bastide.targets.registrars.observe import Situation

app = typer.Typer(no_args_is_help=True)

Domain = Annotated[str, typer.Argument(metavar="DOMAIN")]
Letter = Annotated[
    Path,
    typer.Option("--file", metavar="LETTER", help="The letter or act; only its SHA-256 is kept."),
]
CodeFile = Annotated[
    Path | None,
    typer.Option(
        "--code-file", metavar="FILE", help="Read the code here instead of asking for it."
    ),
]
Ceiling = Annotated[
    str | None,
    typer.Option("--price-ceiling", metavar="EUR", help="Less than platform.yml allows per order."),
]


@app.callback()
def registrar() -> None:
    """Names at their registrars: what was decided about them, and what is ordered."""


@app.command()
def notice(
    domain: Domain,
    letter: Letter,
    kind: Annotated[
        Literal["non_renewal", "withdrawal", "renewal"], typer.Option(help="What it says.")
    ] = "non_renewal",
    channel: Annotated[
        Literal["letter", "registered", "email"], typer.Option(help="How it came.")
    ] = "letter",
    received_on: Annotated[
        str | None, typer.Option("--received-on", metavar="DATE", help="Today unless you say so.")
    ] = None,
    environment: Environment = "lab",
) -> None:
    """Record in the charter what a collectivity wrote about the renewal of a name."""
    from bastide.registration import paris_date

    day = received_on or paris_date(dt.datetime.now(dt.UTC)).isoformat()
    act = {"kind": kind, "received_on": _day(day), "channel": channel}
    _record(domain, "notices", act, letter, environment)


@app.command()
def deliberation(
    domain: Domain,
    letter: Letter,
    about: Annotated[
        Literal["registration", "transfer", "renewal", "non_renewal"],
        typer.Option(help="What it decided."),
    ],
    adopted_on: Annotated[str, typer.Option("--adopted-on", metavar="DATE")],
    environment: Environment = "lab",
) -> None:
    """Record in the charter what the council decided about a name."""
    act = {"about": about, "adopted_on": _day(adopted_on)}
    _record(domain, "deliberations", act, letter, environment)


def _record(
    domain: str,
    where: Literal["notices", "deliberations"],
    act: dict[str, str],
    letter: Path,
    environment: str,
) -> None:
    from bastide.charter.acts import record
    from bastide.cli.show import out, sound_fleet

    recorded = record(sound_fleet(environment), domain, where, act, letter)
    out(f"{recorded.file}  {recorded.evidence}\n")


def _day(written: str) -> str:
    try:
        return dt.date.fromisoformat(written).isoformat()
    except ValueError as error:
        raise typer.BadParameter(f"{written}: AAAA-MM-JJ / YYYY-MM-DD") from error


@app.command()
def run(
    only: Only = None,
    price_ceiling: Ceiling = None,
    check: Annotated[
        bool, typer.Option("--check", help="Say what would be done; order nothing.")
    ] = False,
    environment: Environment = "lab",
) -> None:
    """Renew what is due, within the price ceiling; never from a merge request's pipeline."""
    import os
    from functools import partial

    from bastide.apply.registrars import Allowance, allowance, session
    from bastide.apply.registrars import run as do
    from bastide.apply.registrars.holder import line_of
    from bastide.cli.show import sound_fleet

    fleet = sound_fleet(environment)
    asked = _euros(price_ceiling)
    now = dt.datetime.now(dt.UTC)
    if check:
        most = fleet.platform.registrars.price_ceiling
        allowed = Allowance(most if most is not None else Decimal("Infinity"), None)
        with _accounts(fleet) as accounts:
            done = do(observed(fleet, now, scope(fleet, only, None)), accounts, None, allowed, now)
        _tell(done, check=True)
        return
    allowed = allowance(fleet.platform, os.environ, asked)
    with session(fleet) as ledger, _accounts(fleet) as accounts:
        situations = observed(fleet, now, scope(fleet, only, None))
        done = do(situations, accounts, ledger, allowed, now, partial(line_of, fleet))
    _tell(done, check=False)


def _tell(done: Run, *, check: bool) -> None:
    from bastide.cli.show import language, out, say, tell
    from bastide.diagnostics import has_errors
    from bastide.diagnostics.render import as_text

    for one in done.done:
        price = f"  {one.price:.2f} €" if one.price is not None else ""
        out(f"{one.what}  {one.domain}  {one.registrar}{price}  {one.reference}".rstrip() + "\n")
    if done.faults:
        tell(as_text(sorted(done.faults), len(done.done), language()).rpartition("\n")[0])
    what, what_fr = ("would be done", "à faire") if check else ("done", "faits")
    say(
        f"{len(done.done)} {what}, {done.spent:.2f} € before tax",
        f"{len(done.done)} {what_fr}, {done.spent:.2f} € hors taxe",
    )
    if has_errors(done.faults):
        raise typer.Exit(1)


@app.command()
def register(
    domain: Domain,
    reserved: Annotated[
        bool,
        typer.Option("--reserved", help="Ask for Afnic's code, for a name kept for the commune."),
    ] = False,
    code_file: CodeFile = None,
    price_ceiling: Ceiling = None,
    environment: Environment = "lab",
) -> None:
    """Order a name that a charter declares (mode managed); the collectivity is its holder."""
    code = _secret(code_file) if reserved or code_file else None
    _buy(domain, "register", price_ceiling, environment, registry_code=code)


@app.command(name="transfer-in")
def transfer_in(
    domain: Domain,
    code_file: CodeFile = None,
    price_ceiling: Ceiling = None,
    environment: Environment = "lab",
) -> None:
    """Order the transfer of a name (mode transfer); asks for its authorisation code."""
    _buy(domain, "transfer", price_ceiling, environment, auth_code=_secret(code_file))


def _buy(
    domain: str,
    kind: OrderKind,
    ceiling: str | None,
    environment: str,
    *,
    auth_code: str | None = None,
    registry_code: str | None = None,
) -> None:
    import os

    from bastide.apply.registrars import allowance, buy, session
    from bastide.apply.registrars.buy import Wish
    from bastide.cli.show import out, sound_fleet

    fleet = sound_fleet(environment)
    allowed = allowance(fleet.platform, os.environ, _euros(ceiling))
    wish = Wish(domain, kind, auth_code, registry_code)
    now = dt.datetime.now(dt.UTC)
    with session(fleet) as ledger, _accounts(fleet) as accounts:
        placed = buy(fleet, accounts, ledger, allowed, wish, now)
    price = f"  {placed.price:.2f} €" if placed.price is not None else ""
    out(f"{kind}  {domain}{price}  {placed.reference}\n")


def _secret(file: Path | None) -> str:
    """A code from a file, or typed without echo; never from the command line, which others see."""
    if file is not None:
        code = file.read_text(encoding="utf-8").strip()
    else:
        from bastide.cli.show import language

        prompt = "Code d'autorisation" if language() == "fr" else "Authorisation code"
        code = str(typer.prompt(prompt, hide_input=True)).strip()
    if not code:
        raise typer.BadParameter("—")
    return code


@app.command()
def available(
    name: Annotated[str | None, typer.Argument(metavar="[NAME]")] = None,
    slug: Annotated[
        str | None, typer.Option("--for", metavar="SLUG", help="Suggest names for a collectivity.")
    ] = None,
    environment: Environment = "lab",
) -> None:
    """Say whether a name is free and what it costs, or suggest names for a collectivity."""
    from bastide.cli.show import language, out, sound_fleet
    from bastide.report.availability import of_collectivity, of_name

    if (name is None) == (slug is None):
        raise typer.BadParameter("NAME | --for SLUG")
    fleet = sound_fleet(environment)
    with _accounts(fleet) as accounts:
        rdap = _rdap(fleet)
        if name is not None:
            out(of_name(name, accounts, rdap, language()))
        else:
            (found,) = scope(fleet, [str(slug)], None) or []
            out(of_collectivity(fleet, found, accounts, rdap, language()))


@app.command(name="transfer-out")
def transfer_out(
    domain: Domain,
    to: Annotated[
        Path | None,
        typer.Option("--to", metavar="FOLDER", help="transfert-DOMAIN here by default."),
    ] = None,
    code: Annotated[
        bool, typer.Option("--code", help="Show the authorisation code, once, on this terminal.")
    ] = False,
    environment: Environment = "lab",
) -> None:
    """Write what is needed to take a name elsewhere: zone, steps in French, dates."""
    import sys

    from bastide.charter.acts import NO_SUCH_DOMAIN
    from bastide.cli.show import out, sound_fleet
    from bastide.diagnostics import InvalidInput, diagnose
    from bastide.model.names import to_ascii
    from bastide.report.transfer_out import write_kit

    fleet = sound_fleet(environment)
    wanted = to_ascii(domain) or domain
    now = dt.datetime.now(dt.UTC)
    found = [
        one
        for one in observed(fleet, now, fleet.index.holders_of_domain(wanted))
        if one.domain == wanted
    ]
    if not found:
        raise InvalidInput(diagnose(NO_SUCH_DOMAIN, "", domain=domain))
    if code:
        if not sys.stdout.isatty():
            raise typer.BadParameter("--code: terminal")
        with _accounts(fleet) as accounts:
            out(accounts.registrar(str(found[0].registrar)).auth_code(wanted) + "\n")
        return
    folder = to or Path(f"transfert-{wanted}")
    for file in write_kit(fleet, found[0], folder):
        out(f"{folder / file}\n")


def observed(fleet: Fleet, now: dt.datetime, slugs: Iterable[str] | None) -> list[Situation]:
    """The names of `slugs` (None: of all) with what registrars and registry say today."""
    from bastide.registration import paris_date
    from bastide.targets.registrars.observe import declared, observe

    with _accounts(fleet) as accounts:
        return observe(declared(fleet, paris_date(now), slugs), accounts, _rdap(fleet))


def _accounts(fleet: Fleet) -> Accounts:
    from bastide.targets.registrars import Accounts

    return Accounts(fleet.platform, fleet.workshop.schemas.catalogues(), fleet.repository.root)


def _rdap(fleet: Fleet) -> Rdap | None:
    from bastide.targets.registrars import Rdap

    base = fleet.platform.registrars.rdap
    return Rdap(base, fleet.repository.state / "rdap") if base else None


def _euros(written: str | None) -> Decimal | None:
    if written is None:
        return None
    try:
        amount = Decimal(written.replace(",", "."))
    except InvalidOperation as error:
        raise typer.BadParameter(f"{written}: EUR") from error
    if not amount.is_finite() or amount < 0:
        raise typer.BadParameter(f"{written}: EUR")
    return amount
