# SPDX-License-Identifier: GPL-3.0-or-later
"""Conformity: the RPNT's criteria and grades, predicted from charters or observed.

:mod:`bastide.conformity.evidence` is what a verdict rests on, :mod:`bastide.conformity.predict`
makes it from charters, :mod:`bastide.conformity.grade` judges it.  Nothing is imported here: most
runs read a fleet and grade nobody.
"""
