# SPDX-License-Identifier: Apache-2.0
"""A host with a load of 20: how late heartbeats are, and whether anybody is called silent who is not.

The packaged unit runs in the container beside 20 busy loops. Another host, which is not busy, hears it and judges it;
and a sender that is on time is judged by it."""

import collections
import contextlib
import json
import pathlib
import time

from . import punctuality, table, tools
from .network import GROUP, Socket
from .processes import Process, eventually
from .weights import weighed

LOOPS = 20
LOOP = "while :; do :; done"
# The same load, as what systemd and the kernel's scheduler see: each with the commands of its services.
ARRANGEMENTS = {
    f"{LOOPS} busy services": [LOOP] * LOOPS,
    f"a service of {LOOPS} busy processes": [f"for i in $(seq {LOOPS}); do ({LOOP}) & done; wait"],
}
BEAT, INTERVAL = 1000, 1_000_000_000
# A C timer in a service of its own, beside mcastd; and the peer that mcastd judges.
TIMER_GROUP, TIMER_PORT = "239.1.1.2", 5002
PEER = "127.16.0.1"
# Where the packaged unit has its control socket.
CONTROL = "run/mcastd/io.mcastd"
# In ms: half a beat.
BOUND = 500
NONE = table.Goal("none", lambda count: count == 0)


def measure(setup):
    container = setup.container
    container.install(setup.binary)
    container.configure(interface="lo", port=punctuality.PORT, timestamp="utc")
    if setup.drop_in:
        container.drop_in("mcastd", "benchmark", pathlib.Path(setup.drop_in).read_text())
    container.put(tools.limit("beat"), "/usr/local/bin/beat")
    with_drop_in = f" with {pathlib.Path(setup.drop_in).name}" if setup.drop_in else ""
    seconds = round(60 * (0.5 if setup.quick else setup.minutes))
    for name, services in ARRANGEMENTS.items():
        trial = Trial(setup, services, seconds)
        title = f"beside {name} for {seconds / 60:g} min{with_drop_in}"
        if trial.restarts:
            yield table.missing(f"lateness of beats at 1 s, {title}", NONE, f"restarted {trial.restarts} times")
        else:
            yield table.spread(
                f"lateness of beats at 1 s, {title}; and of a C timer's", trial.ours, trial.theirs, " ms", 0.999, BOUND)
        row = table.alone(f"silent verdicts of the host and by it, and restarts, {title}",
                          [sum(trial.verdicts.values()) + trial.restarts], "", NONE)
        if trial.verdicts:
            row.theirs = ", ".join(f"{count} × {event}" for event, count in trial.verdicts.items())
        yield row


class Trial:
    """One load for a while. Lateness is in ms, for as long as the load lasts; verdicts are counted by event."""

    def __init__(self, setup, services, seconds):
        self._setup, self._container = setup, setup.container
        self._scratch = pathlib.Path(setup.scratch)
        container = setup.container
        with contextlib.ExitStack() as running:
            # What began at once is on the schedule, so this starts before there is a load.
            ours = self._watch(running, "ours", seconds, "127.0.0.1", GROUP, punctuality.PORT)
            theirs = self._watch(running, "theirs", seconds, "127.0.0.1", TIMER_GROUP, TIMER_PORT)
            self._start(running, "mcastd")
            self._transient(running, "bench-beat", self._beat(seconds, TIMER_GROUP, TIMER_PORT))
            running.enter_context(Process(setup.place.command(
                [tools.limit("beat"), *self._beat(seconds, GROUP, punctuality.PORT)[1:], f"--source={PEER}"])))
            monitors = [self._monitor(running, name, control) for name, control in (
                ("judged", self._judge(running)), ("judging", container.root / CONTROL))]
            # Until each knows its peer.
            time.sleep(5)
            units = [self._transient(running, f"bench-busy-{number}", ["sh", "-c", loop])
                     for number, loop in enumerate(services)]
            running.enter_context(weighed(container, ["mcastd", "bench-beat", *units]))
            began = time.time_ns()
            time.sleep(seconds)
            self.restarts = int(container.show("mcastd", "NRestarts"))
            for _, watcher in (ours, theirs):
                watcher.stop()
        self.ours, self.theirs = (self._late(path, began) for path, _ in (ours, theirs))
        self.verdicts = collections.Counter(
            event for path in monitors for event in _events(path) if "silent" in event)

    def _watch(self, running, name, seconds, source, group, port):
        path = self._scratch / f"busy-{name}"
        with open(path, "w", encoding="ascii") as output:
            watcher = running.enter_context(Process(self._setup.place.command(
                [tools.limit("stamps"), "--beats", f"--source={source}", "--count=1000000",
                 f"--seconds={seconds + 120}", f"--group={group}", f"--port={port}"]), stdout=output))
        eventually("the watcher to open its socket", Socket(watcher.pid, port).is_open)
        return path, watcher

    def _start(self, running, unit):
        self._container.run("systemctl", "start", unit)
        running.callback(self._container.run, "systemctl", "stop", unit)

    def _transient(self, running, unit, command):
        self._container.run("systemd-run", "--quiet", "--collect", f"--unit={unit}", *command)
        running.callback(self._container.run, "systemctl", "stop", unit)
        return unit

    def _beat(self, seconds, group, port):
        return ["/usr/local/bin/beat", f"--interval={BEAT}", f"--count={seconds + 120}", f"--group={group}",
                f"--port={port}"]

    def _judge(self, running):
        """The other host's daemon, beside the container and not in it; its control socket."""
        control = self._scratch / "busy-control"
        running.enter_context(Process(self._setup.place.command(
            [self._setup.binary, "run", "--interface=lo", f"--port={punctuality.PORT}", "--publish-enabled=no",
             "--log-rate=1", "--log-burst=1", f"--control={control}"])))
        eventually("the control socket", control.exists)
        return control

    def _monitor(self, running, name, control):
        path = self._scratch / f"busy-{name}"
        with open(path, "wb") as output:
            running.enter_context(Process(self._setup.place.command(
                [self._setup.binary, "monitor", "--json", f"--control={control}"]), stdout=output))
        return path

    def _late(self, path, began):
        seen = punctuality.stamps(path.read_text(encoding="ascii"))
        late = punctuality.lateness(seen, INTERVAL)
        return [microseconds / 1000 for (received, _), microseconds in zip(seen, late) if received > began]


def _events(path):
    return [json.loads(line)["event"] for line in path.read_text(encoding="utf-8").splitlines()]
