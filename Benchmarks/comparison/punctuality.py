# SPDX-License-Identifier: Apache-2.0
"""How punctual beats are, by the kernel's receive time stamps."""

import datetime
import statistics
import subprocess

from . import table, tools
from .network import Socket
from .processes import Process, eventually

PORT = 5020
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)


def beats(place, command, count, seconds):
    """A sender's first beats: when the kernel received each, and the time it carries, in ns since the epoch."""
    watch = place.command(
        [tools.limit("stamps"), "--beats", f"--count={count}", f"--seconds={seconds}", f"--port={PORT}"])
    with Process(watch, stdout=subprocess.PIPE, text=True) as watcher:
        eventually("the watcher to open its socket", Socket(watcher.pid, PORT).is_open)
        with Process(place.command(command)):
            output, _ = watcher.child.communicate(timeout=seconds + 10)
    return stamps(output)


def stamps(output):
    """What limits/stamps printed, as `beats` returns it."""
    return [(int(stamp), _carried(text)) for stamp, text in (line.split(" ", 1) for line in output.splitlines())]


def _carried(text):
    time = datetime.datetime.strptime(text, "ATU %Y-%m-%d %H:%M:%S.%f").replace(tzinfo=datetime.timezone.utc)
    return (time - EPOCH) // datetime.timedelta(microseconds=1) * 1000


def lateness(seen, interval):
    """How late each beat reached the kernel, in µs, on the schedule that the first one's own time begins: it is sent
    at once, the others when a timer goes off. Beats that were due while a late one was not yet sent are left out, and
    the next one is as late as it is on the schedule. `interval` in ns."""
    start, due, late = seen[0][1], 0, []
    for received, _ in seen:
        since = received - start
        late.append((since - due * interval) / 1000)
        due = max(due, since // interval) + 1
    return late


def daemon(setup, milliseconds):
    return [setup.binary, "run", "--interface=lo", f"--port={PORT}", f"--interval={milliseconds}ms", "--timestamp=utc",
            "--log-rate=1", "--log-burst=1"]


def timer(milliseconds, count):
    return [tools.limit("beat"), f"--interval={milliseconds}", f"--count={count}", f"--port={PORT}"]


def measure(setup):
    return [_deviation(setup), _drift(setup)]


def _deviation(setup):
    count = 50 if not setup.quick else 15
    results = {"mcastd": [], "C": []}
    for _ in range(setup.rounds):
        for name, command in (("mcastd", daemon(setup, 100)), ("C", timer(100, count))):
            late = lateness(beats(setup.place, command, count, count / 5), 100_000_000)[1:]
            results[name].append(statistics.median(map(abs, late)))
    return table.compared(
        "beat punctuality: median deviation at 100 ms, against a C timerfd", results["mcastd"], results["C"], " µs",
        table.at_most(1.5))


def _drift(setup):
    """Over 1000 beats at 10 ms: how much later the last fifty come than the first fifty, on their schedule."""
    def drift(command):
        seen = beats(setup.place, command, 1000, 14)
        late = lateness(seen, 10_000_000)
        ends = statistics.median(late[-50:]) - statistics.median(late[1:51])
        return ends / 1000, round((seen[-1][0] - seen[0][0]) / 10e6) + 1 - len(seen)

    ours, skipped = drift(daemon(setup, 10))
    theirs, _ = drift(timer(10, 1000))
    goal = table.Goal("none (< 1 ms)", lambda value: abs(value) < 1)
    row = table.alone("drift over 1000 beats at 10 ms", [ours], " ms", goal)
    row.ours += f", {skipped} left out"
    row.theirs = table.figure(theirs, " ms")
    return row
