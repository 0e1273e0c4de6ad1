# SPDX-License-Identifier: GPL-3.0-or-later
"""What all tests share."""

import os

import hypothesis

# No timed assertions: an example that is slow on a busy machine is no failure.
hypothesis.settings.register_profile("untimed", deadline=None)
# The long way, before a release: HYPOTHESIS_PROFILE=thorough.
hypothesis.settings.register_profile("thorough", deadline=None, max_examples=10_000)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "untimed"))
