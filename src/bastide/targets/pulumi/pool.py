# SPDX-License-Identifier: GPL-3.0-or-later
"""The worker processes, each with a PULUMI_HOME of its own, and who hands out the stacks."""

from __future__ import annotations

import contextlib
import json
import queue
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from bastide.targets.pulumi.budget import Budget
from bastide.targets.pulumi.place import Place
from bastide.targets.pulumi.setup import Setup

Job = dict[str, Any]
Answer = dict[str, Any]

# How long a stack that was told "too many requests" waits, seconds: Cloudflare's block is five
# minutes from the first request over the limit.
BLOCK = 300
_TRIES = 3
# Codes 971 and 10100, and HTTP 429, as the provider tells them.
_THROTTLED = ("429 ", "too many requests", "(971)", "(10100)", "code: 971", "rate limit")


def run_jobs(setup: Setup, jobs: list[Job], budget: Budget) -> Iterator[Answer]:
    """Do `jobs` in worker processes and give each answer as it comes.

    A job has ``requests``, what it costs of `budget`.  One that was told "too many requests" is
    tried again once the block is over.  A worker that dies takes only its job with it.  Raises
    ``RunFailed`` before anything is done, when the command or a secret is missing.
    """
    if not jobs:
        return
    setup.require_command()
    setup.process_environment()
    waiting: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
    answers: queue.SimpleQueue[Answer] = queue.SimpleQueue()
    for job in jobs:
        waiting.put(job)
    count = min(setup.workers, len(jobs))
    threads = [
        threading.Thread(target=_serve, args=(setup, number, waiting, answers, budget))
        for number in range(count)
    ]
    for thread in threads:
        thread.start()
    try:
        for _ in jobs:
            yield answers.get()
    finally:
        # Also when the caller stops: what is under way comes to its end, nothing else begins.
        with contextlib.suppress(queue.Empty):
            while True:
                waiting.get_nowait()
        for _ in threads:
            waiting.put(None)
        for thread in threads:
            thread.join()


def _serve(
    setup: Setup,
    number: int,
    waiting: queue.SimpleQueue[Job | None],
    answers: queue.SimpleQueue[Answer],
    budget: Budget,
) -> None:
    worker: Worker | None = None
    while (job := waiting.get()) is not None:
        for left in reversed(range(_TRIES)):
            budget.take(job["requests"])
            try:
                worker = worker or Worker(setup, number)
                answer = worker.do(job)
            except Exception as error:  # noqa: BLE001  # an answer must come, or all would wait
                if worker:
                    worker.close()
                worker, answer = None, _lost(job, error)
            if not (left and _is_throttled(answer)):
                break
            budget.penalise(BLOCK)
        answers.put(answer)
    if worker:
        worker.close()


class Worker:
    """One process of :mod:`bastide.targets.pulumi.worker`."""

    def __init__(self, setup: Setup, number: int) -> None:
        home = setup.home / "workers" / str(number)
        home.mkdir(parents=True, exist_ok=True)
        (setup.home / "plugins").mkdir(exist_ok=True)
        with contextlib.suppress(FileExistsError):
            # The plugin is large, and all of them read the same.
            (home / "plugins").symlink_to(setup.home / "plugins")
        setup.state.mkdir(parents=True, exist_ok=True)
        work = str(setup.state / "work")
        place = Place(setup.backend_url, str(home), work, setup.require_command())
        self._process = subprocess.Popen(
            [
                sys.executable,
                *("-m", "bastide.targets.pulumi.worker"),
                *(json.dumps(asdict(place)), str(setup.log)),
            ],
            env=setup.process_environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            encoding="utf-8",
            # Ctrl-C is the engine's: a stack under way is not to be cut off.
            start_new_session=True,
        )

    def do(self, job: Job) -> Answer:
        """Send `job`, wait for its answer; ``OSError`` when the process is no more."""
        assert self._process.stdin  # noqa: S101  # for mypy: it was asked for
        assert self._process.stdout  # noqa: S101
        self._process.stdin.write(json.dumps(job) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise OSError(f"its worker ended with {self.close()}")
        answer: Answer = json.loads(line)
        return answer

    def close(self) -> int:
        """Let it end, and wait for that."""
        with contextlib.suppress(OSError, ValueError):
            self._process.communicate()
        return self._process.wait()


def _lost(job: Job, error: Exception) -> Answer:
    return {
        "stack": job["desired"]["stack"],
        **dict.fromkeys(("changes", "failed", "left_alone", "imported"), ()),
        "errors": [str(error)],
        "requests": 0,
        "new": False,
        "locked": "",
    }


def _is_throttled(answer: Answer) -> bool:
    words = [*answer["errors"], *(one["error"] for one in answer["failed"])]
    return any(sign in text.lower() for text in words for sign in _THROTTLED)
