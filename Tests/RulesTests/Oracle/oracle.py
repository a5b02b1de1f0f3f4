#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0

"""Evaluates rules (mcastd.rule(5)) second by second: what the Swift code is held against.

Written down once more and on its own: nothing is remembered but what a sentence of the manual needs, and
everything is asked anew each second. Scenarios come on standard input, a line each:

    scenario SEED SECONDS OWN         what follows is another one; OWN is the name of this host
    rule NAME                         a rule, whose lines follow
    > KEY=VALUE                       a line of its file
    event SECOND HOST KEY=VALUE       the host says this from now on; without VALUE it says nothing of it
    event SECOND HOST silent          it is not heard any more
    event SECOND HOST heard           it is heard again, each second
    event SECOND HOST peer=STATE      whether it is there, in the eyes of this host
    event SECOND HOST proof=PROOF     what its heartbeats prove: ok or signed
    run

Events at a second count before its step, and hosts beat each second. For each rule a line is printed: the
seed, the name, and for each second from 0 to SECONDS the first letter of the state.

Wanted by the documentation, and different in the evaluator that the language was designed with:
- A value of another type or unit than asked for is unknown to each operator; there it was different from
  what was asked for (=, !=), or had no such word (has, lacks).
- Numbers have no exponent.
- Where it is unknown whether a state should end as it is entered, hold-for is counted from then on; there it
  was from the second after.
- A pattern stands for the hosts of that name that say something, or are there, this one included; while there
  is none, whether it is so of any of them is unknown. There it was a host of this very name.
"""

import fnmatch
import functools
import re
import sys

UNITS = ("C", "%", "V", "A", "W", "VA", "Hz", "s", "rpm")
SECONDS = {"ms": 0.001, "s": 1, "min": 60, "h": 3600}

# Results are True, False, and None for unknown.


def span(text):
    """Seconds of 10s, 5min."""
    number, unit = re.fullmatch(r"(\d+)([a-z]+)", text).groups()
    return int(number) * SECONDS[unit]


@functools.lru_cache(maxsize=None)
def number(text):
    """A number and its unit; None for words."""
    found = re.fullmatch(r"(-?\d+(?:\.\d+)?)(.*)", text)
    return (float(found[1]), found[2]) if found and found[2] in ("",) + UNITS else None


@functools.lru_cache(maxsize=None)
def holds(value, operator, wanted):
    """Whether a value is as is asked for."""
    if value is None or value == "?":
        return None
    if operator in ("has", "lacks"):
        return None if number(value) else (wanted in value.split()) == (operator == "has")
    said, asked = number(value), number(wanted)
    if not said or not asked:
        return None if said or asked else (value == wanted) == (operator == "=")
    if said[1] != asked[1]:
        return None
    return {
        "<": said[0] < asked[0],
        "<=": said[0] <= asked[0],
        ">": said[0] > asked[0],
        ">=": said[0] >= asked[0],
        "=": said[0] == asked[0],
        "!=": said[0] != asked[0],
    }[operator]


def quorum(results, needed):
    """Whether so many are so."""
    yes, unknown = results.count(True), results.count(None)
    return True if yes >= needed else False if yes + unknown < needed else None


def every(results):
    return False if False in results else None if None in results else True


def some(results):
    return True if True in results else None if None in results else False


class Condition:
    SYNTAX = re.compile(
        r"(?:(all|any|\d+) of ([^:]+): )?(\S+) (<=|>=|<|>|=|!=|has|lacks) (?:\"(.*)\"|(.*))"
    )

    def __init__(self, text):
        quantity, hosts, self.key, self.operator, quoted, bare = self.SYNTAX.fullmatch(text).groups()
        self.wanted = bare if quoted is None else quoted
        self.is_own = hosts is None
        listed = [] if self.is_own else [host.strip() for host in hosts.split(",")]
        self.hosts = [host for host in listed if "*" not in host]
        self.patterns = [host for host in listed if "*" in host]
        self.needed = {"all": len(self.hosts), "any": 1, None: 1}.get(quantity) or int(quantity)

    def result(self, rule, world):
        if self.is_own:
            return self.of(world.own, rule, world)
        hosts = self.hosts
        results = []
        if self.patterns:
            known = [*world.peers, world.own] if self.key == "peer" else world.said
            matching = [host for host in known if any(fnmatch.fnmatchcase(host, name) for name in self.patterns)]
            results = [] if matching else [None]
            hosts = hosts + [host for host in matching if host not in hosts]
        return quorum(results + [self.of(host, rule, world) for host in hosts], self.needed)

    def of(self, host, rule, world):
        if rule.authenticated == "signed" and host != world.own and world.proofs.get(host) != "signed":
            return None
        if self.key == "peer":
            state = "alive" if host == world.own else world.peers.get(host, "unknown")
            return None if state == "unknown" else holds(state, self.operator, self.wanted)
        if host != world.own and (host not in world.heard or world.second - world.heard[host] > rule.fresh):
            return None
        return holds(world.said.get(host, {}).get(self.key), self.operator, self.wanted)


class Rule:
    def __init__(self, name):
        self.name = name
        self.when, self.until = [], []
        self.keys = {
            "for": "10s", "on-unknown": "release", "hold-for": "10min", "flip-limit": "6/1h", "fresh": "5s",
            "authenticated": "yes",
        }
        self.state, self.since, self.flips, self.unknown_since = "inactive", 0, [], None

    def add(self, line):
        key, value = line.split("=", 1)
        if key in ("when", "until"):
            getattr(self, key).append(Condition(value))
        else:
            self.keys[key] = value

    def begin(self):
        keys = self.keys
        self.holds_for, self.hold_for, self.fresh = span(keys["for"]), span(keys["hold-for"]), span(keys["fresh"])
        self.releases_for = span(keys.get("release-for", keys["for"]))
        self.is_holding, self.authenticated = keys["on-unknown"] == "hold", keys["authenticated"]
        count, time = keys["flip-limit"].split("/")
        self.most_flips, self.flip_span = int(count), span(time)

    def step(self, world):
        when = every([condition.result(self, world) for condition in self.when])
        if self.until:
            until = some([condition.result(self, world) for condition in self.until])
        else:
            until = None if when is None else not when
        now = world.second
        if self.state == "suspended":
            if now - self.flips[-1] > self.flip_span:
                self.flips = []
                self.enter("inactive", now)
        elif self.state in ("inactive", "pending"):
            self.wait(when is True and until is not True, until, now)
        else:
            self.go_on(until, now)
        self.flips = [flip for flip in self.flips if now - flip <= self.flip_span]
        if self.state == "inactive" and len(self.flips) >= self.most_flips:
            self.enter("suspended", now)

    def wait(self, is_so, until, now):
        if not is_so:
            return self.enter("inactive", now)
        self.enter("pending", now)
        if now - self.since >= self.holds_for:
            self.unknown_since = now if until is None else None
            self.flips.append(now)
            self.enter("active", now)

    def go_on(self, until, now):
        is_held = False
        if until is None:
            self.unknown_since = now if self.unknown_since is None else self.unknown_since
            is_held = self.is_holding and now - self.unknown_since < self.hold_for
        else:
            self.unknown_since = None
        if until is False or is_held:
            return self.enter("active", now)
        self.enter("releasing", now)
        if now - self.since >= self.releases_for:
            self.flips.append(now)
            self.enter("inactive", now)

    def enter(self, state, now):
        if state != self.state:
            self.state, self.since = state, now


class World:
    """What this host heard."""

    def __init__(self, seed, seconds, own):
        self.seed, self.seconds, self.own = seed, int(seconds), own
        self.rules, self.events = [], {}
        # What was heard of hosts, when they were heard last, what that proves, and who is there.
        self.said, self.heard, self.proofs, self.peers = {own: {}}, {}, {}, {}
        # What they say, heard or not, and whose is not heard yet.
        self.saying, self.news, self.silent = {own: {}}, set(), set()
        self.second = 0

    def take(self, host, what):
        if what == "silent":
            self.silent.add(host)
        elif what == "heard":
            self.silent.discard(host)
        else:
            key, value = what.split("=", 1)
            if key == "peer":
                self.peers[host] = value
            elif key == "proof":
                self.proofs[host] = value
            else:
                self.saying.setdefault(host, {})[key] = value or None
                self.news.add(host)

    def hear(self):
        for host in self.news - self.silent:
            self.said[host] = dict(self.saying[host])
        self.news &= self.silent
        for host in self.said:
            if host not in self.silent:
                self.heard[host] = self.second

    def run(self):
        """The letters of each rule."""
        letters = {rule.name: "" for rule in self.rules}
        for rule in self.rules:
            rule.begin()
        for self.second in range(self.seconds + 1):
            for host, what in self.events.get(self.second, []):
                self.take(host, what)
            self.hear()
            for rule in self.rules:
                rule.step(self)
                letters[rule.name] += rule.state[0]
        return letters


def main():
    world, output = None, []
    for line in sys.stdin:
        word, _, rest = line.rstrip("\n").partition(" ")
        if word == "scenario":
            world = World(*rest.split(" "))
        elif word == "rule":
            world.rules.append(Rule(rest))
        elif word == ">":
            world.rules[-1].add(rest)
        elif word == "event":
            second, host, what = rest.split(" ", 2)
            world.events.setdefault(int(second), []).append((host, what))
        elif word == "run":
            output += [f"{world.seed} {name} {letters}" for name, letters in world.run().items()]
    # At the end, so that nobody has to read and write at once.
    print("\n".join(output))


if __name__ == "__main__":
    main()
