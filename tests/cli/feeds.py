"""A web server for feeds; prints "port N". usage: feeds.py [CERTIFICATE KEY]: with them, https. It serves the files of
the folder www (read anew each time) with an ETag, /dated/X with Last-Modified instead, and honours conditional requests;
/moved/X redirects to /X, /down is 500, /busy is 429 with
Retry-After: 7200, /gone is 404, /big never ends, /latin/X says charset=iso-8859-1. Each request is a
line "PATH STATUS" in requests.log."""
import email.utils, hashlib, http.server, os, socketserver, ssl, sys


class Handler(http.server.BaseHTTPRequestHandler):
    def answer(self, status, body=b"", **fields):
        with open("requests.log", "a") as f:
            f.write("%s %d\n" % (self.path, status))
        self.send_response(status)
        for k, v in fields.items():
            self.send_header(k.replace("_", "-"), v)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        path = self.path.split("?")[0]
        try:
            if path.startswith("/moved/"):
                return self.answer(302, Location="/" + path[7:])
            if path == "/down":
                return self.answer(500)
            if path == "/busy":
                return self.answer(429, Retry_After="7200")
            if path == "/big":
                self.send_response(200)
                self.end_headers()
                for _ in range(40):
                    self.wfile.write(b"<rss>" + b" " * (1 << 20))
                return
            latin = path.startswith("/latin/")
            name = "www/" + os.path.basename(path)
            if not os.path.exists(name):
                return self.answer(404)
            body = open(name, "rb").read()
            etag = '"%s"' % hashlib.sha256(body).hexdigest()[:16]
            if path.startswith("/dated/"):
                date = email.utils.formatdate(os.stat(name).st_mtime, usegmt=True)
                if self.headers.get("If-Modified-Since") == date:
                    return self.answer(304)
                return self.answer(200, body, Last_Modified=date)
            if self.headers.get("If-None-Match") == etag:
                return self.answer(304, ETag=etag)
            kind = "application/rss+xml" + ("; charset=iso-8859-1" if latin else "")
            self.answer(200, body, ETag=etag, Content_Type=kind)
        except (BrokenPipeError, ConnectionResetError):
            pass

    def log_message(self, *a):
        pass


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True


s = Server(("127.0.0.1", 0), Handler)
if len(sys.argv) > 2:
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(sys.argv[1], sys.argv[2])
    s.socket = tls.wrap_socket(s.socket, server_side=True)
print("port %d" % s.server_port, flush=True)
s.serve_forever()
