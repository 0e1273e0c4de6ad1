# SPDX-License-Identifier: GPL-3.0-or-later
"""Every issue by its name."""

from __future__ import annotations

from bastide.conformity import beside, declared, mail, unknown, web

ALL = declared.ISSUES | web.ISSUES | mail.ISSUES | beside.ISSUES | unknown.ISSUES
