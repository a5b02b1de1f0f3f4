# SPDX-License-Identifier: Apache-2.0
"""Time from a heartbeat that makes a source a peer to the line of `mcastd monitor --json` that says so."""

import contextlib
import json
import pathlib
import statistics
import subprocess
import sys

from . import table, tools
from .contestants import COUNTING
from .processes import Failure, Process, eventually

PORT = 5022
NEWCOMERS = pathlib.Path(__file__).resolve().parent / "newcomers.py"
# Datagrams a second beside it.
LOAD = 50_000
COUNT = 300


def measure(setup):
    return [*_rows(setup, None, 2), *_rows(setup, LOAD, 10)]


def _rows(setup, rate, bound):
    medians, slowest = [], []
    for _ in range(setup.rounds):
        spans = sorted(_spans(setup, rate))
        medians.append(statistics.median(spans))
        slowest.append(spans[int(len(spans) * 0.99)])
    beside = "" if rate is None else f", {rate:,} datagrams/s beside it"
    name = f"from the wire to a line of `monitor --json`{beside}"
    return [table.alone(f"{name}: median", medians, " ms", table.at_most(bound, " ms")),
            table.alone(f"{name}: 99 of 100", slowest, " ms", table.at_most(bound, " ms"))]


def _spans(setup, rate):
    """In ms."""
    control = pathlib.Path(setup.scratch) / "changes"
    daemon = [setup.binary, "run", f"--port={PORT}", f"--control={control}", *COUNTING]
    command = setup.place.command(
        [sys.executable, "-B", NEWCOMERS, setup.binary, control, PORT, 60 if setup.quick else COUNT])
    load = [] if rate is None else [tools.limit("load"), f"--rate={rate}", "--seconds=60", f"--port={PORT}"]
    with contextlib.ExitStack() as running:
        running.enter_context(Process(setup.place.command(daemon)))
        eventually("the control socket", control.exists)
        if load:
            running.enter_context(Process(setup.place.command(load)))
        return _run(command)


def _run(command):
    result = subprocess.run(command, capture_output=True, text=True, timeout=100, check=False)
    if result.returncode != 0:
        raise Failure(result.stderr.strip().splitlines()[-1])
    return json.loads(result.stdout)
