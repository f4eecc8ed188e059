"""An executor in Python: Standard Webhooks verifies calls and signs replies, the rest is this page."""
import json
import os
import threading
import time
from datetime import datetime, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from standardwebhooks.webhooks import Webhook

NAMESPACE = os.environ.get("CRONCLAVE_NAMESPACE", "default")
SERVICE = os.environ.get("CRONCLAVE_SERVICE", "billing")
BODY_BYTES_MAX = 1024 * 1024
KEPT_S = 601  # No call is accepted again after twice the tolerance of a signature.
KEPT_MAX = 10_000
webhook = Webhook(os.environ["CRONCLAVE_SECRET"])
handlers = {}


def handler(name):
    return lambda function: handlers.setdefault(name, function)


@handler("nightly-report")
def nightly_report(attempt, data):
    return {"day": data["fireTime"][:10]}


calls = 0  # These two are what `cronclave conformance` calls.


@handler("conformance.echo")
def echo(attempt, data):
    global calls
    calls += 1
    return {"params": data["params"], "calls": calls}


@handler("conformance.wait")
def wait(attempt, data):
    result = echo(attempt, data)
    attempt.stop.wait(data["params"]["ms"] / 1000)  # Whatever takes long looks at `attempt.stop`.
    return result


class Attempt:
    """One handler at work, or what it came to."""

    def __init__(self):
        self.stop, self.done = threading.Event(), threading.Event()
        self.reason, self.outcome, self.ended = None, None, 0.0

    def abort(self, reason):
        self.reason = self.reason or reason
        self.stop.set()

    def run(self, function, data, budget_s):
        timer = threading.Timer(budget_s, self.abort, ["timed-out"])
        timer.start()
        try:
            result = function(self, data)
            self.outcome = {"outcome": self.reason} if self.reason else {"outcome": "succeeded", "result": result}
        except Exception as error:  # The handler's own: it may be tried again.
            fault = {"name": type(error).__name__, "message": str(error)[:4096], "code": "handler-error"}
            self.outcome = {"outcome": self.reason or "failed", "error": {**fault, "retryable": True}}
        timer.cancel()
        self.ended = time.monotonic()
        self.done.set()


attempts, lock = {}, threading.Lock()


class Refused(Exception):
    def __init__(self, status, code):
        self.status, self.code = status, code


def answer(message, call_id):
    data, kind = message["data"], message["type"]
    if (data["namespace"], data["service"]) != (NAMESPACE, SERVICE):
        raise Refused(421, "wrong-executor")
    if kind == "ping":
        return "pong", {"challenge": data["challenge"]}
    if kind == "manifest.get":
        return "manifest", {"sdk": "example-python/1", "handlers": [{"name": name} for name in handlers]}
    if kind == "run.skipped":
        return "run.noted", {}
    if kind == "run.cancel":
        attempt = attempts.get(data["attemptId"])
        known = attempt is not None and not attempt.done.is_set()
        if known:
            attempt.abort("timed-out" if data["reason"] == "timed-out" else "cancelled")
        return "run.cancelled", {"attemptId": data["attemptId"], "known": known}
    if kind != "run.dispatch" or data["attemptId"] != call_id:
        raise Refused(422, "invalid-call")
    outcome = dispatch(data, seconds(data["deadline"]) - seconds(message["timestamp"]))
    return "run.result", {"runId": data["runId"], "attemptId": call_id, **outcome}


def dispatch(data, budget_s):
    """Runs an attempt once: whoever calls again, or for an attempt that this one stands for, waits for the same outcome."""
    function = handlers.get(data["handler"])
    if function is None:
        raise Refused(404, "handler-not-found")
    ids = [data["attemptId"], *reversed(data.get("supersedes") or [])]
    with lock:
        for old, attempt in list(attempts.items()):
            if attempt.done.is_set() and time.monotonic() - attempt.ended > KEPT_S:
                del attempts[old]
        attempt = next((attempts[known] for known in ids if known in attempts), None)
        if attempt is None and len(attempts) >= KEPT_MAX:
            raise Refused(429, "no-slot")
        is_new, attempt = attempt is None, attempt or Attempt()
        attempts[data["attemptId"]] = attempt
    if is_new:
        attempt.run(function, data, max(0, budget_s))
    attempt.done.wait()
    return attempt.outcome


def seconds(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


class Endpoint(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 60

    def do_POST(self):
        digits = self.headers.get("content-length", "")
        length = int(digits) if digits.isdecimal() and len(digits) < 12 else None
        if length is None or length > BODY_BYTES_MAX:
            self.close_connection = True
            self.rfile.read(min(length or 0, 8 * BODY_BYTES_MAX))
            return self.reply(413, {"code": "body-too-large"}, None)
        body, call_id = self.rfile.read(length), None
        try:
            text = body.decode()
            try:
                webhook.verify(text, dict(self.headers), json_parse=False)
            except Exception:  # Whatever is wrong with a signature, the caller is not told.
                raise Refused(401, "unauthorized") from None
            call_id = self.headers["webhook-id"]
            kind, data = answer(json.loads(text), call_id)
            self.reply(200, {"type": kind, "timestamp": now().isoformat(), "data": data}, call_id)
        except Refused as refused:
            self.reply(refused.status, {"code": refused.code}, call_id)
        except (KeyError, TypeError, ValueError, AttributeError):
            self.reply(422, {"code": "invalid-call"}, call_id)

    def do_GET(self):
        self.reply(405, {"code": "method-not-allowed"}, None)

    def reply(self, status, content, call_id):
        text, at = json.dumps(content), now()
        self.send_response(status)
        if call_id is not None:  # Signed, so that nobody else's answer is taken for ours.
            self.send_header("webhook-id", f"re_{call_id}")
            self.send_header("webhook-timestamp", str(int(at.timestamp())))
            self.send_header("webhook-signature", webhook.sign(f"re_{call_id}", at, text))
        self.send_header("content-type", "application/json" if status == 200 else "application/problem+json")
        self.send_header("content-length", str(len(text.encode())))
        self.end_headers()
        self.wfile.write(text.encode())


def now():
    return datetime.now(tz=timezone.utc)


server = ThreadingHTTPServer(("127.0.0.1", int(os.environ.get("PORT", "8000"))), Endpoint)
print(f"listening on http://127.0.0.1:{server.server_port}/jobs", flush=True)
server.serve_forever()
