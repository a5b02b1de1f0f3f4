# SPDX-License-Identifier: Apache-2.0
"""A network namespace with nothing but lo, its UDP sockets, and the load on them."""

import json
import os

from . import tools
from .processes import eventually, pinned, run

GROUP = "239.1.1.1"


class Place:
    """Where a command is to run: in which network, and on which processor."""

    def __init__(self, prefix):
        self.prefix = prefix

    def command(self, arguments, processor=None):
        pin = [] if processor is None else pinned(processor)
        return self.prefix + pin + list(map(str, arguments))

    def load(self, processor=None, **options):
        """Sends to the group; see limits/load.c for the options. Returns what it printed."""
        flags = []
        for name, value in options.items():
            flags += [f"--{name}"] if value is True else [] if value is False else [f"--{name}={value}"]
        return json.loads(run(self.command([tools.limit("load"), *flags], processor), limit=150))


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
