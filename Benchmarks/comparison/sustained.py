# SPDX-License-Identifier: Apache-2.0
"""Receive only: the highest rate at which the kernel drops less than one in a thousand."""

import math
import statistics

from . import control, table
from .contestants import SAME_BUFFER, commands, receiving
from .processes import Failure

TOLERATED = 0.001
# Above this rate the load goes to the kernel in segments: one message a datagram is dearer than receiving it.
SEGMENTED_ABOVE = 100_000
# Where the search begins, in datagrams a second.
FIRST_GUESS = {"mcastd": 300_000, "C": 300_000}
SLOW_GUESS = 30_000
# The search ends when what passed and what did not are this close.
RESOLUTION = 1.04
GOALS = {
    "C": table.at_least(0.9),
    "socat": table.at_least(10),
    "mcjoin": table.at_least(10),
    "Python": table.at_least(10),
    f"socat{SAME_BUFFER}": table.NO_GOAL,
    f"Python{SAME_BUFFER}": table.NO_GOAL,
}


def attempt(place, receiver, rate, seconds):
    """Offers a rate; returns the rate that was reached and whether it passed."""
    segments = 64 if rate > SEGMENTED_ABOVE else 1
    # What disturbed a failure may be another program: twice is a failure.
    for _ in range(2):
        load = receiver.offer(place, rate=round(rate), seconds=seconds, segments=segments)
        if load["lost"] < TOLERATED:
            return load["rate"], True
    return load["rate"], False


def search(trial, guess, step, trials):
    """The highest rate that passes: in steps from the guess, then halving what lies between.

    `trial` takes a rate, and returns the rate that was reached and whether it passed. Returns the rate, and whether it
    was the load that could do no more.
    """
    passed, failed, rate = 0, math.inf, guess
    for _ in range(trials):
        reached, ok = trial(rate)
        if ok:
            passed = max(passed, reached)
            if reached < 0.9 * rate:
                return passed, True
        else:
            failed = min(failed, rate)
        if passed and failed / passed < RESOLUTION:
            break
        if not passed:
            rate = failed / step
        else:
            rate = passed * step if failed == math.inf else math.sqrt(passed * failed)
    if not passed:
        raise Failure(f"no rate down to {rate:,.0f}/s passed")
    return passed, False


def check_ledger(receiver, scratch):
    """mcastd's own account must be the kernel's: everything sent was received or dropped."""
    ledger = control.ledger(f"{scratch}/control-{receiver.port}")
    if ledger["received"] != receiver.sent - receiver.dropped:
        raise Failure(
            f"mcastd counted {ledger['received']} received, of {receiver.sent} sent and {receiver.dropped} dropped")


def measure(setup):
    """One row for each receiver beside mcastd."""
    results = {}
    # Receivers that can do more than the load.
    unlimited = set()
    everybody = commands(setup.binary, setup.mcjoin, setup.scratch)
    with receiving(setup.place, everybody) as receivers:
        for _ in range(setup.rounds):
            for name, receiver in receivers.items():
                known = results.setdefault(name, [])
                guess = statistics.median(known) if known else FIRST_GUESS.get(name, SLOW_GUESS)
                step, trials = (1.1, 7) if known else (1.5, 12)

                def trial(rate, receiver=receiver):
                    return attempt(setup.place, receiver, rate, setup.seconds(1))

                rate, is_load_limit = search(trial, guess, step, trials)
                known.append(rate)
                if is_load_limit:
                    unlimited.add(name)
        check_ledger(receivers["mcastd"], setup.scratch)
    for name, goal in GOALS.items():
        title = f"receive only, sustained at < 0.1 % drops, against {name}"
        if name not in results:
            yield table.missing(title, goal, f"{name} is not at hand")
            continue
        row = table.compared(title, results["mcastd"], results[name], "/s", goal)
        row.ours = _at_least("mcastd" in unlimited, row.ours)
        row.theirs = _at_least(name in unlimited, row.theirs)
        if name in unlimited and row.met:
            row.met = "cannot tell: the load is the limit"
        yield row


def _at_least(is_unlimited, figure):
    return f"≥ {figure} (the load's limit)" if is_unlimited else figure
