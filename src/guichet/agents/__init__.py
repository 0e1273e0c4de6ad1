# SPDX-License-Identifier: GPL-3.0-or-later
"""Who of the town hall may come in, and what they may do."""
