# SPDX-License-Identifier: Apache-2.0
"""End to end: from multicast to entries in the journal, nothing lost, as fast as journald keeps up."""

import contextlib
import itertools
import re
import subprocess
import time

from . import table, tools
from .contestants import HERE, Receiver
from .network import GROUP
from .processes import Failure, Process, cpu_seconds, eventually

PORT = 5001
# A datagram's number in its entry, and when journald wrote that (monotonic, like the load's start).
ENTRY = re.compile(r"^\[ *(\d+\.\d+)\].* count: (\d{9})", re.MULTILINE)
# The load begins with this rate; a rate at which something was lost is not tried again, a lower one is.
FIRST_RATE = 45_000
SLOWER = 0.85
# journald is at rest when it uses less than this part of a processor.
AT_REST = 0.02


class Writer:
    """What carries datagrams to the journal: how it is started, and under what identifier its entries stand."""

    def __init__(self, name, identifier, start, newline=False):
        self.name, self.identifier, self.start, self.newline = name, identifier, start, newline
        self.rate = FIRST_RATE
        # Of each round: datagrams a second, and the writer's own CPU a datagram in µs.
        self.results, self.costs = [], []


@contextlib.contextmanager
def _unit(container, name, *command):
    """A service of the container, started as `command` says, for the time of a block."""
    container.run(*command)
    try:
        yield container.main_pid(name)
    finally:
        container.run("systemctl", "stop", name)


def packaged(container, unit):
    """How mcastd is started, as this unit."""
    return lambda: _unit(container, unit, "systemctl", "start", unit)


def writers(setup):
    container, buffer = setup.container, tools.receive_buffer()

    def transient(name, *command):
        return _unit(container, name, "systemd-run", "--quiet", "--collect", f"--unit={name}",
                     f"--property=SyslogIdentifier={name}", *command)

    @contextlib.contextmanager
    def socat():
        # The host's socat in the container's network; systemd-cat inside hands its lines to journald.
        options = f"bind={GROUP},reuseaddr,rcvbuf={buffer},ip-add-membership={GROUP}:127.0.0.1"
        source = container.place.command(["socat", "-u", f"UDP4-RECV:{PORT},{options}", "STDOUT"])
        with Process(source, stdout=subprocess.PIPE) as receiver:
            lines = receiver.child.stdout
            with Process(container.inside(["systemd-cat", "--identifier=bench-socat"]), input=lines):
                yield receiver.pid

    def limit(name, *options):
        return lambda: transient(
            name, "/usr/local/bin/journal", f"--identifier={name}", f"--buffer={buffer}", *options)

    return [
        Writer("mcastd", "mcastd", packaged(container, "mcastd")),
        Writer("C", "bench-native", limit("bench-native")),
        Writer("C with sd_journal_sendv", "bench-sendv", limit("bench-sendv", "--sendv")),
        Writer("socat and systemd-cat", "bench-socat", socat, newline=True),
        Writer("a Python service", "bench-python", lambda: transient(
            "bench-python", "python3", "-u", "/usr/local/lib/receiver.py", "--print", f"--buffer={buffer}")),
    ]


def journald_at_rest(container):
    """Waits until journald has worked through what it was sent."""
    journald = container.main_pid("systemd-journald")

    def is_at_rest():
        before = cpu_seconds(journald)
        time.sleep(0.1)
        return cpu_seconds(journald) - before < 0.1 * AT_REST

    eventually("journald to come to rest", is_at_rest, limit=60, pause=0)
    container.run("journalctl", "--sync")


def entries(container, writer, first, count):
    """When journald wrote each of these datagrams, by number, in seconds of CLOCK_MONOTONIC."""
    text = container.run(
        "journalctl", "--quiet", "--no-hostname", "--output=short-monotonic", f"SYSLOG_IDENTIFIER={writer.identifier}",
        limit=120)
    found = ((int(number), float(moment)) for moment, number in ENTRY.findall(text))
    return {number: moment for number, moment in found if first <= number < first + count}


def attempt(setup, writer, count, first):
    """Sends so many datagrams and returns the rate at which they became entries, and what each cost the writer, in µs;
    or `None` if one was lost."""
    container = setup.container
    # An empty journal for each: a file that grows costs more.
    container.run("journalctl", "--quiet", "--rotate", "--vacuum-size=1")
    with writer.start() as process:
        receiver = Receiver(writer.name, process, PORT)
        eventually(f"{writer.name} to open its socket", receiver.socket.is_open)
        time.sleep(0.5)
        before = cpu_seconds(process)
        load = receiver.offer(
            container.place, rate=round(writer.rate), count=count, first=first, seconds=60, sleep=True,
            newline=writer.newline)
        journald_at_rest(container)
        used = cpu_seconds(process) - before
    written = entries(container, writer, first, count)
    if len(written) < load["sent"]:
        return None
    return load["sent"] / (max(written.values()) - load["start"]), used / load["sent"] * 1e6


def sustain(setup, writer, count, numbers):
    """Adds a round to the writer's results: as fast as it can without losing one."""
    for _ in range(10):
        if outcome := attempt(setup, writer, count, next(numbers)):
            rate, cost = outcome
            # Kept up with what was offered: it may be able to do more the next time.
            if rate > 0.97 * writer.rate:
                writer.rate /= SLOWER
            writer.results.append(rate)
            writer.costs.append(cost)
            return
        writer.rate *= SLOWER
    raise Failure(f"{writer.name} lost datagrams even at {writer.rate:,.0f}/s")


def run(setup, everybody):
    """All rounds, in turn."""
    count = 20_000 if setup.quick else 60_000
    numbers = itertools.count(0, count)
    for _ in range(setup.rounds):
        for writer in everybody:
            sustain(setup, writer, count, numbers)


def settings():
    """mcastd's: each datagram gets an entry, and there is nothing else to do."""
    return {"interface": "lo", "publish_enabled": "no", "log_rate": 0, "receive_buffer": tools.receive_buffer()}


def measure(setup):
    container = setup.container
    container.install(setup.binary)
    container.configure(**settings())
    container.put(tools.limit("journal"), "/usr/local/bin/journal")
    container.put(HERE / "receiver.py", "/usr/local/lib/receiver.py")
    everybody = writers(setup)
    run(setup, everybody)
    ours, native, sendv, *text = everybody
    head = "end to end into journald, nothing lost, against"
    yield table.compared(f"{head} C", ours.results, native.results, "/s", table.at_least(0.9))
    yield table.compared(f"{head} {sendv.name}", ours.results, sendv.results, "/s", table.at_least(1.15))
    for writer in text:
        yield table.compared(f"{head} {writer.name} (one field)", ours.results, writer.results, "/s", table.NO_GOAL)
