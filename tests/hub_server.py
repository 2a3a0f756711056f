"""A hub on this machine: the routes of the real one that downloads use, serving folders of files.

Run as ``python -m tests.hub_server FOLDER [--rate BYTES_PER_SECOND]``: it prints its address. FOLDER holds
``owner/name/…files…``; the commit of a repository is a hash of its contents.
"""

import argparse
import hashlib
import json
import re
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlparse

_BLOCK = 1 << 16


class HubServer(ThreadingHTTPServer):
    """Serves `folder`; `rate` bounds the bytes per second of each file; `served` counts the bytes of files sent."""

    daemon_threads = True

    def __init__(self, folder: Path, rate: int = 0, port: int = 0) -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.folder, self.rate = folder, rate
        self.served = 0
        self.asked: list[str] = []
        self.flipped: set[str] = set()  # names of files sent with one byte wrong
        self.broken: set[str] = set()  # names of files whose connection breaks halfway, once each
        self.ranges = True

    @property
    def address(self) -> str:
        """Where it can be reached."""
        return f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, *_: Any) -> None:
        """Say nothing of clients that were killed."""


def commit_of(repository: Path) -> str:
    digest = hashlib.sha1()
    for file in sorted(repository.rglob("*")):
        if file.is_file():
            digest.update(f"{file.relative_to(repository)}{file.stat().st_size}".encode())
    return digest.hexdigest()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: HubServer

    def do_GET(self) -> None:
        path = unquote(urlparse(self.path).path)
        self.server.asked.append(path)
        if match := re.fullmatch(r"/api/models/([^/]+/[^/]+)(?:/revision/[^/]+)?", path):
            return self._info(match[1])
        if match := re.fullmatch(r"/api/models/([^/]+/[^/]+)/tree/[^/]+/?", path):
            return self._tree(match[1])
        if match := re.fullmatch(r"/([^/]+/[^/]+)/resolve/([^/]+)/(.+)", path):
            return self._file(match[1], match[3])
        return self._json(404, {"error": "not found"})

    def do_HEAD(self) -> None:
        self.do_GET()

    def _info(self, name: str) -> None:
        repository = self.server.folder / name
        if not repository.is_dir():
            return self._json(404, {"error": "Repository not found"}, {"X-Error-Code": "RepoNotFound"})
        files = [{"rfilename": str(file.relative_to(repository))} for file in _files(repository)]
        return self._json(200, {"id": name, "sha": commit_of(repository), "siblings": files})

    def _tree(self, name: str) -> None:
        repository = self.server.folder / name
        listed = []
        for file in _files(repository):
            data = file.read_bytes()
            entry: dict[str, Any] = {"type": "file", "path": str(file.relative_to(repository)), "size": len(data)}
            entry["oid"] = hashlib.sha1(f"blob {len(data)}\0".encode() + data).hexdigest()
            if file.suffix in (".safetensors", ".bin"):
                entry["lfs"] = {"oid": hashlib.sha256(data).hexdigest(), "size": len(data), "pointerSize": 130}
            listed.append(entry)
        return self._json(200, listed)

    def _file(self, name: str, path: str) -> None:
        file = self.server.folder / name / path
        if not file.is_file():
            return self._json(404, {"error": "Entry not found"}, {"X-Error-Code": "EntryNotFound"})
        data = bytearray(file.read_bytes())
        if file.name in self.server.flipped:
            data[len(data) // 2] ^= 1
        start = 0
        if (asked := re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))) and self.server.ranges:
            start = int(asked[1])
            if start >= len(data):
                return self._json(416, {"error": "range"})
        self.send_response(206 if start else 200)
        self.send_header("X-Repo-Commit", commit_of(self.server.folder / name))
        self.send_header("ETag", f'"{hashlib.sha256(data).hexdigest()}"')
        self.send_header("Content-Length", str(len(data) - start))
        self.send_header("Accept-Ranges", "bytes")
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(data) - 1}/{len(data)}")
        self.end_headers()
        if self.command == "HEAD":
            return None
        end = len(data)
        if file.name in self.server.broken:
            self.server.broken.discard(file.name)
            end = (start + end) // 2
            self.close_connection = True
        for at in range(start, end, _BLOCK):
            block = data[at : min(at + _BLOCK, end)]
            self.wfile.write(block)
            self.server.served += len(block)
            if self.server.rate:
                time.sleep(len(block) / self.server.rate)
        return None

    def _json(self, status: int, value: Any, headers: dict[str, str] | None = None) -> None:
        body = json.dumps(value).encode()
        self.send_response(status)
        for key, text in {"Content-Type": "application/json", **(headers or {})}.items():
            self.send_header(key, text)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


def _files(repository: Path) -> list[Path]:
    return [file for file in sorted(repository.rglob("*")) if file.is_file()]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rate", type=int, default=0)
    parser.add_argument("--port", type=int, default=0)
    options = parser.parse_args()
    server = HubServer(options.folder, options.rate, options.port)
    print(server.address, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
