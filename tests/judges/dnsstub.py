"""usage: dnsstub.py RECORDS PORT  A name server on 127.0.0.1 with the TXT records of a file of "NAME TEXT" lines; nothing else exists."""
import socket, struct, sys
records = dict(l.rstrip("\n").split(" ", 1) for l in open(sys.argv[1]))
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(("127.0.0.1", int(sys.argv[2])))
while True:
    q, who = s.recvfrom(4096)
    i, labels = 12, []
    while q[i]:
        labels.append(q[i + 1:i + 1 + q[i]].decode("latin-1"))
        i += 1 + q[i]
    end = i + 5
    kind = struct.unpack(">H", q[i + 1:i + 3])[0]
    text = records.get(".".join(labels).lower()) if kind == 16 else None
    answer = b""
    if text:
        parts = [text[k:k + 255].encode() for k in range(0, len(text), 255)]
        data = b"".join(bytes([len(p)]) + p for p in parts)
        answer = b"\xc0\x0c" + struct.pack(">HHIH", 16, 1, 60, len(data)) + data
    s.sendto(q[:2] + struct.pack(">HHHHH", 0x8180 if text else 0x8183, 1, 1 if text else 0, 0, 0) + q[12:end] + answer, who)
