# SPDX-License-Identifier: Apache-2.0
"""The Python peer that sends: `ATU {datetime.now()}`, from a new socket each time.

It joins the group on the sending socket, as such programs do, although that selects nothing on Linux:
the packet leaves where the route to the group leads.
"""

import argparse
import socket
import struct
import time
from datetime import datetime

parser = argparse.ArgumentParser()
parser.add_argument("--group", default="239.1.1.1")
parser.add_argument("--port", type=int, default=5001)
parser.add_argument("--count", type=int, default=0, help="0: until killed")
parser.add_argument("--interval", type=float, default=1.0, help="seconds")
arguments = parser.parse_args()

sent = 0
while arguments.count == 0 or sent < arguments.count:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM, socket.IPPROTO_UDP) as sender:
        membership = struct.pack("4sl", socket.inet_aton(arguments.group), socket.INADDR_ANY)
        sender.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, membership)
        text = f"ATU {datetime.now()}"
        sender.sendto(text.encode(), (arguments.group, arguments.port))
    print(text, flush=True)
    sent += 1
    time.sleep(arguments.interval)
