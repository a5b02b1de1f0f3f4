# SPDX-License-Identifier: Apache-2.0
"""Receive only: CPU a datagram at steady rates, and with many sources."""

from . import table
from .contestants import COUNTING, commands, receiving
from .processes import cpu_seconds

# Datagrams a second, and the goal against C.
RATES = {1_000: 1.5, 10_000: 1.0, 50_000: 1.0}
SOURCES = 100_000


def microseconds(place, receiver, **load):
    """CPU that a datagram of this load cost the receiver, in µs."""
    before = cpu_seconds(receiver.pid)
    sent = receiver.offer(place, **load)["sent"]
    return (cpu_seconds(receiver.pid) - before) / sent * 1e6


def measure_rates(setup):
    everybody = commands(setup.binary, None, setup.scratch)
    rows = []
    with receiving(setup.place, {name: everybody[name] for name in ("mcastd", "C")}) as receivers:
        for rate, bound in RATES.items():
            results = {name: [] for name in receivers}
            for _ in range(setup.rounds):
                for name, receiver in receivers.items():
                    results[name].append(microseconds(setup.place, receiver, rate=rate, seconds=setup.seconds(2)))
            rows.append(table.compared(
                f"CPU a datagram at {rate:,}/s, against C epoll", results["mcastd"], results["C"], " µs",
                table.at_most(bound)))
    return rows


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
        " µs", table.at_most(1.3))]
