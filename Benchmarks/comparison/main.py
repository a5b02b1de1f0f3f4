# SPDX-License-Identifier: Apache-2.0
"""The command line of `compare`."""

import argparse
import dataclasses
import os
import pathlib
import platform
import signal
import subprocess
import sys
import tempfile
import time

from . import (
    allocations, before, busy, changes, cost, flood, idle, journal, peers, punctuality, sustained, table, tools)
from .container import Container
from .network import Namespace, Place
from .processes import Failure

# What is measured in the namespace, and what in the container.
WITHOUT_JOURNAL = {
    "sustained": sustained.measure,
    "cpu": cost.measure_rates,
    "sources": cost.measure_sources,
    "punctuality": punctuality.measure,
    "flood": flood.measure,
    "allocations": allocations.measure,
    "changes": changes.measure,
}
WITH_JOURNAL = {"journal": journal.measure, "idle": idle.measure, "peers": peers.measure, "busy": busy.measure}
NAMES = [*WITH_JOURNAL, *WITHOUT_JOURNAL]
# What another build can be compared in, by --before.
BEFORE_WITH_JOURNAL = {"journal": before.measure_journal, "idle": before.measure_idle}
BEFORE_WITHOUT_JOURNAL = {"cpu": before.measure_cpu}
# Only where they are asked for: it takes long.
ON_REQUEST = {"busy"}


@dataclasses.dataclass
class Setup:
    """What every measurement is given."""

    binary: str
    mcjoin: str | None
    scratch: str
    rounds: int
    quick: bool
    # Where receivers and load run: the namespace, or the container's network.
    place: Place | None = None
    # Another build of mcastd.
    before: str | None = None
    container: Container | None = None
    # For `busy`: how long each load lasts, and a file that is added to the packaged unit.
    minutes: float = 10
    drop_in: str | None = None

    def seconds(self, full):
        """How long one trial lasts."""
        return full / 2 if self.quick else full


def _arguments(description):
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, help="how often each is measured in turn (5; 1 with --quick)")
    parser.add_argument("--quick", action="store_true", help="short trials: shows that it works, no more")
    parser.add_argument(
        "--only", action="append", choices=NAMES, help="these rows only; may be repeated (all but busy)")
    parser.add_argument(
        "--before", metavar="BINARY", help="mcastd beside this other build of it, in journal, idle and cpu")
    parser.add_argument("--minutes", type=float, default=10, help="how long each load of `busy` lasts (10)")
    parser.add_argument("--drop-in", metavar="FILE", help="for `busy`: a drop-in for the packaged unit")
    arguments = parser.parse_args()
    comparable = [*BEFORE_WITH_JOURNAL, *BEFORE_WITHOUT_JOURNAL]
    if arguments.before and (others := [name for name in arguments.only or [] if name not in comparable]):
        parser.error(f"--before compares {', '.join(comparable)}, not {', '.join(others)}")
    return arguments


def _interrupt(*_):
    # As an exception it takes down what is running.
    raise KeyboardInterrupt


def report(name, measure, setup):
    started = time.monotonic()
    try:
        for row in measure(setup):
            print(row, flush=True)
        return True
    except (Failure, OSError, subprocess.SubprocessError) as failure:
        print(table.Row(name, "failed", str(failure).replace("|", "/").replace("\n", " ")), flush=True)
        return False
    finally:
        print(f"compare: {name} took {time.monotonic() - started:.0f} s", file=sys.stderr)


def main(description):
    arguments = _arguments(description)
    if os.geteuid() != 0:
        print("compare: namespaces and containers need root", file=sys.stderr)
        return 77
    signal.signal(signal.SIGTERM, _interrupt)
    with_journal, without_journal = (
        (BEFORE_WITH_JOURNAL, BEFORE_WITHOUT_JOURNAL) if arguments.before else (WITH_JOURNAL, WITHOUT_JOURNAL))
    wanted = arguments.only or [name for name in NAMES if name not in ON_REQUEST]
    with tempfile.TemporaryDirectory(prefix="mcastd-compare-") as scratch:
        try:
            tools.build_limits()
            setup = Setup(
                tools.mcastd(), tools.mcjoin(scratch), scratch, arguments.rounds or (1 if arguments.quick else 5),
                arguments.quick, before=arguments.before, minutes=arguments.minutes, drop_in=arguments.drop_in)
        except (Failure, OSError) as failure:
            print(f"compare: {failure}", file=sys.stderr)
            return 1
        print(machine(setup))
        print(table.HEAD, flush=True)
        done = True
        if wanted_here := [name for name in with_journal if name in wanted]:
            with Container(pathlib.Path(scratch)) as container:
                inside = dataclasses.replace(setup, place=container.place, container=container)
                for name in wanted_here:
                    done &= report(name, with_journal[name], inside)
        if wanted_here := [name for name in without_journal if name in wanted]:
            with Namespace() as namespace:
                inside = dataclasses.replace(setup, place=namespace)
                for name in wanted_here:
                    done &= report(name, without_journal[name], inside)
    return 0 if done else 1


def machine(setup):
    with open("/proc/cpuinfo", encoding="utf-8") as text:
        model = next((line.split(":")[1].strip() for line in text if line.startswith("model name")), "?")
    rounds = f"medians of {setup.rounds} rounds in turn" + (", short trials" if setup.quick else "")
    return (f"{model}, {os.cpu_count()} processors, Linux {platform.release()}, receive buffer "
            f"{tools.receive_buffer():,} bytes; {rounds}.\n")
