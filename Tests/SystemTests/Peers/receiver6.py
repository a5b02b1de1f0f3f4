# SPDX-License-Identifier: Apache-2.0
"""The Python peer that receives, for IPv6: bound to ('', port), 1024 bytes at most.

Prints `ready`, then for each datagram a line: monotonic arrival (seconds), source address, size, hop limit, text.
"""

import argparse
import socket
import struct
import time

parser = argparse.ArgumentParser()
parser.add_argument("--group", required=True)
parser.add_argument("--port", type=int, default=5001)
parser.add_argument("--interface", default="eth0", help="name of the interface to join on")
parser.add_argument("--share", action="store_true", help="set SO_REUSEADDR")
arguments = parser.parse_args()

receiver = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM, socket.IPPROTO_UDP)
receiver.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
receiver.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RECVHOPLIMIT, 1)
if arguments.share:
    receiver.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
receiver.bind(("", arguments.port))
membership = socket.inet_pton(socket.AF_INET6, arguments.group)
membership += struct.pack("@I", socket.if_nametoindex(arguments.interface))
receiver.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, membership)
print("ready", flush=True)
while True:
    data, control, _, source = receiver.recvmsg(1024, 64)
    arrival = time.monotonic()
    hops = next(struct.unpack("@i", value)[0] for _, kind, value in control if kind == socket.IPV6_HOPLIMIT)
    text = data.decode("ascii", "backslashreplace")
    print(f"{arrival:.6f} {source[0].split('%')[0]} {len(data)} {hops} {text}", flush=True)
