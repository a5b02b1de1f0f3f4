# SPDX-License-Identifier: Apache-2.0
"""A heartbeat from each of COUNT addresses of 127.7.0.0/16 on lo, at RATE a second, and another one of each in turn; then
`sent`.

crowd.py COUNT RATE
"""

import socket
import sys
import time
from datetime import datetime

count, rate = int(sys.argv[1]), float(sys.argv[2])
start = time.monotonic()
for number in range(2 * count):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton("127.0.0.1"))
        sender.bind((f"127.7.{number % count // 250}.{number % 250 + 1}", 40_000))
        sender.sendto(f"ATU {datetime.now()}".encode(), ("239.1.1.1", 5001))
    time.sleep(max(0, start + number / rate - time.monotonic()))
print("sent", flush=True)
