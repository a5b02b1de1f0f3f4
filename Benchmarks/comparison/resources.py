# SPDX-License-Identifier: Apache-2.0
"""What daemons use: processor, wake-ups, threads, memory. A daemon may be several processes."""

import dataclasses
import pathlib
import time

from .processes import cpu_seconds


@dataclasses.dataclass
class Memory:
    """In MB: resident, its anonymous part, and the most that was ever resident."""

    resident: float
    anonymous: float
    peak: float


def memory(pids):
    fields = ("VmRSS", "RssAnon", "VmHWM")
    statuses = [_status(f"/proc/{pid}/status") for pid in pids]
    return Memory(*(sum(int(status[name].split()[0]) * 1024 / 1e6 for status in statuses) for name in fields))


class Interval:
    """CPU seconds, wake-ups, and the most threads of a daemon over a time, up to the last look.

    A wake-up is a voluntary context switch: a thread had waited. Each thread has a count of its own, which goes when it
    ends: what it did after the last look before that is not in the sum. A new thread counts from 0, its start included.
    """

    def __init__(self, pids):
        self._pids = pids
        self._cpu = self._cpu_now()
        self._switches = self._switches_now()
        self.cpu, self.wakeups, self.threads = 0, 0, len(self._switches)

    def look(self):
        self.cpu = self._cpu_now() - self._cpu
        now = self._switches_now()
        self.wakeups += sum(count - self._switches.get(thread, 0) for thread, count in now.items())
        self.threads = max(self.threads, len(now))
        self._switches = now

    def _cpu_now(self):
        return sum(map(cpu_seconds, self._pids))

    def _switches_now(self):
        counts = {}
        for pid in self._pids:
            for thread in pathlib.Path(f"/proc/{pid}/task").iterdir():
                try:
                    counts[thread.name] = int(_status(thread / "status")["voluntary_ctxt_switches"])
                except (FileNotFoundError, ProcessLookupError):
                    # It ended just now.
                    continue
        return counts


def observe(daemons, seconds):
    """An `Interval` of each daemon, all at the same time and looked at once a second; both by name."""
    intervals = {name: Interval(pids) for name, pids in daemons.items()}
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0:
        time.sleep(min(left, 1))
        for interval in intervals.values():
            interval.look()
    return intervals


def _status(path):
    with open(path, encoding="utf-8") as status:
        return dict(line.rstrip("\n").split(":\t", 1) for line in status if ":\t" in line)
