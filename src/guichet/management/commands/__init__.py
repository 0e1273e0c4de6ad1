# SPDX-License-Identifier: GPL-3.0-or-later
"""What ``python -m guichet`` can do."""
