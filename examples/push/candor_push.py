"""Pushes decisions to Candor from any Python program: one file, nothing but the standard library. Copy it.

    pusher = Pusher("https://candor.example", key)
    pusher.push({"id": "application-1", "subject": "customer-4711", ...})   # returns at once
    pusher.close()                                                          # sends what is left

Decisions go in batches from a thread of their own, so that deciding never waits for recording. What could not be sent
is sent again with the same ``id``s: Candor records each once. What Candor refuses as wrong goes to ``refused`` with
the reasons and is not sent again. A full queue raises ``queue.Full``: better to notice than to lose decisions silently.
A program that must not lose any even when it is killed writes them down itself first and pushes from there.
"""

import json
import queue
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any

Decision = dict[str, Any]
Refused = Callable[[Decision, str], None]
_TOO_LARGE, _TOO_MANY = 413, 429


class Pusher:
    """Sends decisions in the background until closed."""

    def __init__(
        self,
        url: str,
        key: str,
        refused: Refused | None = None,
        *,
        most: int = 200,
        waiting: int = 10_000,
        longest_pause: float = 60.0,
    ) -> None:
        """Send up to ``most`` decisions at once to the Candor at ``url``, with an API key of the role `site`."""
        self._url = url.rstrip("/") + "/v1/decisions/batch"
        self._headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        self._refused = refused or _raise
        self._most = most
        self._longest = longest_pause
        self._waiting: queue.Queue[Decision | None] = queue.Queue(waiting)
        self._thread = threading.Thread(target=self._run, name="candor-push", daemon=True)
        self._thread.start()

    def push(self, decision: Decision) -> None:
        """Hand over one decision. Raises ``queue.Full``."""
        self._waiting.put_nowait(decision)

    def close(self, seconds: float = 30.0) -> bool:
        """Send what is left, for so long; tell whether all went out."""
        self._waiting.put(None)
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def _run(self) -> None:
        ending = False
        while not ending:
            batch = [self._waiting.get()]
            while len(batch) < self._most and not self._waiting.empty():
                batch.append(self._waiting.get())
            ending = None in batch
            self._send([one for one in batch if one is not None])

    def _send(self, batch: list[Decision]) -> None:
        """Send a batch until it is recorded; one that is refused goes out one by one, and spoils no other."""
        pause = 0.2
        while batch:
            status, said = self._post(batch)
            if status == 200:
                return
            if 400 <= status < 500 and status != _TOO_MANY:
                if len(batch) == 1:
                    self._refused(batch[0], said)
                    return
                half = len(batch) // 2 if status == _TOO_LARGE else 1
                for start in range(0, len(batch), half):
                    self._send(batch[start : start + half])
                return
            time.sleep(pause)
            pause = min(self._longest, pause * 2)

    def _post(self, batch: list[Decision]) -> tuple[int, str]:
        body = json.dumps({"decisions": batch}).encode()
        request = urllib.request.Request(self._url, body, self._headers)  # noqa: S310 -- the operator's own URL
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 -- see above
                return answer.status, ""
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode(errors="replace")
        except OSError:
            return 0, ""


def _raise(decision: Decision, said: str) -> None:
    raise ValueError(f"Candor refuses decision {decision.get('id')}: {said}")
