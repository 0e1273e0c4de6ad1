# SPDX-License-Identifier: GPL-3.0-or-later
"""The pages by which managers make procedures: plain forms, no script."""
