# SPDX-License-Identifier: Apache-2.0
"""Hosts on a wire: network namespaces on a bridge, and daemons in them. No datagram leaves them."""

import contextlib
import itertools
import os
import pathlib
import subprocess

from comparison.network import GROUP
from comparison.processes import Failure, Process, eventually, run

from .control import Connection, Monitor

PORT = 5001
# As the packaged unit has it (systemd/mcastd.service).
NICE = -10
_numbers = itertools.count(1)


def _batch(name, lines):
    run(["ip", "-n", name, "-batch", "-"], input="".join(line + "\n" for line in lines))


class Namespace:
    """One for the time of a block."""

    def __init__(self):
        self.name = f"mcastd-readings-{os.getpid()}-{next(_numbers)}"

    def command(self, arguments):
        return ["nsenter", f"--net=/run/netns/{self.name}", *map(str, arguments)]

    def ip(self, *lines):
        _batch(self.name, lines)

    def __enter__(self):
        run(["ip", "netns", "add", self.name])
        self.ip("link set lo up")
        return self

    def __exit__(self, *_):
        run(["ip", "netns", "delete", self.name])


class Wire:
    """A bridge, in a namespace of its own, and hosts on it, `hosts[n]` with the address 10.77.0.n+1 and on port n+1."""

    def __init__(self, count):
        self._count = count
        self._stack = contextlib.ExitStack()
        self.hosts = []

    def __enter__(self):
        with contextlib.ExitStack() as stack:
            self.switch = stack.enter_context(Namespace())
            self.switch.ip("link add br0 type bridge mcast_snooping 0", "link set br0 up")
            for number in range(1, self._count + 1):
                host = stack.enter_context(Host(number))
                self.switch.ip(f"link add port{number} type veth peer name eth0 netns {host.name}",
                               f"link set port{number} master br0 up")
                host.ip(f"address add {host.address}/16 dev eth0", "link set eth0 up",
                        "route add 224.0.0.0/4 dev eth0")
                self.hosts.append(host)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_):
        self._stack.close()


class Host(Namespace):
    def __init__(self, number):
        super().__init__()
        self.number, self.address = number, f"10.77.0.{number}"

    def lose(self, percent):
        """Loses this share of what comes from others; what comes back of its own is no matter of the wire."""
        rules = "" if not percent else f"""
            table ip lossy {{
             chain in {{
              type filter hook prerouting priority -300;
              ip saddr != {self.address} udp dport {PORT} numgen random mod 100 < {percent} drop
             }}
            }}"""
        run(self.command(["nft", "-f", "-"]), input="table ip lossy\ndelete table ip lossy\n" + rules)


class Daemon:
    """mcastd with a name on a host, as the unit runs it, but for its journal: what it logs goes nowhere."""

    def __init__(self, setup, host, name, *options):
        self.host, self.name = host, name
        self.directory = pathlib.Path(setup.scratch) / f"{host.name}-{name}"
        self.directory.mkdir()
        self.control = self.directory / "control"
        self._command = host.command([
            "nice", "-n", NICE, setup.binary, "run", "--interface=eth0", f"--group={GROUP}", f"--port={PORT}",
            f"--name={name}", f"--control={self.control}", "--log-heartbeats=no", *options])
        self._process = None
        self._caller = None

    def start(self):
        self._process = Process(self._command, env={**os.environ, "RUNTIME_DIRECTORY": str(self.directory)})
        self._caller = eventually(f"the control socket of {self.name}", self._connect)
        return self

    def _connect(self):
        if not self._process.is_running:
            raise Failure(f"mcastd of {self.name} ended at once")
        with contextlib.suppress(OSError):
            return Connection(self.control)
        return None

    def stop(self, signal):
        self._caller.close()
        self._process.stop(signal)

    @property
    def pid(self):
        return self._process.pid

    @property
    def caller(self):
        return self._caller

    def set(self, **values):
        return self._caller.set(**values)

    def monitor(self):
        return Monitor(self.control)

    def status(self):
        return self._caller.call("GetStatus")

    def alive(self):
        """The names of peers that are alive. A listing is at most a second old."""
        return {peer["host"] for peer in self._caller.call("ListPeers")["peers"] if peer["state"] == "alive"}

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        if self._process:
            self._process.stop()


@contextlib.contextmanager
def busy(count):
    """So many processes that do nothing but take a processor."""
    with contextlib.ExitStack() as stack:
        for _ in range(count):
            # Of no real-time class where this process is.
            stack.enter_context(Process(["chrt", "--other", "0", "sh", "-c", "while :; do :; done"]))
        yield


@contextlib.contextmanager
def undisturbed():
    """Nothing else runs on this processor: what is done in a block is done by many hosts at the same moment."""
    before = os.sched_getscheduler(0), os.sched_getparam(0)
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(1))
    try:
        yield
    finally:
        os.sched_setscheduler(0, *before)


def acquainted(daemons, limit=30):
    """Waits until each knows all others."""
    names = {daemon.name for daemon in daemons}
    for daemon in daemons:
        eventually(f"{daemon.name} to know all others",
                   lambda daemon=daemon: names - {daemon.name} <= daemon.alive(), limit=limit, pause=0.3)


def printing(command):
    """A child whose lines are read, and which reads what it is told."""
    return Process(command, input=subprocess.PIPE, stdout=subprocess.PIPE, stderr=None, text=True, bufsize=1)
