# SPDX-License-Identifier: Apache-2.0
"""A power cut: every host says something else in the same moment. How long until all of it is known everywhere, and
whether the kernel dropped any with its own default of a receive buffer."""

import contextlib
import ipaddress
import pathlib
import random
import selectors
import sys
import time

from comparison.network import GROUP
from comparison.processes import Failure, eventually

from . import figures
from .control import readings
from .hosts import PORT, Daemon, Wire, acquainted, printing, undisturbed

CROWD = pathlib.Path(__file__).resolve().parent / "crowd.py"
HOSTS, RECEIVERS = 200, 3
FIRST = ipaddress.ip_address("10.77.8.1")
# Bytes that a kernel grants that nobody has configured, of the 4 MB that mcastd asks for.
BUFFER = 212_992
# In ms; as ChangeSpread has so many hosts delay the first copy.
SPREAD = 2 * min(HOSTS, 250) / 250
GOAL = figures.Goal(1, 100)
CUTS = 50
# From one to the next, in seconds: after the last repetition.
PAUSE = 1.0, 2.0
# How long each is looked for, in seconds.
LONGEST = 3


def measure(setup):
    yield from _crowd(setup)
    yield from _daemons(setup)


class Watch:
    """What daemons have of others' `ups.status`, for the time of a block."""

    def __init__(self, daemons):
        self._selector, self._stack = selectors.DefaultSelector(), contextlib.ExitStack()
        self._daemons = daemons

    def __enter__(self):
        for daemon in self._daemons:
            monitor = self._stack.enter_context(contextlib.closing(daemon.monitor()))
            self._selector.register(monitor, selectors.EVENT_READ, daemon.name)
        return self

    def __exit__(self, *_):
        self._stack.close()

    def arrivals(self, value, wanted):
        """Of each event with this value when it was there, in ns of CLOCK_MONOTONIC, and when its datagram was
        received, in ns of CLOCK_REALTIME: so many, or less after a while."""
        seen = {}
        end = time.monotonic() + LONGEST
        while len(seen) < wanted and (left := end - time.monotonic()) > 0:
            for key, _ in self._selector.select(left):
                for event, moment in key.fileobj.read():
                    if event.get("key") == "ups.status" and event.get("value") == value:
                        seen.setdefault((key.data, event["host"]), (moment, event["timeUsec"] * 1000))
        return seen.values()


class Cuts:
    """What came of several cuts, in ms."""

    def __init__(self):
        self.received, self.told, self.lasts, self.spans, self.missing = [], [], [], [], 0

    def add(self, began, ended, arrivals, wanted):
        """Takes a cut; its times are in ns of CLOCK_MONOTONIC."""
        realtime = began + time.time_ns() - time.monotonic_ns()
        times = [(moment - began) / 1e6 for moment, _ in arrivals]
        self.spans.append((ended - began) / 1e6)
        self.received += [(received - realtime) / 1e6 for _, received in arrivals]
        self.told += times
        self.missing += wanted - len(times)
        self.lasts.append(max(times) if len(times) == wanted else LONGEST * 1000)

    def rows(self, name):
        yield figures.row(f"{name}: each state, until it is received", self.received, GOAL)
        yield figures.row("… until `Monitor` tells it", self.told)
        yield figures.row("… until the last one of a cut is told", self.lasts, GOAL)
        late = sum(time > GOAL.bound for time in self.told)
        yield figures.word(
            f"… told later than {GOAL.bound} ms; never", f"{late:,}; {self.missing:,} of "
            f"{len(self.told) + self.missing:,}", "0; 0", not (late or self.missing))
        spans = sorted(self.spans)
        yield figures.word("… from the first to the last that is sent or set",
                           f"{spans[len(spans) // 2]:.2f} ms, at most {spans[-1]:.2f} ms")


def _drops(daemons):
    return sum(daemon.status()["kernelDropped"] for daemon in daemons)


def _dropped(count):
    return figures.word("… dropped by the kernels of all of them", f"{count}", "0", count == 0)


def _daemon(setup, host):
    return Daemon(setup, host, f"h{host.number}", f"--receive-buffer={BUFFER}")


def _crowd(setup):
    generator = random.Random(setup.seed)
    cuts = {0: Cuts(), SPREAD: Cuts()}
    with contextlib.ExitStack() as stack:
        wire = stack.enter_context(Wire(RECEIVERS + 1))
        *receivers, place = wire.hosts
        daemons = [stack.enter_context(_daemon(setup, host)) for host in receivers]
        place.ip(*(f"address add {FIRST + number}/16 dev eth0" for number in range(HOSTS)))
        crowd = stack.enter_context(printing(place.command(
            [sys.executable, "-B", CROWD, HOSTS, FIRST, GROUP, PORT, setup.seed])))
        if crowd.child.stdout.readline() != "ready\n":
            raise Failure("the crowd ended")
        acquainted(daemons)
        for daemon in daemons:
            eventually(f"{daemon.name} to know all of them",
                       lambda daemon=daemon: sum(name.startswith("c") for name in daemon.alive()) == HOSTS, pause=0.3)
        before, number, wanted = _drops(daemons), 0, HOSTS * RECEIVERS
        watch = stack.enter_context(Watch(daemons))
        for _ in range(_count(setup)):
            for spread, cut in generator.sample(list(cuts.items()), len(cuts)):
                time.sleep(generator.uniform(*PAUSE))
                number += 1
                crowd.child.stdin.write(f"{number} {spread}\n")
                crowd.child.stdin.flush()
                arrivals = watch.arrivals(str(number), wanted)
                cut.add(*map(int, crowd.child.stdout.readline().split()), arrivals, wanted)
        dropped = _drops(daemons) - before
    for spread, cut in cuts.items():
        how = f"spread over {spread} ms as by mcastd" if spread else "as fast as one process sends"
        yield from cut.rows(f"{HOSTS} simulated hosts, {RECEIVERS} daemons, {how}")
    yield _dropped(dropped)


def _daemons(setup):
    generator = random.Random(setup.seed)
    watched = {count: Cuts() for count in (RECEIVERS, setup.daemons)}
    with contextlib.ExitStack() as stack:
        wire = stack.enter_context(Wire(setup.daemons))
        daemons = [stack.enter_context(_daemon(setup, host)) for host in wire.hosts]
        acquainted(daemons, limit=60)
        before, number = _drops(daemons), 0
        for _ in range(_count(setup)):
            for count, cuts in generator.sample(list(watched.items()), len(watched)):
                with Watch(daemons[:count]) as watch:
                    time.sleep(generator.uniform(*PAUSE))
                    number += 1
                    with undisturbed():
                        began = time.monotonic_ns()
                        for daemon in daemons:
                            daemon.caller.begin("SetReadings", readings=readings({"ups_status": number}))
                        ended = time.monotonic_ns()
                    cuts.add(began, ended, watch.arrivals(str(number), count * setup.daemons), count * setup.daemons)
                    for daemon in daemons:
                        daemon.caller.finish()
        dropped = _drops(daemons) - before
    for count, cuts in watched.items():
        yield from cuts.rows(f"{setup.daemons} daemons, {count} of which are watched")
    yield _dropped(dropped)


def _count(setup):
    return CUTS // 10 if setup.quick else CUTS
