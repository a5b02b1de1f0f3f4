# SPDX-License-Identifier: Apache-2.0
"""Makes sources known to mcastd, one after the other, and prints how long the line of each took, in ms, as JSON.
Arguments: the binary, the control socket, the port of the group, and how many. Runs by itself, on lo."""

import datetime
import json
import select
import socket
import subprocess
import sys
import time

GROUP = "239.1.1.1"
# Heartbeats of a source are so far apart, in seconds.
INTERVAL = 1.0
LONGEST = 5


def sender(address):
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton("127.0.0.1"))
    sock.bind((address, 0))
    return sock


def beat(sock, port):
    sock.sendto(f"ATU {datetime.datetime.now()}".encode(), (GROUP, port))


class Lines:
    """The lines of a pipe, each as soon as it is there."""

    def __init__(self, pipe):
        self.pipe, self.rest = pipe, b""

    def next(self):
        while b"\n" not in self.rest:
            if not select.select([self.pipe], [], [], LONGEST)[0]:
                sys.exit("no line came for a heartbeat")
            part = self.pipe.read1(65536)
            if not part:
                sys.exit("mcastd monitor ended")
            self.rest += part
        line, self.rest = self.rest.split(b"\n", 1)
        return json.loads(line)


def main(binary, control, port, count):
    port = int(port)
    senders = {f"127.7.{index // 250}.{index % 250 + 1}": None for index in range(int(count))}
    for address in senders:
        senders[address] = sender(address)
    with subprocess.Popen([binary, "monitor", "--json", "--control", control], stdout=subprocess.PIPE) as monitor:
        lines = Lines(monitor.stdout)
        while lines.next()["event"] != "snapshot-complete":
            pass
        first = {}
        for address, sock in senders.items():
            first[address] = time.monotonic()
            beat(sock, port)
            time.sleep(0.01)
        spans = []
        for address, sock in senders.items():
            time.sleep(max(0.01, first[address] + INTERVAL - time.monotonic()))
            start = time.monotonic_ns()
            beat(sock, port)
            while True:
                line = lines.next()
                if line["event"] == "peer-discovered" and line["address"] == address:
                    break
            spans.append((time.monotonic_ns() - start) / 1e6)
        monitor.terminate()
    print(json.dumps(spans))


main(*sys.argv[1:])
