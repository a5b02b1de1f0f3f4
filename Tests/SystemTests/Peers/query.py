# SPDX-License-Identifier: Apache-2.0
"""One IGMPv2 general query (RFC 2236), as a querier sends it: it asks for members within a second."""

import argparse
import socket
import struct

parser = argparse.ArgumentParser()
parser.add_argument("--interface", required=True, help="address of the interface to send from")
arguments = parser.parse_args()

# Type, maximum response time in tenths of a second, checksum, group 0.
query = struct.pack("!BBH4s", 0x11, 10, 0xFFFF & ~0x110A, bytes(4))
sender = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_IGMP)
sender.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(arguments.interface))
sender.setsockopt(socket.IPPROTO_IP, socket.IP_OPTIONS, bytes([0x94, 4, 0, 0]))  # router alert, RFC 2113
sender.sendto(query, ("224.0.0.1", 0))
