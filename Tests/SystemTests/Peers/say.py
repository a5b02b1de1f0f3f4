# SPDX-License-Identifier: Apache-2.0
"""A local user that sends what it likes, from an address and a port of its choice, in IPv4 or IPv6.

Says a text, or without one a heartbeat with the time of now, so many times.
"""

import argparse
import ipaddress
import socket
import time
from datetime import datetime

parser = argparse.ArgumentParser()
parser.add_argument("text", nargs="?")
parser.add_argument("--group", required=True)
parser.add_argument("--port", type=int, default=5001)
parser.add_argument("--interface", default="eth0", help="name of the interface to send from")
parser.add_argument("--source", required=True)
parser.add_argument("--source-port", type=int, default=0)
parser.add_argument("--count", type=int, default=1)
parser.add_argument("--interval", type=float, default=0.3, help="seconds")
arguments = parser.parse_args()

index = socket.if_nametoindex(arguments.interface)
if ipaddress.ip_address(arguments.group).version == 4:
    sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM, socket.IPPROTO_UDP)
    sender.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(arguments.source))
    sender.bind((arguments.source, arguments.source_port))
    to = (arguments.group, arguments.port)
else:
    sender = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM, socket.IPPROTO_UDP)
    sender.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_IF, index)
    sender.bind((arguments.source, arguments.source_port, 0, index))
    to = (arguments.group, arguments.port, 0, index)
for _ in range(arguments.count):
    sender.sendto((arguments.text or f"ATU {datetime.now()}").encode(), to)
    time.sleep(arguments.interval)
