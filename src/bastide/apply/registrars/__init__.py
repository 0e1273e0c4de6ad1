# SPDX-License-Identifier: GPL-3.0-or-later
"""What spends money at registrars: under one lock, under a ceiling, on the record, once."""

from bastide.apply.registrars.buy import buy
from bastide.apply.registrars.guards import Allowance, allowance
from bastide.apply.registrars.ledger import Key, Ledger
from bastide.apply.registrars.run import Done, Run, run
from bastide.apply.registrars.session import session

__all__ = ["Allowance", "Done", "Key", "Ledger", "Run", "allowance", "buy", "run", "session"]
