# SPDX-License-Identifier: Apache-2.0
"""Sends what it reads: each line of standard input is one datagram, in hexadecimal, in order."""

import argparse
import socket
import sys

parser = argparse.ArgumentParser()
parser.add_argument("--group", default="239.1.1.1")
parser.add_argument("--port", type=int, default=5001)
parser.add_argument("--interface", default="127.0.0.1", help="address of the interface to send from")
arguments = parser.parse_args()

sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM, socket.IPPROTO_UDP)
sender.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(arguments.interface))
sender.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
for line in sys.stdin:
    sender.sendto(bytes.fromhex(line), (arguments.group, arguments.port))
