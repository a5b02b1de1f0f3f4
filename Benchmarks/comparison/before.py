# SPDX-License-Identifier: Apache-2.0
"""mcastd beside another build of it: whether a change costs anything on the way of a datagram, at rest, or on the way
into the journal."""

from . import idle, journal, table
from .contestants import commands, receiving
from .cost import microseconds
from .journal import Writer

# A load, by what it is called in the table. Heartbeats of many sources go through the table of peers.
LOADS = {
    "datagrams at 10,000/s": {"rate": 10_000},
    "datagrams at 100,000/s": {"rate": 100_000},
    "heartbeats of one source at 50,000/s": {"rate": 50_000, "beats": True},
    "heartbeats of 1,000 sources at 50,000/s": {"rate": 50_000, "beats": True, "sources": 1000},
}
# More than this is to be mended.
LOSS = 1.03
# Two runs of one build differ by this at rest, where the work of a second takes half a millisecond, and in a rate that
# journald limits.
REST_LOSS, RATE_LOSS = 1.1, 0.9


def measure_cpu(setup):
    builds = {
        name: commands(binary, None, setup.scratch)["mcastd"]
        for name, binary in (("now", setup.binary), ("before", setup.before))
    }
    for name, load in LOADS.items():
        results = {build: [] for build in builds}
        with receiving(setup.place, builds) as receivers:
            for receiver in receivers.values():
                receiver.offer(setup.place, seconds=1, **load)
            for _ in range(setup.rounds):
                for build, receiver in receivers.items():
                    results[build].append(microseconds(setup.place, receiver, seconds=setup.seconds(2), **load))
        yield table.compared(
            f"CPU a datagram, {name}, against before", results["now"], results["before"], " µs", table.at_most(LOSS))


def measure_idle(setup):
    """Both at the same time, each with a group of its own."""
    container = setup.container
    container.install(setup.binary)
    container.install(setup.before, "before")
    container.configure(interface="lo")
    container.configure("before", interface="lo", group="239.1.1.2", port=5002)
    for unit in ("mcastd", "before"):
        container.run("systemctl", "start", unit)
    daemons = {unit: container.pids(unit) for unit in ("mcastd", "before")}
    figures = idle.figures(setup, daemons)
    for unit in daemons:
        container.run("systemctl", "stop", unit)
    now, before = figures["mcastd"], figures["before"]
    for name, ours, theirs, unit in (
            ("CPU a second", now.cpu, before.cpu, " µs"),
            ("wake-ups a second", now.wakeups, before.wakeups, ""),
            ("threads", now.threads, before.threads, ""),
            ("RSS", [now.memory.resident], [before.memory.resident], " MB"),
            ("anonymous memory", [now.memory.anonymous], [before.memory.anonymous], " MB")):
        yield table.compared(f"idle {name}, against before", ours, theirs, unit, table.at_most(REST_LOSS))


def measure_journal(setup):
    """In turn: at the same time journald would have both to do."""
    container = setup.container
    writers = []
    for unit, binary in (("mcastd", setup.binary), ("before", setup.before)):
        container.install(binary, unit)
        container.configure(unit, **journal.settings())
        writers.append(Writer(unit, "mcastd", journal.packaged(container, unit)))
    journal.run(setup, writers)
    now, before = writers
    head = "end to end into journald, nothing lost, against before"
    yield table.compared(head, now.results, before.results, "/s", table.at_least(RATE_LOSS))
    yield table.compared(f"{head}: our CPU a datagram", now.costs, before.costs, " µs", table.at_most(LOSS))
