# SPDX-License-Identifier: Apache-2.0
"""The Python peer that receives: bound to ('', port), 1024 bytes at most.

Prints `ready`, then for each datagram a line: monotonic arrival (seconds), source address, size, text.
"""

import argparse
import socket
import struct
import time

parser = argparse.ArgumentParser()
parser.add_argument("--group", default="239.1.1.1")
parser.add_argument("--port", type=int, default=5001)
parser.add_argument("--interface", default="0.0.0.0", help="address of the interface to join on")
parser.add_argument("--share", action="store_true", help="set SO_REUSEADDR, which the real peer does not")
arguments = parser.parse_args()

receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM, socket.IPPROTO_UDP)
if arguments.share:
    receiver.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
receiver.bind(("", arguments.port))
membership = struct.pack("4s4s", socket.inet_aton(arguments.group), socket.inet_aton(arguments.interface))
receiver.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, membership)
print("ready", flush=True)
while True:
    data, source = receiver.recvfrom(1024)
    arrival = time.monotonic()
    print(f"{arrival:.6f} {source[0]} {len(data)} {data.decode('ascii', 'backslashreplace')}", flush=True)
