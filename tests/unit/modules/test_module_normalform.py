# SPDX-License-Identifier: GPL-3.0-or-later
"""The hosts have the normal form of the engine, with the dnspython of Debian too."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
from ansible.module_utils import bastide_normalform as on_the_host
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bastide.model.normal_form import normal_rdata
from unit.model.record_data import TYPES

MODULES = Path(on_the_host.__file__).parent
PYTHON = "/usr/bin/python3"
# One line of JSON in, one out, so that Python starts once.
ASKED = """
import json, sys
from bastide_normalform import normal_rdata
for line in sys.stdin:
    print(json.dumps([normal_rdata(rtype, text) for rtype, text in json.loads(line)]), flush=True)
"""


@pytest.fixture(scope="module")
def debian():
    """Normal forms by Debian's Python, whose dnspython is years older than the engine's."""
    seen = subprocess.run([PYTHON, "-c", "import dns.version"], capture_output=True, check=False)
    if seen.returncode != 0:
        pytest.skip("python3-dnspython is not installed")
    environment = {"PYTHONPATH": str(MODULES), "PYTHONDONTWRITEBYTECODE": "1"}
    with subprocess.Popen(
        [PYTHON, "-c", ASKED],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
    ) as process:

        def ask(questions):
            process.stdin.write(json.dumps(questions) + "\n")
            process.stdin.flush()
            return json.loads(process.stdout.readline())

        yield ask


def test_the_host_runs_the_very_file_of_the_engine():
    assert MODULES.joinpath("bastide_normalform.py").resolve().parts[-3:] == (
        "bastide",
        "model",
        "normal_form.py",
    )


@pytest.mark.parametrize("rtype", sorted(TYPES))
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_the_library_of_debian_gives_the_form_of_the_engine(debian, rtype, data):
    text, _ = data.draw(TYPES[rtype])
    normal = normal_rdata(rtype, text)
    assert debian([(rtype, text), (rtype, normal)]) == [normal, normal]
