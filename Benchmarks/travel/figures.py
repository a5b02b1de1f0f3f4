# SPDX-License-Identifier: Apache-2.0
"""Tables of how times are distributed, as Markdown."""

import dataclasses

HEAD = """\
| | median | p99 | worst | of | goal | met |
|---|---|---|---|---|---|---|"""


@dataclasses.dataclass(frozen=True)
class Goal:
    """What a part of all times should not exceed, in ms."""

    part: float
    bound: float

    def __str__(self):
        return f"p{100 * self.part:g} ≤ {self.bound:,g} ms"


def part(values, share):
    return sorted(values)[min(int(len(values) * share), len(values) - 1)]


def row(name, times, goal=None):
    """Of times in ms."""
    if not times:
        return f"| {name} | none | | | 0 | {goal or ''} | {'**no**' if goal else ''} |"
    met = "" if goal is None else "yes" if part(times, goal.part) <= goal.bound else "**no**"
    return (f"| {name} | {part(times, 0.5):.2f} ms | {part(times, 0.99):.2f} ms | {max(times):.2f} ms | {len(times):,} "
            f"| {goal or ''} | {met} |")


def word(name, text, goal="", is_met=None):
    """What is no time."""
    met = "" if is_met is None else "yes" if is_met else "**no**"
    return f"| {name} | {text} | | | | {goal} | {met} |"


def running():
    """How many processes run or wait for a processor at the moment, but for the one that asks."""
    with open("/proc/stat", encoding="ascii") as text:
        return next(int(line.split()[1]) for line in text if line.startswith("procs_running ")) - 1
