# SPDX-License-Identifier: Apache-2.0
"""Daemons at rest in the container: C programs that do what mcastd does, and daemons of Debian that say once a second
that they are there, or pass it on."""

import contextlib

from . import tools
from .processes import eventually

# A pair of interfaces joined to one another: a dummy would do, but not each kernel has it.
INTERFACE, OTHER_END = "bench0", "bench1"
# A master alone on its wire: it advertises once a second and hears nobody.
KEEPALIVED = f"""\
vrrp_instance bench {{
  state MASTER
  interface {INTERFACE}
  virtual_router_id 51
  priority 200
  advert_int 1
  virtual_ipaddress {{
    192.0.2.2/24
  }}
}}
"""
# A message a second to one subscriber.
CLIENTS = {
    "bench-subscriber": "exec mosquitto_sub -t bench",
    "bench-publisher": "while sleep 1; do date; done | exec mosquitto_pub -l -t bench",
}


@contextlib.contextmanager
def running(container):
    """The process numbers of those that are at hand, by name, for the time of a block."""
    with contextlib.ExitStack() as stack:
        neighbours = {"C": _limit(stack, container, "idle", "239.1.1.2", 5002)}
        if tools.limit("dispatch").exists():
            neighbours["C on Dispatch"] = _limit(stack, container, "dispatch", "239.1.1.3", 5003)
        if container.has("/usr/sbin/keepalived"):
            neighbours["keepalived"] = _keepalived(stack, container)
        if container.has("/usr/sbin/mosquitto"):
            neighbours["mosquitto"] = _mosquitto(stack, container)
        yield neighbours


def _limit(stack, container, program, group, port):
    container.put(tools.limit(program), f"/usr/local/bin/{program}")
    return _transient(stack, container, f"bench-{program}", f"/usr/local/bin/{program}", f"--group={group}",
                      f"--port={port}")


def _transient(stack, container, unit, *command):
    container.run("systemd-run", "--quiet", "--collect", f"--unit={unit}", *command)
    stack.callback(container.run, "systemctl", "stop", unit)
    return container.pids(unit)


def _service(stack, container, unit):
    container.run("systemctl", "start", unit)
    stack.callback(container.run, "systemctl", "stop", unit)
    return container.pids(unit)


def _keepalived(stack, container):
    container.run("ip", "link", "add", INTERFACE, "type", "veth", "peer", OTHER_END)
    stack.callback(container.run, "ip", "link", "delete", INTERFACE)
    container.run("ip", "address", "add", "192.0.2.1/24", "dev", INTERFACE)
    for interface in (INTERFACE, OTHER_END):
        container.run("ip", "link", "set", interface, "up")
    container.write("/etc/keepalived/keepalived.conf", KEEPALIVED)
    pids = _service(stack, container, "keepalived")
    eventually("keepalived to be master", lambda: "MASTER STATE" in _journal(container, "keepalived"))
    return pids


def _mosquitto(stack, container):
    broker = _service(stack, container, "mosquitto")
    for unit, command in CLIENTS.items():
        _transient(stack, container, unit, "sh", "-c", command)
    eventually("mosquitto to pass a message on", lambda: _journal(container, "bench-subscriber"))
    return broker


def _journal(container, unit):
    """What a unit wrote, without what systemd says of it."""
    return container.run("journalctl", "--quiet", "--output=cat", f"_SYSTEMD_UNIT={unit}.service")
