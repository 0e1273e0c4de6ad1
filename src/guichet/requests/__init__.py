# SPDX-License-Identifier: GPL-3.0-or-later
"""What becomes of a request: filed, moved, answered, mailed about, purged."""
