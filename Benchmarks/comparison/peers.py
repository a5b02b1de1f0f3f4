# SPDX-License-Identifier: Apache-2.0
"""Tens of thousands of peers: how long a restart takes, and what they need of memory."""

import contextlib
import time

from . import control, resources, table, tools
from .processes import Failure, Process, eventually

PEERS = 60_000
# Datagrams a second, from each source one in 3 s. A load lasts 120 s at most.
RATE, LONGEST = 20_000, 120
START = table.at_most(1, " s")
MEMORY = table.at_most(60, " MB")
# Where the packaged unit has its control socket.
CONTROL = "run/mcastd/io.mcastd"
# In seconds: until what a start leaves to do is done, and its threads have ended.
SETTLED = 8


def measure(setup):
    container = setup.container
    count = 5_000 if setup.quick else PEERS
    container.install(setup.binary)
    container.configure(interface="lo", peers_max=2 * count, log_rate=1, log_burst=1, log_heartbeats="no")
    container.run("systemctl", "start", "mcastd")
    try:
        idle_start = _restart(container)
        time.sleep(SETTLED)
        idle = _memory(container)
        with _crowd(container, count):
            starts = [_restart(container) for _ in range(setup.rounds)]
            # At once: later they would be known from their heartbeats.
            if (known := _known(container)) < count:
                raise Failure(f"after the restarts {known} of {count} peers were known")
            time.sleep(SETTLED)
            crowded = _memory(container)
    finally:
        container.run("systemctl", "stop", "mcastd")
    row = table.alone(f"{count:,} peers: a restart from exec to READY=1, beside one without peers", starts, " s", START)
    row.theirs = table.figure(idle_start, " s")
    yield row
    for name, mine, other, goal in (
            ("resident memory", crowded.resident, idle.resident, MEMORY),
            ("anonymous memory", crowded.anonymous, idle.anonymous, table.NO_GOAL),
            ("highest resident memory so far", crowded.peak, idle.peak, table.NO_GOAL)):
        row = table.alone(f"{count:,} peers: {name} above that without peers", [mine - other], " MB", goal)
        row.theirs = table.figure(other, " MB")
        yield row


@contextlib.contextmanager
def _crowd(container, count):
    """Heartbeats of so many sources for the time of a block, which begins when all are known."""
    load = [tools.limit("load"), "--beats", f"--sources={count}", f"--rate={RATE * count / PEERS}", "--sleep",
            f"--seconds={LONGEST}"]
    with Process(container.place.command(load)) as crowd:
        eventually("all peers to be known", lambda: _known(container) >= count, limit=60, pause=1)
        yield
        if not crowd.is_running:
            raise Failure("the peers' heartbeats ended before the measurement")


def _known(container):
    return sum(control.ledger(container.root / CONTROL)["peers"].values())


def _memory(container):
    return resources.memory(container.pids("mcastd"))


def _restart(container):
    """Seconds from exec to READY=1, by systemd's clock."""
    container.run("systemctl", "restart", "mcastd", limit=100)
    started, ready = (int(container.show("mcastd", name)) for name in (
        "ExecMainStartTimestampMonotonic", "ActiveEnterTimestampMonotonic"))
    return (ready - started) / 1e6
