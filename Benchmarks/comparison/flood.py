# SPDX-License-Identifier: Apache-2.0
"""How late our own beats are while others' datagrams flood the group, beside a C timer and a C receiver."""

import contextlib
import json
import subprocess

from . import punctuality, table, tools
from .network import Socket
from .processes import Failure, Process, eventually

# Datagrams a second, and how many of them one message of the load has to hold for that.
RATES = {50_000: 1, 300_000: 64}
# In ms.
INTERVAL, BOUND = 100, 5
# The first beats are those of a start.
SETTLED = 5


def measure(setup):
    for rate, segments in RATES.items():
        late, reached = {"mcastd": [], "C": []}, []
        for _ in range(setup.rounds):
            for name, values in late.items():
                lateness, load = _trial(setup, name, rate, segments)
                values += lateness
                reached.append(load["rate"])
        row = table.spread(
            f"lateness of beats at {INTERVAL} ms in a flood of {rate:,} datagrams/s, beside a C timer's",
            late["mcastd"], late["C"], " ms", 0.99, BOUND)
        if min(reached) < 0.9 * rate:
            row.met = f"cannot tell: the load reached {min(reached):,.0f}/s"
        yield row


def _trial(setup, name, rate, segments):
    """How late beats were, in ms, and what the load printed. In C one program receives and another beats."""
    port = punctuality.PORT
    count = SETTLED + (30 if setup.quick else 100)
    seconds = count * INTERVAL / 1000 + 3
    load = [tools.limit("load"), f"--rate={rate}", f"--segments={segments}", "--sleep", f"--seconds={seconds}",
            f"--port={port}"]
    sender = punctuality.timer(INTERVAL, count)
    with contextlib.ExitStack() as running:
        if name == "mcastd":
            sender = punctuality.daemon(setup, INTERVAL)
        else:
            receiver = running.enter_context(Process(setup.place.command(
                [tools.limit("receive"), f"--port={port}", f"--buffer={tools.receive_buffer()}"])))
            eventually("the receiver to open its socket", Socket(receiver.pid, port).is_open)
        flood = running.enter_context(Process(setup.place.command(load), stdout=subprocess.PIPE, text=True))
        seen = punctuality.beats(setup.place, sender, count, seconds)
        if not flood.is_running or len(seen) < count:
            raise Failure(f"{len(seen)} of {count} beats were seen before the flood ended")
        output, _ = flood.child.communicate(timeout=30)
    late = punctuality.lateness(seen, INTERVAL * 1_000_000)[SETTLED:]
    return [value / 1000 for value in late], json.loads(output)
