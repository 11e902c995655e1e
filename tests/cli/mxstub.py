"""usage: mxstub.py LOG  A name server on 127.0.0.1:53, judged by the first label of a name (what follows a hyphen counts
not): mx, only (an A), six (an AAAA), null (RFC 7505), bare (nothing), fail (SERVFAIL), silent, slow (an MX, late); else
NXDOMAIN. LOG gets a line a question: "NAME TYPE", and how many slow ones waited at that time."""
import socket, struct, sys, threading, time
KINDS = {1: "A", 15: "MX", 28: "AAAA"}
log = open(sys.argv[1], "w", buffering=1)
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("127.0.0.1", 53))
print("ready", flush=True)
lock = threading.Lock()
waiting = 0


def late(packet, who):
    global waiting
    time.sleep(0.1)
    with lock:
        waiting -= 1
    s.sendto(packet, who)


while True:
    try:
        q, who = s.recvfrom(4096)
    except ConnectionRefusedError:
        continue
    i, labels = 12, []
    while q[i]:
        labels.append(q[i + 1:i + 1 + q[i]].decode("latin-1").lower())
        i += 1 + q[i]
    end = i + 5
    kind = KINDS.get(struct.unpack(">H", q[i + 1:i + 3])[0], "?")
    what = "idn" if labels[0].startswith("xn--") else labels[0].split("-")[0]
    with lock:
        waiting += what == "slow"
        print(".".join(labels), kind, waiting, file=log)
    if what == "silent":
        continue
    mx = struct.pack(">H", 10) + b"\x04mail\xc0\x0c"
    data = {("mx", "MX"): mx, ("idn", "MX"): mx, ("slow", "MX"): mx, ("null", "MX"): b"\0\0\0",
            ("only", "A"): b"\xc0\0\2\1", ("six", "AAAA"): b"\x20\1\r\xb8" + bytes(11) + b"\1"}.get((what, kind))
    code = 0 if what in ("mx", "idn", "slow", "null", "only", "six", "bare") else 2 if what == "fail" else 3
    answer = b"\xc0\x0c" + q[i + 1:end] + struct.pack(">IH", 60, len(data)) + data if data else b""
    packet = q[:2] + struct.pack(">HHHHH", 0x8180 | code, 1, 1 if data else 0, 0, 0) + q[12:end] + answer
    if what == "slow":
        threading.Thread(target=late, args=(packet, who), daemon=True).start()
    else:
        s.sendto(packet, who)
