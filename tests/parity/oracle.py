"""Records what spec-kitty-cli 3.0.0 does in generated worlds, as JSON lines.

    oracle.py --venv DIR                                      create DIR with the pinned versions, run the rest in it
    oracle.py [--venv DIR] --seed S --count N [--cli K] --out FILE

Each world lies in a temporary folder of its own. The same steps as `spec-kitty tracker sync publish` run in this
process, on the real httpx and httpcore down to h11; only the sockets are recorders, so that a header or an address
that a real send would refuse is refused here. `--cli K` runs K of the worlds through the real command as well.
"""

from __future__ import annotations

import argparse
import contextlib
import http.server
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
import venv
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

PINNED = ["spec-kitty-cli==3.0.0", "spec-kitty-tracker==0.2.0", "typer==0.24.1", "click==8.5.1", "httpx==0.28.1", "h11==0.16.0", "ruamel.yaml==0.19.1"]
PORT = 18999
COMPARED = ("content-type", "idempotency-key", "authorization")
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--venv", type=Path, help="run in this virtual environment, created if missing")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=0)
    parser.add_argument("--cli", type=int, default=0, help="how many worlds also go through the real command")
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    if options.venv and Path(sys.prefix).resolve() != options.venv.resolve():
        return rerun(options.venv)
    if options.out and options.count:
        record(options)
    return 0


def rerun(folder: Path) -> int:
    """This script again, under the interpreter of the virtual environment."""
    python = folder / "bin" / "python"
    if not (folder / "complete").exists():
        if sys.version_info[:2] != (3, 11):
            sys.exit("the oracle needs Python 3.11: the contract names its date and number rules")
        venv.create(folder, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *PINNED], check=True)
        (folder / "complete").touch()
    return subprocess.run([python, *sys.argv], check=False).returncode


def record(options: argparse.Namespace) -> None:
    import worlds

    warnings.simplefilter("ignore")
    started = time.monotonic()
    sent = 0
    chosen = {round(step * (options.count - 1) / max(options.cli - 1, 1)) for step in range(options.cli)}
    with options.out.open("w", encoding="utf-8") as out:
        for index in range(options.count):
            world = worlds.world(options.seed, index)
            expected = observe(world)
            if index in chosen:
                confirm(world, expected)
            sent += "request" in expected
            line = {**world.to_json(), "expected": expected}
            out.write(json.dumps(line, separators=(",", ":")) + "\n")
    took = time.monotonic() - started
    print(f"{options.count} worlds, seed {options.seed}: {sent} send, {options.count - sent} fail, {len(chosen)} confirmed by the command, {took:.0f} s")


@contextlib.contextmanager
def copy_of(world: Any, port: int) -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder).resolve()
        world.materialise(root)
        with world.entered(root, port):
            yield root


def observe(world: Any) -> dict[str, Any]:
    """The request spec-kitty would send, or the error it stops with."""
    with copy_of(world, PORT) as root:
        requests: list[bytes] = []
        try:
            publish([world.filled(argument, root, PORT) for argument in world.args], requests)
            error = None
        except Exception as exception:
            error = {"class": type(exception).__name__, "text": str(exception).replace(str(root), "{root}")[:300]}
    if error is not None:
        return {"error": error}
    if len(requests) != 1:
        sys.exit(f"{world.name}: {len(requests)} requests")
    return {"request": parsed(requests[0])}


def publish(args: list[str], requests: list[bytes]) -> None:
    """`sync_publish_command` of specify_cli.cli.commands.tracker, without its printing."""
    import httpx
    from specify_cli.tracker.config import require_repo_root
    from specify_cli.tracker.feature_flags import is_saas_sync_enabled
    from specify_cli.tracker.service import TrackerService, TrackerServiceError

    given = dict(zip(args[::2], args[1::2], strict=True))
    if not is_saas_sync_enabled():
        raise TrackerServiceError("No such command 'tracker'.")
    server_url = given.get("--server-url", os.getenv("SAAS_API_URL", ""))
    auth_token = given.get("--auth-token", os.getenv("SAAS_AUTH_TOKEN") or None)
    if not server_url.strip():
        raise TrackerServiceError("Missing --server-url (or SAAS_API_URL)")
    real = httpx.Client
    httpx.Client = lambda **options: real(transport=httpx.MockTransport(recorder(requests)), **options)
    try:
        TrackerService(require_repo_root()).sync_publish(server_url=server_url, auth_token=auth_token, timeout_seconds=10.0)
    finally:
        httpx.Client = real


def recorder(requests: list[bytes]) -> Any:
    """A handler for MockTransport that passes the request through the real transport onto recording sockets."""
    import httpcore
    import httpx

    class Socket(httpcore.NetworkStream):
        def __init__(self) -> None:
            self.answer = ANSWER
            requests.append(b"")

        def write(self, buffer: bytes, timeout: float | None = None) -> None:
            requests[-1] += buffer

        def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
            answer, self.answer = self.answer, b""
            return answer

        def close(self) -> None:
            pass

        def start_tls(self, *_: Any, **__: Any) -> httpcore.NetworkStream:
            requests.pop()
            raise httpcore.ConnectError("[SSL] the receiving server speaks plain HTTP")

        def get_extra_info(self, info: str) -> Any:
            return None

    class Sockets(httpcore.NetworkBackend):
        def connect_tcp(self, host: str, port: int, **_: Any) -> httpcore.NetworkStream:
            if host not in {"127.0.0.1", "localhost"} or port != PORT:
                raise httpcore.ConnectError("[Errno 111] Connection refused")
            return Socket()

    def handle(request: httpx.Request) -> httpx.Response:
        transport = httpx.HTTPTransport(verify=False)
        transport._pool._network_backend = Sockets()
        response = transport.handle_request(request)
        response.read()
        return response

    return handle


def parsed(raw: bytes) -> dict[str, Any]:
    head, _, body = raw.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    method, path, _version = first.split(" ")
    fields = [tuple(line.split(": ", 1)) for line in lines]
    headers = {name: [value for key, value in fields if key.lower() == name] for name in COMPARED}
    return {"method": method, "path": path, "headers": headers, "body": body.decode("utf-8")}


def confirm(world: Any, expected: dict[str, Any]) -> None:
    """The same world through the real command against a real server."""
    received: list[dict[str, Any]] = []

    class Receiver(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            head = self.requestline + "".join(f"\r\n{name}: {value}" for name, value in self.headers.items())
            received.append(parsed(head.encode("latin-1") + b"\r\n\r\n" + body))
            self.wfile.write(ANSWER)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Receiver)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        with copy_of(world, server.server_port) as root:
            command = Path(sys.prefix) / "bin" / "spec-kitty"
            args = [world.filled(argument, root, server.server_port) for argument in world.args]
            env = {**os.environ, "PATH": f"{command.parent}:/usr/bin:/bin"}
            done = subprocess.run([command, "tracker", "sync", "publish", *args], env=env, capture_output=True, text=True, check=False)
    finally:
        server.shutdown()
        server.server_close()
    got = {"request": received[0]} if received else {"error": None}
    if ("error" in expected) != (done.returncode != 0) or ("request" in expected and got != expected):
        sys.exit(f"{world.name}: the command differs from the record\n{done.stdout}{done.stderr}\n{got}\n{expected}")


if __name__ == "__main__":
    sys.exit(main())
