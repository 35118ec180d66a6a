"""A small real HTTP server on loopback that speaks the OpenAI API, or misbehaves on purpose."""

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Answer = Callable[["Handler", dict[str, Any]], None]
WORDS = (" the", " old", " fox", " ran", " home", ".")


class Handler(BaseHTTPRequestHandler):
    """Notes every request and lets the script answer it."""

    protocol_version = "HTTP/1.1"
    server: "Server"

    def do_POST(self) -> None:
        """A completion."""
        said = json.loads(self.rfile.read(int(self.headers["content-length"])))
        with self.server.lock:
            self.server.asked.append((self.path, {k.lower(): v for k, v in self.headers.items()}, said))
        self.close_connection = True
        self.server.answer(self, said)

    def do_GET(self) -> None:
        """The list of models."""
        self.server.asked.append((self.path, {k.lower(): v for k, v in self.headers.items()}, {}))
        self.close_connection = True
        self.reply(200, {"data": [{"id": "tiny"}, {"id": "big"}]})

    def log_message(self, *_: Any) -> None:
        """Say nothing."""

    def reply(self, status: int, body: Any, kind: str = "application/json", **headers: str) -> None:
        """A whole answer; text goes out as it is."""
        data = (body if isinstance(body, str) else json.dumps(body)).encode()
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(data)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(data)

    def begin(self) -> None:
        """Begin an event stream."""
        self.send_response(200)
        self.send_header("content-type", "text/event-stream; charset=utf-8")
        self.send_header("connection", "close")
        self.end_headers()

    def say(self, line: str) -> None:
        """A line of it, as it is."""
        self.wfile.write(line.encode())
        self.wfile.flush()

    def piece(self, text: str, finish: str | None = None, **more: Any) -> None:
        """A piece of a completion or of a chat, as the path says."""
        choice: dict[str, Any] = {"index": 0, "finish_reason": finish, **more}
        choice |= {"delta": {"content": text}} if "chat" in self.path else {"text": text}
        self.say(f"data: {json.dumps({'choices': [choice]})}\n\n")


class Server(ThreadingHTTPServer):
    """Ends its threads with itself."""

    daemon_threads = True

    def __init__(self, answer: Answer) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answer = answer
        self.asked: list[tuple[str, dict[str, str], dict[str, Any]]] = []
        self.lock = threading.Lock()
        self.go_on = threading.Event()  # what a slow answer waits for
        self._thread = threading.Thread(
            target=self.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
        )
        self._thread.start()

    @property
    def url(self) -> str:
        """Its base address."""
        return f"http://127.0.0.1:{self.server_address[1]}/v1"

    def close(self) -> None:
        """End it."""
        self.go_on.set()
        self.shutdown()
        self.server_close()
        self._thread.join()


def good(handler: Handler, said: dict[str, Any]) -> None:
    """Stream six words and say that it is done."""
    handler.begin()
    for number, word in enumerate(WORDS):
        scores = {"tokens": [word], "token_logprobs": [-0.5], "top_logprobs": [{word: -0.5, " cat": -1.5}]}
        chat = {"content": [{"token": word, "logprob": -0.5, "top_logprobs": [
            {"token": word, "logprob": -0.5}, {"token": " cat", "logprob": -1.5}]}]}  # fmt: skip
        asked = bool(said.get("logprobs"))
        more = {"logprobs": chat if "chat" in handler.path else scores} if asked else {}
        handler.piece(word, "stop" if number == len(WORDS) - 1 else None, **more)
    handler.say("data: [DONE]\n\n")
