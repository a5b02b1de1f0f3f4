# SPDX-License-Identifier: Apache-2.0
"""Ping-pong, as in the performance procedure for GOOSE: host A says a number, a process on host B that reads `mcastd
monitor --json` says it as well, and A sees it. Half of that, from the beginning of A's call."""

import base64
import contextlib
import dataclasses
import os
import pathlib
import random
import secrets
import statistics
import sys
import time

from comparison.processes import Failure

from . import figures
from .hosts import NICE, Daemon, Wire, acquainted, busy, printing
from .lines import Lines

RESPONDER = pathlib.Path(__file__).resolve().parent / "responder.py"
MODES = ("off", "require")


@dataclasses.dataclass(frozen=True)
class Load:
    """What else runs, and how important those are that read and set, beside a daemon of the unit's Nice=."""

    name: str
    busy: int
    nice: int
    goal: figures.Goal

    def __str__(self):
        return self.name


LOADS = (
    Load("quiet", 0, 0, figures.Goal(0.99, 3)),
    Load("4 busy processes", 4, 0, figures.Goal(0.99, 10)),
    Load(f"4 busy processes, readers too at nice {NICE}", 4, NICE, figures.Goal(0.99, 10)),
)
# From one round to the next, in seconds: of a host at most 20 changes a second are sent at once. At random, for else
# every round would meet the same of the copies of those before.
PAUSE = 0.060, 0.090
ROUNDS = 1000
# Rounds in a row of a mode and load, which take turns.
TURN = 100
# After this the answer never comes, in seconds.
LONGEST = 2
# A turn in which more processes of others ran, on the average, counts only if there are too few without.
OTHERS = 0.25
# How many turns at most are played for one that counts.
MOST_TURNS = 2


@dataclasses.dataclass
class Turn:
    """Rounds in a row. Times in ms: half of the whole, A's call until B's line, B's line until A's."""

    whole: list = dataclasses.field(default_factory=list)
    there: list = dataclasses.field(default_factory=list)
    back: list = dataclasses.field(default_factory=list)
    # Processes of others that ran when each round began.
    others: list = dataclasses.field(default_factory=list)

    @property
    def crowd(self):
        return statistics.fmean(self.others)


class Pair:
    """Two hosts with one auth.mode, on a wire of their own."""

    def __init__(self, setup, mode, stack):
        options = []
        if mode != "off":
            options = [f"--auth-mode={mode}", f"--auth-keys={_keys(setup)}"]
        wire = stack.enter_context(Wire(2))
        self.daemons = [stack.enter_context(Daemon(setup, host, name, *options))
                        for host, name in zip(wire.hosts, ("a", "b"), strict=True)]
        acquainted(self.daemons)
        self._lines = Lines(setup.binary, self.daemons[0].control)
        stack.callback(self._lines.stop)
        self._responder = stack.enter_context(printing(
            [sys.executable, "-B", RESPONDER, setup.binary, self.daemons[1].control, "a"]))
        self._replies = self._responder.child.stdout
        word, *self._pids = self._replies.readline().split() or [""]
        if word != "ready":
            raise Failure("the responder ended")
        self._number = 0

    @property
    def pids(self):
        """Of those that read and set, but for this process."""
        return [self._lines.pid, *map(int, self._pids)]

    def play(self, generator, rounds, load):
        turn = Turn()
        for _ in range(rounds):
            time.sleep(generator.uniform(*PAUSE))
            turn.others.append(max(0, figures.running() - load.busy))
            self._number += 1
            began = time.monotonic_ns()
            self.daemons[0].set(ping_n=self._number)
            ended = self._answer(began)
            _, there, _ = map(int, self._replies.readline().split())
            turn.whole.append((ended - began) / 2e6)
            turn.there.append((there - began) / 1e6)
            turn.back.append((ended - there) / 1e6)
        return turn

    def _answer(self, began):
        while True:
            event, moment = self._lines.next(LONGEST)
            if event is None or moment - began > LONGEST * 1e9:
                raise Failure(f"no answer to {self._number} within {LONGEST} s")
            if (event.get("host"), event.get("key"), event.get("value")) == ("b", "pong.n", str(self._number)):
                return moment


def _keys(setup):
    path = pathlib.Path(setup.scratch) / "keys"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(f"k hmac-sha256 {base64.b64encode(secrets.token_bytes(32)).decode()}\n", encoding="ascii")
    return path


@contextlib.contextmanager
def _beside(load, pids):
    """The load, and this priority of processes, for the time of a block."""
    with busy(load.busy):
        try:
            # The load has begun, and does not inherit it.
            for pid in pids:
                os.setpriority(os.PRIO_PROCESS, pid, load.nice)
            time.sleep(0.3)
            yield
        finally:
            for pid in pids:
                os.setpriority(os.PRIO_PROCESS, pid, 0)


def measure(setup):
    generator = random.Random(setup.seed)
    wanted = 1 if setup.quick else ROUNDS // TURN
    cases = [(mode, load) for load in LOADS if not (load.busy and setup.quiet) for mode in MODES]
    turns = {case: [] for case in cases}

    def is_enough(case):
        return len(turns[case]) == MOST_TURNS * wanted or sum(turn.crowd <= OTHERS for turn in turns[case]) == wanted

    with contextlib.ExitStack() as stack:
        pairs = {mode: Pair(setup, mode, stack) for mode in MODES}
        for pair in pairs.values():
            pair.play(generator, 10, LOADS[0])
        while left := [case for case in cases if not is_enough(case)]:
            for mode, load in generator.sample(left, len(left)):
                with _beside(load, [os.getpid(), *pairs[mode].pids]):
                    turns[mode, load].append(pairs[mode].play(generator, TURN, load))
        for daemon in (daemon for pair in pairs.values() for daemon in pair.daemons):
            if daemon.status()["kernelDropped"]:
                raise Failure(f"the kernel dropped datagrams of {daemon.name}")
    for mode, load in cases:
        yield from _rows(f"auth.mode={mode}, {load}", turns[mode, load], wanted, load.goal)


def _rows(name, turns, wanted, goal):
    # Those with the fewest others, which are none where they are enough.
    best = sorted(turns, key=lambda turn: turn.crowd)[:wanted]
    yield figures.row(f"half the round trip, {name}", [time for turn in best for time in turn.whole], goal)
    yield figures.row("… from A's call to B's line", [time for turn in best for time in turn.there])
    yield figures.row("… from B's line to A's", [time for turn in best for time in turn.back])
    yield figures.word("… processes of others that ran meanwhile, on the average; in turns that do not count",
                       f"{statistics.fmean(turn.crowd for turn in best):.2f}; " + (", ".join(
                           f"{turn.crowd:.1f}" for turn in turns if turn not in best) or "none"))
