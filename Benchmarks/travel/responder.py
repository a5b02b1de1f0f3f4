# SPDX-License-Identifier: Apache-2.0
"""The other side of ping-pong: reads `mcastd monitor --json`, and answers each `ping.n` of a host with that `pong.n`.
Arguments: the binary, the control socket, and the name of the host that asks.

Prints `ready` and its processes, and then for each answer the number, and when the line was there and the answer given,
in ns of CLOCK_MONOTONIC."""

import os
import pathlib
import sys
import time

# Runs by itself, as whatever reacts to a reading would.
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from travel.control import Connection  # noqa: E402
from travel.lines import Lines  # noqa: E402


def main(binary, control, host):
    lines = Lines(binary, control)
    caller = Connection(control)
    print("ready", os.getpid(), lines.pid, flush=True)
    while True:
        event, moment = lines.next()
        if event.get("host") != host or event.get("key") != "ping.n" or event.get("quality") != "good":
            continue
        caller.set(pong_n=event["value"])
        print(event["value"], moment, time.monotonic_ns(), flush=True)


main(*sys.argv[1:])
