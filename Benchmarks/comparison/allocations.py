# SPDX-License-Identifier: Apache-2.0
"""Heap allocations a datagram: on the hot path there should be none."""

import pathlib
import struct

from . import table, tools
from .contestants import COUNTING, receiving

RATE = 20_000
# A wake-up, which serves many datagrams, may allocate, and so may what the daemon does each second.
NONE = table.Goal("none (< 0.1)", lambda value: value < 0.1)
CASES = {
    "counted": COUNTING,
    "each written to standard output": ["--interface=lo", "--log-rate=0", "--publish-enabled=no"],
}


def _count(path):
    return struct.unpack("@Q", path.read_bytes())[0]


def _command(setup, path, options):
    preloaded = ["env", f"MALLOCS={path}", f"LD_PRELOAD={tools.limit('mallocs.so')}"]
    return lambda port: [*preloaded, setup.binary, "run", f"--port={port}", *options]


def measure(setup):
    for number, (name, options) in enumerate(CASES.items()):
        path = pathlib.Path(setup.scratch, f"mallocs-{number}")
        with receiving(setup.place, {"mcastd": _command(setup, path, options)}) as receivers:
            receiver = receivers["mcastd"]
            # What is made once, on the first datagrams, is not made for each.
            receiver.offer(setup.place, rate=RATE, seconds=0.5, beats=True)
            values = []
            for _ in range(setup.rounds):
                before = _count(path)
                sent = receiver.offer(setup.place, rate=RATE, seconds=setup.seconds(2), beats=True)["sent"]
                values.append((_count(path) - before) / sent)
        yield table.alone(f"heap allocations a datagram, {name}", values, "", NONE)
