# SPDX-License-Identifier: Apache-2.0
"""mcastd beside another build of it: whether a change costs anything on the way of a datagram."""

from . import table
from .contestants import commands, receiving
from .cost import microseconds

# A load, by what it is called in the table. Heartbeats of many sources go through the table of peers.
LOADS = {
    "datagrams at 10,000/s": {"rate": 10_000},
    "datagrams at 100,000/s": {"rate": 100_000},
    "heartbeats of one source at 50,000/s": {"rate": 50_000, "beats": True},
    "heartbeats of 1,000 sources at 50,000/s": {"rate": 50_000, "beats": True, "sources": 1000},
}
# More than this is to be mended.
LOSS = 1.03


def measure(setup):
    builds = {
        name: commands(binary, None, setup.scratch)["mcastd"]
        for name, binary in (("now", setup.binary), ("before", setup.before))
    }
    rows = []
    for name, load in LOADS.items():
        results = {build: [] for build in builds}
        with receiving(setup.place, builds) as receivers:
            for receiver in receivers.values():
                receiver.offer(setup.place, seconds=1, **load)
            for _ in range(setup.rounds):
                for build, receiver in receivers.items():
                    results[build].append(microseconds(setup.place, receiver, seconds=setup.seconds(2), **load))
        rows.append(table.compared(
            f"CPU a datagram, {name}", results["now"], results["before"], " µs", table.at_most(LOSS)))
    return rows
