"""Asks the Linux kernel what becomes of packets under given rule sets.

    python3 drive.py CASES RESULTS PATIENCE

Three network namespaces, which live as long as this program: a client, a router, an MX. For each case the router loads a rule set, the
client sends UDP packets with many source addresses, and the MX answers each that arrives. The program stays in the router's namespace;
the sockets of the two ends were opened in theirs. Nothing leaves the namespaces.

Exit status 77: namespaces cannot be made here, or a tool is missing; the reason is on the standard error.
"""

import ctypes
import json
import os
import select
import shutil
import socket
import struct
import subprocess
import sys
import time

os.environ["PATH"] += ":/usr/sbin:/sbin"
# Nobody answers for the names of hosts that real rule sets hold.
os.environ["RES_OPTIONS"] = "timeout:1 attempts:1"
libc = ctypes.CDLL(None, use_errno=True)
CLONE_NEWNET = 0x40000000
WAN, LAN = "203.0.113.10", "192.168.1.1"
HOSTS = ["192.168.1.%d" % n for n in range(4, 10)] + ["203.0.113.130"]
MARK = b"vpnlint"


def skip(reason):
    print(reason, file=sys.stderr)
    sys.exit(77)


def run(*command, text=None):
    return subprocess.run(command, input=text, capture_output=True, text=True, check=False)


def must(line):
    done = run(*line.split())
    if done.returncode != 0:
        skip(f"`{line}` failed: {done.stderr.strip()}")


def enter(space):
    if libc.setns(space, CLONE_NEWNET) != 0:
        skip("a network namespace cannot be entered: " + os.strerror(ctypes.get_errno()))


def new_space():
    if libc.unshare(CLONE_NEWNET) != 0:
        skip("network namespaces cannot be made here: " + os.strerror(ctypes.get_errno()))
    return os.open("/proc/self/ns/net", os.O_RDONLY)


def link(inner, outer, name, peer):
    """A cable between two namespaces, with fixed link-layer addresses."""
    enter(inner)
    must(f"ip link add {name} address 02:00:00:00:00:01 type veth peer name {peer} address 02:00:00:00:00:02")
    must(f"ip link set {peer} netns /proc/{os.getpid()}/fd/{outer}")
    must(f"ip link set {name} up")
    must("ip link set lo up")
    enter(outer)
    must(f"ip link set {peer} up")
    must("ip link set lo up")


def sockets(space, name):
    enter(space)
    out = socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW)
    tap = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.htons(0x0800))
    tap.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 22)
    tap.bind((name, 0x0800))
    tap.setblocking(False)
    return out, tap


def prepare():
    if os.geteuid() != 0:
        skip("network namespaces need root")
    for tool in ["ip", "nft", "iptables-restore", "iptables-save"]:
        if shutil.which(tool) is None:
            skip(f"`{tool}` is not installed; tests/kernel/setup.sh installs it")
    router, client, mx = new_space(), new_space(), new_space()
    link(client, router, "c0", "wan0")
    link(mx, router, "m0", "lan0")
    enter(router)
    for setting in ["ip_forward=1", "conf.all.rp_filter=0", "conf.default.rp_filter=0", "conf.wan0.rp_filter=0", "conf.lan0.rp_filter=0"]:
        name, value = setting.split("=")
        path = "/proc/sys/net/ipv4/" + name.replace(".", "/")
        with open(path, "w", encoding="ascii") as file:
            file.write(value)
    must(f"ip addr add {WAN}/25 dev wan0")
    must(f"ip addr add {LAN}/24 dev lan0")
    must("ip route add 203.0.113.128/25 dev lan0")
    must("ip neigh add 203.0.113.1 lladdr 02:00:00:00:00:01 dev wan0 nud permanent")
    must("ip route add default via 203.0.113.1 dev wan0")
    for host in HOSTS:
        must(f"ip neigh add {host} lladdr 02:00:00:00:00:01 dev lan0 nud permanent")
    for space, name, own, gate in [(client, "c0", "203.0.113.1/25", WAN), (mx, "m0", "192.168.1.4/24", LAN)]:
        enter(space)
        must(f"ip addr add {own} dev {name}")
        must(f"ip neigh add {gate} lladdr 02:00:00:00:00:02 dev {name} nud permanent")
        must(f"ip route add default via {gate} dev {name}")
        if run("nft", "-f", "-", text="table ip quiet { chain input { type filter hook input priority 0; policy drop; }; }").returncode != 0:
            skip("nftables cannot be used here")
    return router, sockets(client, "c0"), sockets(mx, "m0")


def packet(source, sport, target, dport, number):
    payload = MARK + struct.pack("!I", number)
    udp = struct.pack("!HHHH", sport, dport, 8 + len(payload), 0)
    addresses = socket.inet_aton(source) + socket.inet_aton(target)
    return struct.pack("!BBHHHBBH", 0x45, 0, 28 + len(payload), 0, 0x4000, 64, 17, 0) + addresses + udp + payload


def caught(tap, patience):
    """What arrives until nothing does for a while: (number, source, its port, destination, its port)."""
    while select.select([tap], [], [], patience)[0]:
        data, (_, _, kind, *_) = tap.recvfrom(2048)
        head = (data[0] & 15) * 4
        if kind == socket.PACKET_OUTGOING or data[9] != 17 or data[head + 8 : head + 8 + len(MARK)] != MARK:
            continue
        sport, dport = struct.unpack("!HH", data[head : head + 4])
        (number,) = struct.unpack("!I", data[head + 8 + len(MARK) : head + 12 + len(MARK)])
        yield number, socket.inet_ntoa(data[12:16]), sport, socket.inet_ntoa(data[16:20]), dport


class Conntrack:
    """Forgets all flows of this namespace (IPCTNL_MSG_CT_DELETE without attributes)."""

    def __init__(self):
        self.netlink = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 12)

    def flush(self):
        body = struct.pack("=BBH", 0, 0, 0)
        self.netlink.send(struct.pack("=IHHII", 16 + len(body), 1 << 8 | 2, 5, 1, 0) + body)
        answer = self.netlink.recv(4096)
        if struct.unpack("=i", answer[16:20])[0] != 0:
            skip("flows cannot be forgotten: nf_conntrack_netlink is missing")


def load(case):
    run("nft", "flush", "ruleset")
    if case["kind"] == "iptables":
        return run("iptables-restore", text=case["text"])
    return run("nft", "-f", "-", text=case["text"])


def ask(case, client, mx, conntrack, patience):
    packets = case["packets"]
    arrived, answered = [None] * len(packets), [False] * len(packets)
    # Two ports that are forwarded to one would share flows: one port at a time.
    for port in sorted({dport for _, _, dport in packets}):
        conntrack.flush()
        for number, (source, sport, dport) in enumerate(packets):
            if dport == port:
                client[0].sendto(packet(source, sport, case["aim"], dport, number), (case["aim"], 0))
        for number, source, sport, target, dport in list(caught(mx[1], patience)):
            arrived[number] = [target, dport]
            mx[0].sendto(packet(target, dport, source, sport, number), (source, 0))
        for number, _, sport, target, dport in caught(client[1], patience):
            source, own, wanted = packets[number]
            answered[number] = (sport, target, dport) == (wanted, source, own)
    return {"arrived": arrived, "answered": answered}


def main():
    cases, results, patience = sys.argv[1:]
    router, client, mx = prepare()
    enter(router)
    conntrack = Conntrack()
    with open(cases, encoding="utf-8") as lines, open(results, "w", encoding="utf-8") as out:
        for line in lines:
            case = json.loads(line)
            loaded = load(case)
            result = {"loaded": loaded.returncode == 0, "error": loaded.stderr.strip()}
            if result["loaded"]:
                for _ in caught(client[1], 0), caught(mx[1], 0):
                    pass
                result |= ask(case, client, mx, conntrack, float(patience))
                result["listing"] = run("nft", "list", "ruleset").stdout
                result["json"] = run("nft", "-j", "list", "ruleset").stdout
                if case["kind"] == "iptables":
                    result["saved"] = run("iptables-save", "-c").stdout
            out.write(json.dumps(result) + "\n")


if __name__ == "__main__":
    main()
