# SPDX-License-Identifier: GPL-3.0-or-later
"""Conformity: the RPNT's criteria and grades, predicted from charters or observed."""

from bastide.conformity.evidence import Evidence
from bastide.conformity.grade import GRADES, Mode, Report, grade

__all__ = ["GRADES", "Evidence", "Mode", "Report", "grade"]
