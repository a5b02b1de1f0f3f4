# SPDX-License-Identifier: Apache-2.0
"""The Python peer that sends, for IPv6: from a new socket each time, out of the interface it is given."""

import argparse
import socket
import time
from datetime import datetime

parser = argparse.ArgumentParser()
parser.add_argument("--group", required=True)
parser.add_argument("--port", type=int, default=5001)
parser.add_argument("--interface", default="eth0", help="name of the interface to send from")
parser.add_argument("--count", type=int, default=0, help="0: until killed")
parser.add_argument("--interval", type=float, default=1.0, help="seconds")
parser.add_argument("--size", type=int, help="bytes of x in place of a heartbeat")
arguments = parser.parse_args()

index = socket.if_nametoindex(arguments.interface)
sent = 0
while arguments.count == 0 or sent < arguments.count:
    with socket.socket(socket.AF_INET6, socket.SOCK_DGRAM, socket.IPPROTO_UDP) as sender:
        sender.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, index)
        payload = f"ATU {datetime.now()}".encode() if arguments.size is None else b"x" * arguments.size
        sender.sendto(payload, (arguments.group, arguments.port, 0, index))
    print(len(payload), flush=True)
    sent += 1
    time.sleep(arguments.interval)
