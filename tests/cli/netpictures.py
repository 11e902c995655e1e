"""Run in a network of its own, where 198.41.0.4 and pictures.test are this machine: a server that keeps connections
open and sends clients on to other addresses. Writes "port N"; what is asked for, and by which connection, goes to
requests.log."""
import http.server, socketserver, struct, sys, zlib


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(w, h):
    rows = b"".join(b"\0" + b"\x20\x40\x80" * w for _ in range(h))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", w, h, 8, 2, 0, 0, 0)) + \
        chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def answer(self, status, fields, body=b""):
        self.send_response(status)
        for f in fields:
            self.send_header(*f)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        port = self.server.server_address[1]
        with open("requests.log", "a") as f:
            f.write("%s host=%s from=%d\n" % (self.path, self.headers.get("Host"), self.client_address[1]))
        to = {
            "/hop1": "http://127.0.0.1:%d/secret" % port,
            "/hop2": "http://198.41.0.4:%d/hop1" % port,
            "/mapped": "http://[::ffff:127.0.0.1]:%d/secret" % port,
            "/hex": "http://0x7f.1:%d/secret" % port,
            "/decimal": "http://2130706433:%d/secret" % port,
            "/name": "http://localhost:%d/secret" % port,
            "/zero": "http://0.0.0.0:%d/secret" % port,
            "/six": "http://[::1]:%d/secret" % port,
            "/file": "file:///etc/passwd",
            "/gopher": "gopher://127.0.0.1:%d/_secret" % port,
            "/round": "http://198.41.0.4:%d/round" % port,
            "/good-hop": "http://pictures.test:%d/wide.png" % port,
        }.get(self.path)
        if to:
            self.answer(302, [("Location", to)])
        elif self.path == "/pixel.png":
            self.answer(200, [("Content-Type", "image/png")], png(1, 1))
        elif self.path == "/wordy":
            self.answer(200, [("X-Long", "x" * 60000)] * 5, png(40, 20))
        elif self.path == "/broken":
            self.answer(500, [])
        elif self.path.startswith("/zipped"):
            z = zlib.compressobj(9, zlib.DEFLATED, 31)
            data = b"".join(z.compress(b"\0" * (1 << 20)) for _ in range(200)) + z.flush()
            self.answer(200, [("Content-Encoding", "gzip")], data)
        else:
            self.answer(200, [("Content-Type", "image/png")], png(40, 20))

    def log_message(self, *a):
        pass


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True


s = Server(("0.0.0.0", 0), Handler)
print("port", s.server_address[1], flush=True)
s.serve_forever()
