"""A web server with good and bad pictures; prints "port N". What it is asked for goes to requests.log."""
import ctypes, http.server, os, socketserver, struct, sys, threading, time, zlib

gd = ctypes.CDLL("libgd.so.3")
gd.gdImageCreateTrueColor.restype = ctypes.c_void_p


def photo(name, w, h, alpha=False):
    im = ctypes.c_void_p(gd.gdImageCreateTrueColor(w, h))
    if alpha:
        gd.gdImageAlphaBlending(im, 0)
        gd.gdImageSaveAlpha(im, 1)
    for y in range(h):
        for x in range(w):
            c = (x * 255 // w) << 16 | (y * 255 // h) << 8 | (x * y) & 255
            gd.gdImageSetPixel(im, x, y, c | (100 << 24 if alpha and x < w // 2 else 0))
    gd.gdImageFile(im, name.encode())
    gd.gdImageDestroy(im)
    return open(name, "rb").read()


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


# red above blue, 200 x 100
rows = b"".join(b"\0" + (b"\xff\0\0" if y < 50 else b"\0\0\xff") * 200 for y in range(100))
flag = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 200, 100, 8, 2, 0, 0, 0)) + \
    chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")
bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 50000, 50000, 8, 2, 0, 0, 0)) + \
    chunk(b"IDAT", zlib.compress(b"\0" * 10000000)) + chunk(b"IEND", b"")
jpeg = photo("p.jpg", 1200, 800)
# the same, lying on its side, with words that are nobody's business
exif = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0 GPS of somebody's house"
turned = jpeg[:2] + b"\xff\xe1" + struct.pack(">H", len(exif) + 2) + exif + jpeg[2:]
answers = {
    "/photo.jpg": ("image/jpeg", jpeg),
    "/turned.jpg": ("image/jpeg", turned),
    "/flag.png": ("image/png", flag),
    "/alpha.png": ("image/png", photo("a.png", 300, 200, True)),
    "/photo.webp": ("image/webp", photo("p.webp", 700, 500)),
    "/small.gif": ("image/gif", photo("s.gif", 90, 60)),
    "/unsaid": ("application/octet-stream", photo("q.jpg", 400, 300)),
    "/cut.jpg": ("image/jpeg", jpeg[:300]),
    "/lie.png": ("image/png", b"<html>not a picture</html>"),
    "/drawing.svg": ("image/svg+xml", b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"),
    "/bomb.png": ("image/png", bomb),
}


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        path = self.path.split("?")[0]
        with open("requests.log", "a") as f:
            f.write("%s referer=%s agent=%s\n" % (path, self.headers.get("Referer"), self.headers.get("User-Agent")))
        try:
            if path == "/moved.jpg":
                self.send_response(302)
                self.send_header("Location", "/photo.jpg")
                self.end_headers()
            elif path == "/slow.jpg":
                time.sleep(40)
            elif path == "/huge.jpg":
                self.send_response(200)
                self.end_headers()
                for _ in range(300):
                    self.wfile.write(b"\xff\xd8\xff" + b"x" * 65536)
            elif path in answers:
                self.send_response(200)
                self.send_header("Content-Type", answers[path][0])
                self.end_headers()
                self.wfile.write(answers[path][1])
            else:
                self.send_error(404)
        except OSError:
            pass

    def log_message(self, *a):
        pass


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    daemon_threads = True


s = Server(("127.0.0.1", 0), Handler)
print("port", s.server_address[1], flush=True)
s.serve_forever()
