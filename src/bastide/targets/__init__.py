# SPDX-License-Identifier: GPL-3.0-or-later
"""The doors outward: each observes and applies."""
