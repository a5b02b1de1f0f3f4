# SPDX-License-Identifier: Apache-2.0
"""A network namespace with nothing but lo, its UDP sockets, and the load on them."""

import contextlib
import json
import os
import subprocess

from . import tools
from .processes import Failure, Process, eventually, pinned, run

GROUP = "239.1.1.1"


class Place:
    """Where a command is to run: in which network, and on which processor."""

    def __init__(self, prefix):
        self.prefix = prefix

    def command(self, arguments, processor=None):
        pin = [] if processor is None else pinned(processor)
        return self.prefix + pin + list(map(str, arguments))

    def load(self, processors=(None,), rate=0, **options):
        """Sends to the group, from a process on each of these processors that has its part of the rate; see
        limits/load.c for the options. Returns what they printed, taken together."""
        flags = [f"--rate={rate / len(processors)}"]
        for name, value in options.items():
            flags += [f"--{name}"] if value is True else [] if value is False else [f"--{name}={value}"]
        with contextlib.ExitStack() as running:
            loads = [running.enter_context(Process(
                self.command([tools.limit("load"), *flags], processor), stdout=subprocess.PIPE, text=True))
                for processor in processors]
            printed = [_printed(load.child) for load in loads]
        return {"sent": sum(load["sent"] for load in printed), "rate": sum(load["rate"] for load in printed),
                "start": min(load["start"] for load in printed)}


def _printed(load):
    output, _ = load.communicate(timeout=150)
    if load.returncode != 0:
        raise Failure(f"the load ended with {load.returncode}")
    return json.loads(output)


class Namespace(Place):
    """A network namespace for the time of a block."""

    def __init__(self):
        self.name = f"mcastd-compare-{os.getpid()}"
        super().__init__(["nsenter", f"--net=/run/netns/{self.name}"])

    def __enter__(self):
        run(["ip", "netns", "add", self.name])
        run(["ip", "-n", self.name, "link", "set", "lo", "up"])
        return self

    def __exit__(self, *_):
        run(["ip", "netns", "delete", self.name])


class Socket:
    """A process's socket on a port, as /proc/net/udp shows it: no receiver's own word is needed."""

    def __init__(self, pid, port):
        self.pid, self.port = pid, port

    def _fields(self):
        with open(f"/proc/{self.pid}/net/udp", encoding="ascii") as table:
            for line in table:
                fields = line.split()
                if fields[1].endswith(f":{self.port:04X}"):
                    return fields
        return None

    def is_open(self):
        return self._fields() is not None

    def dropped(self):
        """Datagrams that the kernel dropped because the receive buffer was full."""
        return int(self._fields()[-1])

    def is_empty(self):
        return int(self._fields()[4].split(":")[1], 16) == 0

    def settle(self):
        eventually("a receiver to read what it was sent", self.is_empty, limit=30, pause=0.005)
