# SPDX-License-Identifier: Apache-2.0
"""Receive only: the highest rate at which the kernel drops less than one in a thousand."""

import math
import statistics

from . import control, table
from .contestants import commands, receiving
from .processes import Failure

TOLERATED = 0.001
# Datagrams a second at which the search begins. Everything here is beyond what one load can do that sends datagrams
# one by one: one message a datagram is dearer than receiving it. So there are two, and a message is 64 datagrams
# (UDP_SEGMENT). Where there are two processors, one of them is on the receiver's, which makes it the harder.
FIRST_GUESS = 300_000
LOAD = {"segments": 64, "processes": 2, "sleep": True}
# The search ends when what passed and what did not are this close.
RESOLUTION = 1.04
GOAL = table.at_least(0.9)


def attempt(place, receiver, rate, seconds):
    """Offers a rate; returns the rate that was reached and whether it passed."""
    # What disturbed a failure may be another program: twice is a failure.
    for _ in range(2):
        load = receiver.offer(place, rate=round(rate), seconds=seconds, **LOAD)
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
    results = {"mcastd": [], "C": []}
    # Receivers that can do more than the load.
    unlimited = set()
    everybody = commands(setup.binary, None, setup.scratch)
    with receiving(setup.place, {name: everybody[name] for name in results}) as receivers:
        for _ in range(setup.rounds):
            for name, receiver in receivers.items():
                known = results[name]
                guess = statistics.median(known) if known else FIRST_GUESS
                step, trials = (1.1, 7) if known else (1.5, 12)

                def trial(rate, receiver=receiver):
                    return attempt(setup.place, receiver, rate, setup.seconds(1))

                rate, is_load_limit = search(trial, guess, step, trials)
                known.append(rate)
                if is_load_limit:
                    unlimited.add(name)
        check_ledger(receivers["mcastd"], setup.scratch)
    row = table.compared(
        "receive only, sustained at < 0.1 % drops, against C", results["mcastd"], results["C"], "/s", GOAL)
    row.ours = _at_least("mcastd" in unlimited, row.ours)
    row.theirs = _at_least("C" in unlimited, row.theirs)
    if "C" in unlimited and row.met:
        row.met = "cannot tell: the load is the limit"
    yield row


def _at_least(is_unlimited, figure):
    return f"≥ {figure} (the load's limit)" if is_unlimited else figure
