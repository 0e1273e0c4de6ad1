# SPDX-License-Identifier: GPL-3.0-or-later
"""The peer of P1: PyYAML's SafeLoader and a new Cerberus validator for each file."""

import sys
from itertools import islice
from pathlib import Path

import yaml
from cerberus import Validator

from bastide.schema import Schemas
from bastide.schema.checks import is_single_key


class Plain(Validator):
    """Cerberus as it comes, with the one check by name that a charter's schema has."""

    def _check_with_single_key(self, field, value):
        if not is_single_key(value):
            self._error(field, "single_key")


root, count = Path(sys.argv[1]), int(sys.argv[2])
schema = Schemas.load(root / "schemas").collectivity.cerberus()
for path in islice(sorted(root.glob("collectivities/*/*.yml")), count):
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    document["convention"]["signed_on"] = str(document["convention"]["signed_on"])
    assert Plain(schema).validate(document, normalize=False)
