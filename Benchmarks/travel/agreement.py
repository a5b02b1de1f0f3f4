# SPDX-License-Identifier: Apache-2.0
"""Until 20 hosts agree on a change of another one where datagrams are lost and overtake one another, and whether any of
them ever has an earlier state after a later one. The value is a number that grows, also over restarts of the sender."""

import contextlib
import dataclasses
import pathlib
import random
import selectors
import signal
import sys
import time

from comparison.processes import Failure

from . import figures
from .hosts import Daemon, Wire, acquainted, printing

RELAY = pathlib.Path(__file__).resolve().parent / "relay.py"
RECEIVERS = 20
# Of heartbeats, in ms.
INTERVAL = 1000
CHANGES = 500
# Parts of each case, which take turns; each has a restart and a rush.
TURNS = 10
# From agreement to the next change, in seconds.
PAUSE = 0.05, 0.2
# Changes in a row, 50 ms apart: as many a second as are sent at once.
RUSH, RUSH_PAUSE = 20, 0.050
# In ms, how long a frame waits at most: longer than from one change of a rush to the next.
LONGEST_WAIT = 100
# After this they never agree, in seconds.
LONGEST = 10


@dataclasses.dataclass
class Case:
    """What the wire does; times in ms."""

    name: str
    loss: int
    overtakes: bool = False
    goal: figures.Goal | None = None
    changes: list = dataclasses.field(default_factory=list)
    rushes: list = dataclasses.field(default_factory=list)
    restarts: list = dataclasses.field(default_factory=list)
    disagreements: int = 0
    # Of receivers: an earlier number after a later one, and how often what was known was not any more, restarts apart.
    wrong: list = dataclasses.field(default_factory=list)
    lapses: int = 0
    frames: int = 0
    overtaken: int = 0


def _cases():
    goal = figures.Goal(0.99, INTERVAL)
    return [
        Case("10 % lost", 10, goal=goal), Case("30 % lost", 30, goal=goal), Case("50 % lost", 50),
        Case(f"30 % lost, each frame late by 0–{LONGEST_WAIT} ms", 30, overtakes=True, goal=goal)]


class Receiver:
    """What one host has of the sender."""

    def __init__(self, name):
        self.name = name
        # Nil while it is not known.
        self.number, self.latest = None, 0

    def take(self, event, case, is_restarting):
        if event["value"] == "?" or event["quality"] != "good":
            self.number = None
            case.lapses += not is_restarting
            return
        self.number = int(event["value"])
        if self.number < self.latest:
            case.wrong.append(f"{self.name} had {self.number} after {self.latest}")
        self.latest = max(self.latest, self.number)


class Group:
    def __init__(self, setup, stack):
        self._setup = setup
        self.wire = stack.enter_context(Wire(1 + RECEIVERS))
        # The other way into the bridge, for the relay.
        self.wire.switch.ip("link add relay0 type veth peer name relay1", "link set relay0 up",
                            "link set relay1 master br0 up")
        daemons = [stack.enter_context(Daemon(setup, host, "sender" if host.number == 1 else f"r{host.number}"))
                   for host in self.wire.hosts]
        self.sender, self._daemons = daemons[0], daemons[1:]
        acquainted(daemons, limit=60)
        self._selector = selectors.DefaultSelector()
        self._receivers = []
        for daemon in self._daemons:
            monitor, receiver = daemon.monitor(), Receiver(daemon.name)
            stack.callback(monitor.close)
            self._receivers.append(receiver)
            self._selector.register(monitor, selectors.EVENT_READ, receiver)
        self._number = 0
        self.case, self._is_restarting = None, False

    def listen(self, seconds, until=lambda: False):
        """Takes events for a while, or until something holds; returns when that was, in ns of CLOCK_MONOTONIC."""
        end = time.monotonic() + seconds
        while not until():
            if (left := end - time.monotonic()) <= 0:
                return None
            for key, _ in self._selector.select(left):
                for event, _ in key.fileobj.read():
                    if event.get("host") == self.sender.name and event.get("key") == "count.n":
                        key.data.take(event, self.case, self._is_restarting)
        return time.monotonic_ns()

    def change(self):
        """Returns in ms how long it took."""
        began = self._set()
        ended = self.listen(LONGEST, lambda: all(receiver.number == self._number for receiver in self._receivers))
        if ended is None:
            self.case.disagreements += 1
            return LONGEST * 1000
        return (ended - began) / 1e6

    def _set(self):
        self._number += 1
        began = time.monotonic_ns()
        self.sender.set(count_n=self._number)
        return began

    def rush(self):
        """Several changes in a row; from the last of them."""
        for _ in range(RUSH - 1):
            self._set()
            self.listen(RUSH_PAUSE)
        return self.change()

    def restart(self, number):
        """The change after a restart, from the moment at which the daemon is there again."""
        self._is_restarting = True
        self.sender.stop(number)
        self.sender.start()
        took = self.change()
        self._is_restarting = False
        return took

    @contextlib.contextmanager
    def on(self, case):
        """The wire as in this case, for the time of a block."""
        self.case = case
        for daemon in self._daemons:
            daemon.host.lose(case.loss)
        with self._relay() if case.overtakes else contextlib.nullcontext():
            yield

    @contextlib.contextmanager
    def _relay(self):
        self.wire.switch.ip("link set port1 nomaster")
        with printing(self.wire.switch.command(
                [sys.executable, "-B", RELAY, "port1", "relay0", LONGEST_WAIT, self._setup.seed])) as relay:
            if relay.child.stdout.readline() != "ready\n":
                raise Failure("the relay ended")
            yield
            self.wire.switch.ip("link set port1 master br0")
            printed, _ = relay.child.communicate(timeout=10)
        count, overtaken = map(int, printed.split())
        self.case.frames += count
        self.case.overtaken += overtaken

    def dropped(self):
        return sum(daemon.status()["kernelDropped"] for daemon in self._daemons)


def measure(setup):
    generator = random.Random(setup.seed)
    turns = 2 if setup.quick else TURNS
    changes = max(1, (CHANGES // 10 if setup.quick else CHANGES) // turns)
    cases = _cases()
    with contextlib.ExitStack() as stack:
        group = Group(setup, stack)
        for turn in range(turns):
            for case in generator.sample(cases, len(cases)):
                with group.on(case):
                    for _ in range(changes):
                        group.listen(generator.uniform(*PAUSE))
                        case.changes.append(group.change())
                    case.rushes.append(group.rush())
                    case.restarts.append(group.restart(signal.SIGKILL if turn % 2 else signal.SIGTERM))
                    # What was on its way is no case's afterwards.
                    group.listen(0.5)
        dropped = group.dropped()
    for case in cases:
        yield figures.row(f"until {RECEIVERS} hosts agree, {case.name}", case.changes, case.goal)
        yield figures.row(f"… on the last of {RUSH} changes at 20/s, {case.name}", case.rushes)
        yield figures.row(f"… on the first change after a restart, {case.name}", case.restarts)
        overtaken = f"; {case.overtaken:,} of {case.frames:,} frames overtaken" if case.overtakes else ""
        yield figures.word(
            f"an earlier state after a later one; never agreed; known and then not, {case.name}",
            f"{len(case.wrong)}; {case.disagreements}; {case.lapses}{overtaken}", "0; 0",
            not case.wrong and not case.disagreements)
        for words in case.wrong[:5]:
            yield figures.word(f"… {case.name}", words)
    yield figures.word("dropped by the kernels of all of them", f"{dropped}", "0", dropped == 0)
