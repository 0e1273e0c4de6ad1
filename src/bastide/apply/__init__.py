# SPDX-License-Identifier: GPL-3.0-or-later
"""Plan, safety and journal put together: the apply."""

from bastide.apply.apply import Order, Outcome, apply
from bastide.apply.saved import read_plan

__all__ = ["Order", "Outcome", "apply", "read_plan"]
