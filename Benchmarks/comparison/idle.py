# SPDX-License-Identifier: Apache-2.0
"""At rest: one beat a second sent, received and logged, by mcastd and by C at the same time; and memory."""

import time

from . import table, tools
from .processes import cpu_seconds

UNIT = "bench-idle"


def _memory(pid):
    """Resident and anonymous memory in MB."""
    with open(f"/proc/{pid}/status", encoding="utf-8") as status:
        lines = dict(line.split(":", 1) for line in status)
    return tuple(int(lines[name].split()[0]) * 1024 / 1e6 for name in ("VmRSS", "RssAnon"))


def measure(setup):
    container = setup.container
    container.install(setup.binary)
    container.configure(interface="lo")
    container.put(tools.limit("idle"), "/usr/local/bin/idle")
    container.run("systemctl", "start", "mcastd")
    container.run(
        "systemd-run", "--quiet", "--collect", f"--unit={UNIT}", "/usr/local/bin/idle", "--group=239.1.1.2",
        "--port=5002")
    processes = {"mcastd": container.main_pid("mcastd"), "C": container.main_pid(UNIT)}
    results = {name: [] for name in processes}
    beats = 3 if setup.quick else 10
    # What a start leaves to do is not to be measured.
    time.sleep(3)
    for _ in range(setup.rounds):
        before = {name: cpu_seconds(pid) for name, pid in processes.items()}
        time.sleep(beats)
        for name, pid in processes.items():
            results[name].append((cpu_seconds(pid) - before[name]) / beats * 1e6)
    resident, anonymous = _memory(processes["mcastd"])
    their_resident, their_anonymous = _memory(processes["C"])
    for unit in ("mcastd", UNIT):
        container.run("systemctl", "stop", unit)
    yield table.compared(
        "idle, a beat a second sent, received, logged: CPU a second, against C", results["mcastd"], results["C"], " µs",
        table.at_most(2.0))
    for name, ours, theirs, bound in (
            ("idle RSS", resident, their_resident, 18), ("its anonymous part", anonymous, their_anonymous, 3)):
        row = table.alone(name, [ours], " MB", table.at_most(bound, " MB"))
        row.theirs = table.figure(theirs, " MB")
        yield row
