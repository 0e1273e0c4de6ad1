# SPDX-License-Identifier: GPL-3.0-or-later
"""What the world sees: real queries, real mail, real pages."""

from bastide.verify.check import Check
from bastide.verify.verify import Verifier

__all__ = ["Check", "Verifier"]
