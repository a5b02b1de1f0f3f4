# SPDX-License-Identifier: Apache-2.0
"""Many hosts in one process: each with an address, a name, a heartbeat a second, and one reading, `ups.status`.
Arguments: how many, the first of their addresses, the group, its port, and the seed.

Prints `ready` when each has sent three heartbeats. For each line `NUMBER SPREAD` of its input, all change to that
number at the same moment and send as `ChangeSchedule` does: the first copy within SPREAD ms, at random, then the
repetitions. Prints when the first and the last of the first copies left, in ns of CLOCK_MONOTONIC."""

import datetime
import heapq
import ipaddress
import pathlib
import random
import select
import socket
import sys
import time

# Runs by itself, for the hosts are on another network than those that measure.
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent))

from travel.hosts import undisturbed  # noqa: E402

INTERVAL = 1.0
REPETITIONS = [ms / 1000 for ms in (5, 10, 20, 40, 80, 160, 320)]


class Host:
    run = f"{int(time.time() * 1000):x}"

    def __init__(self, number, address, group, port):
        self.name = f"c{number}"
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(address))
        self.socket.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_LOOP, 0)
        self.socket.bind((address, 0))
        self.socket.connect((group, port))
        self.number, self.state, self.value = 0, 1, "0"

    def change(self, value):
        self.state, self.value = self.state + 1, value

    def send(self, stamp):
        self.number += 1
        self.socket.send(b"ATU %s host=%s run=%s seq=%d every=1s z=+0000 state=%d ups.status=%s" % (
            stamp, self.name.encode(), self.run.encode(), self.number, self.state, self.value.encode()))


def stamp():
    return datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M:%S.%f").encode()


class Crowd:
    def __init__(self, count, first, group, port, seed):
        self.generator = random.Random(seed)
        self.hosts = [Host(number, str(ipaddress.ip_address(first) + number), group, port) for number in range(count)]
        start = time.monotonic()
        # When, whose, and of which change a copy is; 0 is a heartbeat that is due anyway.
        self.queue = [(start + INTERVAL * place / count, place, 0) for place in range(count)]

    def until(self, end):
        """Sends what is due before that, or until there is a line to be read."""
        while True:
            now = time.monotonic()
            if now >= end:
                return
            if select.select([sys.stdin], [], [], max(0, min(end, self.queue[0][0]) - now))[0]:
                return
            self.send_due()

    def send_due(self):
        """Returns when the last of the copies left."""
        now = stamp()
        while self.queue[0][0] <= time.monotonic():
            due, place, change = heapq.heappop(self.queue)
            host = self.hosts[place]
            if change == 0:
                heapq.heappush(self.queue, (due + INTERVAL, place, 0))
            elif change != host.state:
                # Of a change before the last one.
                continue
            host.send(now)

    def change(self, value, spread):
        for host in self.hosts:
            host.change(value)
        delays = sorted((self.generator.uniform(0, spread), place) for place in range(len(self.hosts)))
        began = time.monotonic()
        for delay, place in delays:
            for repetition in REPETITIONS:
                heapq.heappush(self.queue, (began + delay + repetition, place, self.hosts[place].state))
        with undisturbed():
            began = time.monotonic_ns()
            now = stamp()
            for delay, place in delays:
                while time.monotonic_ns() < began + delay * 1e9:
                    pass
                self.hosts[place].send(now)
            return began, time.monotonic_ns()


def main(count, first, group, port, seed):
    crowd = Crowd(int(count), first, group, int(port), int(seed))
    crowd.until(time.monotonic() + 3 * INTERVAL)
    print("ready", flush=True)
    while True:
        crowd.until(float("inf"))
        line = sys.stdin.readline()
        if not line:
            return
        value, spread = line.split()
        print(*crowd.change(value, float(spread) / 1000), flush=True)


main(*sys.argv[1:])
