# SPDX-License-Identifier: Apache-2.0
"""Rows of the table: medians, ratios, goals; printed as Markdown."""

import dataclasses
import statistics

HEAD = """\
| | mcastd | beside it | ratio (each round's) | goal | met |
|---|---|---|---|---|---|"""


@dataclasses.dataclass
class Goal:
    """What a ratio, or a figure of mcastd's alone, should be."""

    text: str
    # `None`: there is no goal, the row only says what is.
    holds: object = None


def at_least(bound):
    return Goal(f"≥ {bound}", lambda value: value >= bound)


def at_most(bound, unit=""):
    return Goal(f"≤ {bound}{unit}", lambda value: value <= bound)


NO_GOAL = Goal("say what it is")


def figure(value, unit):
    if abs(value) >= 1000:
        return f"{value:,.0f}{unit}"
    return f"{value:.3g}{unit}"


@dataclasses.dataclass
class Row:
    name: str
    ours: str
    theirs: str = ""
    ratio: str = ""
    goal: str = ""
    met: str = ""

    def __str__(self):
        return f"| {self.name} | {self.ours} | {self.theirs} | {self.ratio} | {self.goal} | {self.met} |"


def _verdict(goal, value):
    return "" if goal.holds is None else "yes" if goal.holds(value) else "**no**"


def compared(name, ours, theirs, unit, goal, inverted=False):
    """Rounds of both sides, measured in turn: the ratio is the median of the rounds' ratios, ours over theirs, or
    where it is inverted theirs over ours."""
    ratios = [mine / other for mine, other in zip(ours, theirs, strict=True)]
    if inverted:
        ratios = [1 / ratio for ratio in ratios]
        name += " (theirs over ours)"
    middle = statistics.median(ratios)
    return Row(
        name, figure(statistics.median(ours), unit), figure(statistics.median(theirs), unit),
        f"**{middle:.2f}** ({min(ratios):.2f}–{max(ratios):.2f})", goal.text, _verdict(goal, middle))


def alone(name, values, unit, goal):
    middle = statistics.median(values)
    return Row(name, figure(middle, unit), goal=goal.text, met=_verdict(goal, middle))


def spread(name, ours, theirs, unit, part, bound):
    """How values are distributed: the goal is for what this part of ours does not exceed, 0.99 of them say."""
    goal = Goal(f"p{100 * part:g} ≤ {bound}{unit}", lambda value: value <= bound)
    return Row(name, _spread(ours, unit), _spread(theirs, unit), goal=goal.text, met=_verdict(goal, _part(ours, part)))


def _spread(values, unit):
    if not values:
        return ""
    parts = [0.5, 0.99] + ([0.999] if len(values) >= 1000 else [])
    return ", ".join([f"p{100 * part:g} {figure(_part(values, part), '')}" for part in parts]
                     + [f"worst {figure(max(values), unit)} of {len(values)}"])


def _part(values, part):
    return sorted(values)[min(int(len(values) * part), len(values) - 1)]


def missing(name, goal, why):
    return Row(name, "not measured", f"({why})", goal=goal.text)
