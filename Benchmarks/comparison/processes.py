# SPDX-License-Identifier: Apache-2.0
"""Child processes, where they run, and what they cost."""

import ctypes
import os
import signal
import subprocess
import time

# prctl(2): the child is killed when its parent dies, so that nothing is left behind.
PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None)


class Failure(Exception):
    """A measurement that could not be made, in words for the reader of the table."""


def _die_with_parent():
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def run(command, limit=60, **options):
    """Runs a command to its end and returns what it printed; its own words are in the failure."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=limit, **options)
    if done.returncode != 0:
        words = (done.stderr or done.stdout).strip()
        raise Failure(f"{' '.join(map(str, command))} ended with {done.returncode}: {words[-400:]}")
    return done.stdout


def cpu_seconds(pid):
    """CPU time of all of a process's threads, also those that have ended, in seconds.

    The clock that clock_getcpuclockid(3) names: nanoseconds, where /proc counts ticks of 10 ms.
    """
    return time.clock_gettime((~pid << 3) | 2)


def processors():
    """The processors for receivers, for the load, and for a second load: different ones where there are as many."""
    available = sorted(os.sched_getaffinity(0))
    return available[0], available[-1], available[-2 % len(available)]


def pinned(processor):
    return ["taskset", "--cpu-list", str(processor)]


class Process:
    """A child that runs until the block ends. Its process number is that of the program itself: whatever
    leads its command (nsenter, taskset, env) becomes it."""

    def __init__(self, command, input=subprocess.DEVNULL, **options):
        self.child = subprocess.Popen(
            list(map(str, command)), stdin=input, preexec_fn=_die_with_parent,
            **{"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, **options})

    @property
    def pid(self):
        return self.child.pid

    @property
    def is_running(self):
        return self.child.poll() is None

    def stop(self, number=signal.SIGTERM):
        if self.is_running:
            self.child.send_signal(number)
        try:
            self.child.wait(10)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


def eventually(what, test, limit=10, pause=0.02):
    """Waits until a test holds, and returns what it returned."""
    end = time.monotonic() + limit
    while not (result := test()):
        if time.monotonic() > end:
            raise Failure(f"waited {limit} s in vain for {what}")
        time.sleep(pause)
    return result
