# SPDX-License-Identifier: Apache-2.0
"""Numbered datagrams at a steady rate: `burst NAME 0`, `burst NAME 1`, …; prints how many it sent.

The schedule is absolute: what is late is sent at once, so that the total and the time are as asked.
"""

import argparse
import socket
import time

parser = argparse.ArgumentParser()
parser.add_argument("--group", default="239.1.1.1")
parser.add_argument("--port", type=int, default=5001)
parser.add_argument("--interface", default="127.0.0.1", help="address of the interface to send from")
parser.add_argument("--name", default="burst")
parser.add_argument("--rate", type=float, default=1000, help="datagrams a second")
parser.add_argument("--count", type=int, required=True)
arguments = parser.parse_args()

sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM, socket.IPPROTO_UDP)
sender.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(arguments.interface))
start = time.monotonic()
for number in range(arguments.count):
    ahead = start + number / arguments.rate - time.monotonic()
    if ahead > 0:
        time.sleep(ahead)
    sender.sendto(f"burst {arguments.name} {number}".encode(), (arguments.group, arguments.port))
print(arguments.count, flush=True)
