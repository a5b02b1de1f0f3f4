# SPDX-License-Identifier: Apache-2.0
"""Receive only: CPU a datagram at steady rates, and with many sources."""

from . import table
from .contestants import COUNTING, SAME_BUFFER, commands, receiving
from .processes import cpu_seconds
from .sustained import TOLERATED

# Of theirs over ours.
TENFOLD = table.at_least(10)
# By datagrams a second, what mcastd is beside there. Each gets a rate that all of them sustain. Others than C have as
# much buffer as mcastd where they can be told.
CONTESTS = {
    1_000: {"C": table.at_most(1.5)},
    10_000: {"C": table.at_most(1.0), f"socat{SAME_BUFFER}": TENFOLD, f"Python{SAME_BUFFER}": TENFOLD,
             "mcjoin": TENFOLD},
    30_000: {f"socat{SAME_BUFFER}": TENFOLD, f"Python{SAME_BUFFER}": TENFOLD, "mcjoin": TENFOLD},
    50_000: {"C": table.at_most(1.0)},
}
SOURCES = 100_000


def _trial(place, receiver, **load):
    """CPU that a datagram of this load cost the receiver, in µs, and the part of them that the kernel dropped."""
    before = cpu_seconds(receiver.pid)
    offered = receiver.offer(place, **load)
    return (cpu_seconds(receiver.pid) - before) / offered["sent"] * 1e6, offered["lost"]


def microseconds(place, receiver, **load):
    """CPU that a datagram of this load cost the receiver, in µs."""
    return _trial(place, receiver, **load)[0]


def measure_rates(setup):
    everybody = commands(setup.binary, setup.mcjoin, setup.scratch)
    names = {"mcastd"}.union(*CONTESTS.values())
    with receiving(setup.place, {name: everybody[name] for name in everybody if name in names}) as receivers:
        for rate, goals in CONTESTS.items():
            yield from _contest(setup, receivers, rate, goals)


def _contest(setup, receivers, rate, goals):
    """A row for each that mcastd is beside at this rate."""
    trials = {name: [] for name in ("mcastd", *goals) if name in receivers}
    for _ in range(setup.rounds):
        for name, values in trials.items():
            values.append(_trial(setup.place, receivers[name], rate=rate, seconds=setup.seconds(2)))
    for name, goal in goals.items():
        title = f"CPU a datagram at {rate:,}/s, against {name}"
        if name not in trials:
            yield table.missing(title, goal, f"{name} is not at hand")
            continue
        ours, theirs = ([cost for cost, _ in trials[side]] for side in ("mcastd", name))
        row = table.compared(title, ours, theirs, " µs", goal, inverted=goal is TENFOLD)
        row.ours, row.theirs = (
            figure + _loss(trials[side]) for figure, side in ((row.ours, "mcastd"), (row.theirs, name)))
        yield row


def _loss(trials):
    """What makes a receiver's cost that of less than all datagrams."""
    worst = max(lost for _, lost in trials)
    return f", and up to {worst:.1%} lost" if worst >= TOLERATED else ""


def measure_sources(setup):
    """Heartbeats, so that each source is a peer as well: first enough for all to be known, then those that count."""
    command = {"mcastd": lambda port: [
        setup.binary, "run", f"--port={port}", f"--peers-max={2 * SOURCES}", *COUNTING]}
    rate = 50_000
    results = {1: [], SOURCES: []}
    for _ in range(setup.rounds):
        for sources, values in results.items():
            with receiving(setup.place, command) as receivers:
                load = {"rate": rate, "sources": sources, "beats": True}
                # Each source four times: a peer is announced once its interval is known, and that is not what counts.
                receivers["mcastd"].offer(
                    setup.place, count=max(4 * sources, rate // 2), seconds=30, **load)
                values.append(microseconds(setup.place, receivers["mcastd"], seconds=setup.seconds(3), **load))
    return [table.compared(
        f"cost a datagram, {SOURCES:,} sources against 1 (heartbeats at {rate:,}/s)", results[SOURCES], results[1],
        " µs", table.at_most(1.5))]
