# SPDX-License-Identifier: GPL-3.0-or-later
"""Mailboxes, beyond what the charters say."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bastide.cli.options import Environment

if TYPE_CHECKING:
    # Only for types, so that --help stays quick.
    from bastide.targets.archives import Deed

Hours = Annotated[
    int,
    typer.Option("--hours", min=1, max=720, help="How long the link may be used."),
]

app = typer.Typer(no_args_is_help=True)


@app.callback()
def mail() -> None:
    """Mailboxes, beyond what the charters say."""


@app.command()
def password(
    address: Annotated[str, typer.Argument(metavar="ADDRESS")],
    environment: Environment = "lab",
) -> None:
    """Set a new random password on a mailbox and print it, once; it is kept nowhere."""
    from bastide.cli.show import out, sound_fleet
    from bastide.report.passwords import give_password

    out(give_password(sound_fleet(environment), address) + "\n")


@app.command()
def invite(
    address: Annotated[str, typer.Argument(metavar="ADDRESS")],
    hours: Hours = 72,
    environment: Environment = "lab",
) -> None:
    """Print a link on which the user chooses the first password; on Zimbra an initial one."""
    _link(address, hours, environment, renew=False)


@app.command()
def reset(
    address: Annotated[str, typer.Argument(metavar="ADDRESS")],
    hours: Hours = 72,
    environment: Environment = "lab",
) -> None:
    """Print a link on which the user chooses another password; on Zimbra an initial one."""
    _link(address, hours, environment, renew=True)


def _link(address: str, hours: int, environment: str, *, renew: bool) -> None:
    from bastide.cli.show import out, say, sound_fleet
    from bastide.report.passwords import give_access

    access = give_access(sound_fleet(environment), address, hours, renew=renew)
    out(access.secret + "\n")
    if access.web:
        say(
            f"initial password, to be changed at the first login on {access.web}, which comes "
            "before any other program; give it to the user alone",
            f"mot de passe provisoire, à changer à la première connexion sur {access.web}, avant "
            "tout autre logiciel ; ne le donnez qu'à l'usager",
        )
        return
    say(
        f"works once, until {access.until}; give it to the user alone",
        f"sert une fois, jusqu'au {access.until} ; ne le donnez qu'à l'usager",
    )


@app.command()
def archive(
    address: Annotated[str, typer.Argument(metavar="ADDRESS")],
    environment: Environment = "lab",
) -> None:
    """Archive a suspended mailbox, which stays; the archive is read again and counted."""
    _archive("archive", address, environment)


@app.command()
def restore(
    address: Annotated[str, typer.Argument(metavar="ADDRESS")],
    environment: Environment = "lab",
) -> None:
    """Put the archive of a purged mailbox back, with folders, UIDs and flags."""
    _archive("restore", address, environment)


@app.command()
def purge(
    address: Annotated[str, typer.Argument(metavar="ADDRESS")],
    messages: Annotated[
        int, typer.Option("--messages", metavar="N", help="How many its archive holds.")
    ],
    environment: Environment = "lab",
) -> None:
    """Remove the mail of a suspended mailbox after its grace; its archive stays."""
    _archive("purge", address, environment, messages)


def _archive(do: Deed, address: str, environment: str, messages: int = -1) -> None:
    from bastide.cli.show import out, sound_fleet
    from bastide.report.archives import archive_work

    for noted in archive_work(sound_fleet(environment), do, address, messages):
        out(f"{noted['messages']} messages  {noted['file']}  sha256:{noted['sha256']}\n")


@app.command()
def move(
    collectivity: Annotated[str, typer.Argument(metavar="SLUG")],
    to: Annotated[str, typer.Option("--to", metavar="HOST", help="The mail host of hosts.yml.")],
    environment: Environment = "lab",
) -> None:
    """Bring the mailboxes of a collectivity to another mail host, unchanged."""
    from bastide.apply.move import move as bring
    from bastide.cli.show import out, say, sound_fleet

    fleet = sound_fleet(environment)
    moved, messages = bring(fleet, collectivity, to, say)
    out(f"{moved} mailboxes, {messages} messages\n")
    facts, placement = fleet.facts(collectivity), fleet.platform.mail.placement
    if facts and placement and placement.holder(collectivity, facts.siren) != to:
        line = f"{collectivity}: {to}"
        say(
            f"now write in platform.yml, below mail.placement.collectivities: {line}",
            f"écrivez maintenant dans platform.yml, sous mail.placement.collectivities : {line}",
        )


@app.command()
def backup(
    host: Annotated[
        str | None,
        typer.Option("--host", metavar="HOST", help="This mail host of hosts.yml alone."),
    ] = None,
    environment: Environment = "lab",
) -> None:
    """Back up what the mail hosts keep beside the mail: accounts, keys, filters, calendars."""
    from bastide.apply.backup import back_up_hosts
    from bastide.cli.backup import backup_lines
    from bastide.cli.show import out, sound_fleet
    from bastide.diagnostics import Diagnostic, RunFailed

    failed = []
    for name, made in back_up_hosts(sound_fleet(environment), host):
        if isinstance(made, Diagnostic):
            failed.append(made)
        else:
            out("".join(f"{line}\n" for line in backup_lines(name, made)))
    if failed:
        raise RunFailed(*failed)


@app.command(name="restore-backup")
def restore_backup(
    host: Annotated[str, typer.Argument(metavar="HOST")],
    file: Annotated[str, typer.Argument(metavar="FILE", help="Path of the backup on that host.")],
    part: Annotated[
        list[str] | None,
        typer.Option("--part", metavar="PART", help="This part alone; repeatable."),
    ] = None,
    force: Annotated[
        bool,
        typer.Option("--force", help="Over what the host holds already, or from another host."),
    ] = False,
    environment: Environment = "lab",
) -> None:
    """Put a backup back on a mail host that the playbook made anew and that holds nothing."""
    from bastide.apply.backup import restore_host
    from bastide.cli.backup import restored_lines
    from bastide.cli.show import out, say, sound_fleet

    said = restore_host(sound_fleet(environment), host, file, part or [], force=force)
    out("".join(f"{line}\n" for line in restored_lines(host, said)))
    for name, count in said["waiting"].items():
        say(
            f"{count} files of {name} wait for their mail: bring it, then --part {name} again",
            f"{count} fichiers de {name} attendent leur courrier : apportez-le, puis --part {name}",
        )
    if said["former"]:
        say(
            f"the former directory is kept on {host}: {said['former']}",
            f"l'ancien annuaire est gardé sur {host} : {said['former']}",
        )


@app.command()
def keys(environment: Environment = "lab") -> None:
    """Show how far the DKIM keys of each mail host have come, and which domains wait for theirs."""
    from bastide.cli.keys import key_lines
    from bastide.cli.show import language, out, sound_fleet
    from bastide.diagnostics import Diagnostic, RunFailed
    from bastide.targets.keys import keys_of_hosts

    failed = []
    for host, said in keys_of_hosts(sound_fleet(environment)):
        if isinstance(said, Diagnostic):
            failed.append(said)
        else:
            out("".join(f"{line}\n" for line in key_lines(host, said, language())))
    if failed:
        raise RunFailed(*failed)


Out = Annotated[
    Path | None,
    typer.Option("--out", metavar="FILE", help="Where to write it; beside you, by its address."),
]


@app.command()
def sheet(
    address: Annotated[str, typer.Argument(metavar="ADDRESS")],
    out: Out = None,
    environment: Environment = "lab",
) -> None:
    """Write the page that its user gets: one PDF in French, without a password."""
    from bastide.cli.show import sound_fleet
    from bastide.report.sheet import sheet as make

    _write(out, address, "pdf", make(sound_fleet(environment), address))


@app.command()
def mobileconfig(
    address: Annotated[str, typer.Argument(metavar="ADDRESS")],
    out: Out = None,
    certificate: Annotated[
        Path | None, typer.Option(help="Certificate with its chain (PEM) to sign with.")
    ] = None,
    key: Annotated[Path | None, typer.Option(help="Its private key (PEM).")] = None,
    environment: Environment = "lab",
) -> None:
    """Write the profile that sets up this address on Apple devices, signed or not."""
    from bastide.cli.show import say, sound_fleet
    from bastide.report.profile import profile, sign

    if (certificate is None) != (key is None):
        raise typer.BadParameter("--certificate and --key go together")
    data = profile(sound_fleet(environment), address)
    if certificate and key:
        data = sign(data, certificate, key)
    else:
        say(
            "not signed: devices will say so (--certificate, --key)",
            "pas signé : les appareils le diront (--certificate, --key)",
        )
    _write(out, address, "mobileconfig", data)


def _write(path: Path | None, address: str, ending: str, content: bytes) -> None:
    from bastide.cli.show import say
    from bastide.documents.atomic import write_atomically

    target = path or Path(f"{address.replace('/', '_')}.{ending}")
    write_atomically(target, content)
    say(f"written: {target}", f"écrit : {target}")
