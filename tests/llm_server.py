"""An OpenAI-compatible server that says what it is told to, for tests; `heard` keeps every request it got."""

import json
import threading
import time
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class LlmServer(ThreadingHTTPServer):
    """Streams `pieces` with `pause` seconds between; `logprobs` as tokens with log-probabilities, None for none."""

    daemon_threads = True

    def __init__(self, pieces: Sequence[str] = ("a ", "dog")) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.pieces, self.pause = list(pieces), 0.0
        self.logprobs: dict[str, float] | None = None
        self.break_after = 0  # pieces, after which the connection breaks; 0 for never
        self.silent = False  # when set, no answer ever comes
        self.key = ""  # when set, who does not bring it is refused
        self.heard: list[dict[str, Any]] = []
        self.sent = 0
        self._thread = threading.Thread(target=self.serve_forever, args=(0.02,))

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1"

    def __enter__(self) -> "LlmServer":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self._thread.join()
        self.server_close()

    def handle_error(self, *_: Any) -> None:
        """Say nothing of clients that went away."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: LlmServer

    def do_GET(self) -> None:
        if self.path == "/v1/models":
            self._json(200, {"object": "list", "data": [{"id": "talker", "object": "model", "max_model_len": 2048}]})
        else:
            self._json(404, {"error": "no such place"})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.heard.append(body)
        if self.server.key and self.headers.get("Authorization") != f"Bearer {self.server.key}":
            self._json(401, {"error": {"message": "wrong key"}})
            return
        if self.server.silent:
            self.rfile.read(1)  # until the other end leaves
            self.close_connection = True
            return
        if not body.get("stream"):
            choice: dict[str, Any] = {"message": {"role": "assistant", "content": "".join(self.server.pieces)}}
            if self.server.logprobs is not None and body.get("logprobs"):
                top = [{"token": token, "logprob": value} for token, value in self.server.logprobs.items()]
                choice["logprobs"] = {"content": [{"token": top[0]["token"], "top_logprobs": top}]}
            self._json(200, {"choices": [choice]})
            return
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        for number, piece in enumerate(self.server.pieces, 1):
            self._event(json.dumps({"choices": [{"index": 0, "delta": {"content": piece}}]}))
            self.server.sent = number
            if number == self.server.break_after:
                self.close_connection = True
                return
            time.sleep(self.server.pause)
        self._event(json.dumps({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}))
        self._event("[DONE]")
        self.close_connection = True

    def _event(self, data: str) -> None:
        self.wfile.write(f"data: {data}\n\n".encode())
        self.wfile.flush()

    def _json(self, status: int, value: Any) -> None:
        body = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""
