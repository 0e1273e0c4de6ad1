# SPDX-License-Identifier: GPL-3.0-or-later
"""The program of one stack, for the `pulumi` command itself: registers a graph that Bastide wrote.

BASTIDE_GRAPH names the file, as ``.bastide/production/pulumi/graphs/214600421.json``.  See
docs/pulumi.md for the whole command.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from bastide.targets.pulumi.graph import Graph
from bastide.targets.pulumi.program import register

register(Graph.from_data(json.loads(Path(os.environ["BASTIDE_GRAPH"]).read_text("utf-8"))))
