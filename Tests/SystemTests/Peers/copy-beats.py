# SPDX-License-Identifier: Apache-2.0
"""Sends every datagram of the group again as it came, at once or later, from this host's own address; not those of its
own."""

import argparse
import collections
import ipaddress
import select
import socket
import struct
import time

parser = argparse.ArgumentParser()
parser.add_argument("--group", required=True)
parser.add_argument("--port", type=int, default=5001)
parser.add_argument("--interface", default="eth0", help="name of the interface")
parser.add_argument("--late", type=float, default=0, help="how long each waits before it is sent, in seconds")
arguments = parser.parse_args()

index = socket.if_nametoindex(arguments.interface)
group = ipaddress.ip_address(arguments.group)
family = socket.AF_INET if group.version == 4 else socket.AF_INET6
sender = socket.socket(family, socket.SOCK_DGRAM, socket.IPPROTO_UDP)
receiver = socket.socket(family, socket.SOCK_DGRAM, socket.IPPROTO_UDP)
if group.version == 4:
    request = struct.pack("=4s4si", group.packed, b"\0\0\0\0", index)
    receiver.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, request)
    sender.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, struct.pack("=8xi", index))
    sender.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_LOOP, 0)
    to = (arguments.group, arguments.port)
else:
    request = struct.pack("=16si", group.packed, index)
    receiver.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, request)
    sender.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, index)
    sender.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_LOOP, 0)
    to = (arguments.group, arguments.port, 0, index)
receiver.bind(("", arguments.port))
waiting = collections.deque()
while True:
    limit = max(0, waiting[0][0] - time.monotonic()) if waiting else None
    if select.select([receiver], [], [], limit)[0]:
        waiting.append((time.monotonic() + arguments.late, receiver.recv(65_536)))
    while waiting and waiting[0][0] <= time.monotonic():
        _, payload = waiting.popleft()
        sender.sendto(payload, to)
        print(payload.decode(errors="replace"), flush=True)
