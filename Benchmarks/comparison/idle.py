# SPDX-License-Identifier: Apache-2.0
"""At rest: one beat a second sent, received and logged, by mcastd, C and C on Dispatch; and what daemons of Debian
need for as little. All at the same time."""

import statistics
import time

from . import neighbours, resources, table

# What mcastd does every few seconds, STATUS=, watchdog and checkpoint, is part of rest: many periods of each.
SECONDS = 20
WORK = {
    "C on Dispatch": "the same work",
    "keepalived": "a VRRP advertisement a second",
    "mosquitto": "a message a second to one subscriber",
}
CPU, WAKEUPS, THREADS = table.at_most(2.0), table.at_most(4), table.at_most(6)
RESIDENT, ANONYMOUS = table.at_most(18, " MB"), table.at_most(3, " MB")


def measure(setup):
    container = setup.container
    container.install(setup.binary)
    container.configure(interface="lo")
    container.run("systemctl", "start", "mcastd")
    with neighbours.running(container) as daemons:
        daemons["mcastd"] = container.pids("mcastd")
        used = figures(setup, daemons)
    container.run("systemctl", "stop", "mcastd")
    yield from _goals(used["mcastd"], used["C"])
    for name, work in WORK.items():
        title = f"idle, beside {name} ({work}); the ratio is CPU"
        yield _beside(title, used["mcastd"], used[name]) if name in used else table.missing(
            title, table.NO_GOAL, f"{name} is not at hand")


def figures(setup, daemons):
    """What each of these daemons uses, by the numbers of its processes, all at the same time."""
    rounds = {name: [] for name in daemons}
    seconds = 4 if setup.quick else SECONDS
    # What a start leaves to do is not to be measured; Dispatch ends a thread that had nothing to do for 5 s.
    time.sleep(8)
    for _ in range(setup.rounds):
        for name, interval in resources.observe(daemons, seconds).items():
            rounds[name].append(interval)
    return {name: Figures(rounds[name], seconds, resources.memory(pids)) for name, pids in daemons.items()}


class Figures:
    """What a daemon used: a list has a value for each round."""

    def __init__(self, rounds, seconds, memory):
        # In µs a second.
        self.cpu = [interval.cpu / seconds * 1e6 for interval in rounds]
        # A second.
        self.wakeups = [interval.wakeups / seconds for interval in rounds]
        self.threads = [interval.threads for interval in rounds]
        self.memory = memory

    def __str__(self):
        return (f"{table.figure(statistics.median(self.cpu), ' µs')} a second, "
                f"{table.figure(statistics.median(self.wakeups), ' wake-ups')} a second, "
                f"{max(self.threads)} threads, {table.figure(self.memory.resident, ' MB')}")


def _goals(ours, theirs):
    yield table.compared(
        "idle, a beat a second sent, received, logged: CPU a second, against C", ours.cpu, theirs.cpu, " µs", CPU)
    for name, mine, other, unit, goal in (
            ("idle, wake-ups a second", ours.wakeups, theirs.wakeups, "", WAKEUPS),
            ("idle, threads", ours.threads, theirs.threads, "", THREADS),
            ("idle RSS", [ours.memory.resident], [theirs.memory.resident], " MB", RESIDENT),
            ("its anonymous part", [ours.memory.anonymous], [theirs.memory.anonymous], " MB", ANONYMOUS)):
        row = table.alone(name, mine, unit, goal)
        row.theirs = table.figure(statistics.median(other), unit)
        yield row


def _beside(title, ours, theirs):
    row = table.compared(title, ours.cpu, theirs.cpu, "", table.NO_GOAL)
    row.ours, row.theirs = str(ours), str(theirs)
    return row
