# SPDX-License-Identifier: Apache-2.0
"""Heartbeats of many senders at a steady pace, from as many addresses as lo has without being told: 127.0.0.0/8.

The senders are spread evenly over the interval, on an absolute schedule; runs until it is killed.
"""

import argparse
import ipaddress
import socket
import time
from datetime import datetime

parser = argparse.ArgumentParser()
parser.add_argument("--group", default="239.1.1.1")
parser.add_argument("--port", type=int, default=5001)
parser.add_argument("--first", default="127.0.0.5", help="address of the first sender")
parser.add_argument("--senders", type=int, default=1)
parser.add_argument("--interval", type=float, default=1.0, help="seconds")
arguments = parser.parse_args()

senders = []
for number in range(arguments.senders):
    address = ipaddress.IPv4Address(arguments.first) + number
    sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM, socket.IPPROTO_UDP)
    sender.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, address.packed)
    senders.append(sender)
start = time.monotonic()
beat = 0
while True:
    for number, sender in enumerate(senders):
        due = start + (beat + number / len(senders)) * arguments.interval
        ahead = due - time.monotonic()
        if ahead > 0:
            time.sleep(ahead)
        sender.sendto(f"ATU {datetime.now()}".encode(), (arguments.group, arguments.port))
    beat += 1
