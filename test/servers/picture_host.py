"""Where a user's client has put a picture, as an upload service of her server has it."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from daemons.process import HOST

PICTURE = bytes.fromhex('89504e470d0a1a0a') + bytes(range(256)) * 40


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        is_there = self.path == '/rose.png'
        self.send_response(200 if is_there else 404)
        self.send_header('content-type', 'image/png')
        self.send_header('content-length', str(len(PICTURE) if is_there else 0))
        self.end_headers()
        if is_there:
            self.wfile.write(PICTURE)

    def log_message(self, *_):
        pass


class PictureHost:
    def __init__(self):
        self.server = ThreadingHTTPServer((HOST, 0), Handler)
        self.place = f'{HOST}:{self.server.server_port}'
        self.processes = []

    async def start(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    async def stop(self):
        self.server.shutdown()
        self.server.server_close()
