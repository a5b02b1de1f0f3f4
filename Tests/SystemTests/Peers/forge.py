# SPDX-License-Identifier: Apache-2.0
"""Heartbeats from random source addresses, as fast as asked for: whole Ethernet frames, so that no kernel objects.

Prints how many were sent and how many seconds it took.
"""

import argparse
import random
import socket
import struct
import time
from datetime import datetime

parser = argparse.ArgumentParser()
parser.add_argument("--group", default="239.1.1.1")
parser.add_argument("--port", type=int, default=5001)
parser.add_argument("--interface", default="eth0")
parser.add_argument("--rate", type=float, default=50_000, help="datagrams a second")
parser.add_argument("--count", type=int, required=True)
arguments = parser.parse_args()

sender = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
sender.bind((arguments.interface, 0))
hardware = sender.getsockname()[4]
group = socket.inet_aton(arguments.group)
payload = f"ATU {datetime.now()}".encode()
ethernet = bytes([0x01, 0x00, 0x5E, group[1] & 0x7F, group[2], group[3]]) + hardware + b"\x08\x00"
before = struct.pack("!BBHHHBB", 0x45, 0, 28 + len(payload), 0, 0, 1, socket.IPPROTO_UDP)
# UDP over IPv4 may go without a checksum (RFC 768).
after = group + struct.pack("!HHHH", 40_000, arguments.port, 8 + len(payload), 0) + payload
partial = sum(struct.unpack("!5H", before)) + sum(struct.unpack("!2H", group))

send = sender.send
bits = random.Random(1).getrandbits
start = time.monotonic()
for number in range(arguments.count):
    if number % 500 == 0:
        ahead = start + number / arguments.rate - time.monotonic()
        if ahead > 0:
            time.sleep(ahead)
    # 16.0.0.0 to 95.255.255.255, without 0/8, 10/8, 127/8 and what is no unicast address.
    high = 0x1000 + bits(16) % 0x5000
    low = bits(16)
    checksum = partial + high + low
    checksum = (checksum & 0xFFFF) + (checksum >> 16)
    checksum = (checksum & 0xFFFF) + (checksum >> 16)
    send(ethernet + before + struct.pack("!HHH", checksum ^ 0xFFFF, high, low) + after)
print(arguments.count, time.monotonic() - start, flush=True)
