# SPDX-License-Identifier: GPL-3.0-or-later
"""A worker that serves many tests: each job comes with its place and environment.

Loading Pulumi's packages takes seconds; apart from that it does what `targets.pulumi.worker` does.
In the process of the tests it cannot run: the SDK leaves event loops open, which fails a test.
"""

import json
import os
import sys

from bastide.targets.pulumi.place import Place
from bastide.targets.pulumi.worker import work


def main():
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    for line in sys.stdin:
        asked = json.loads(line)
        os.environ.clear()
        os.environ.update(asked["environment"])
        with open(asked["log"], "a", encoding="utf-8") as log:  # noqa: PTH123
            answer = work(Place(**asked["place"]), asked["job"], log)
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
