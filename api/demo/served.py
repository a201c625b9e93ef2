"""The demo's credit model behind a real model server (``candor demo --model``), and a decision explained by asking it.

The server is installed by uv into an environment of its own, started as a process of its own, and ended with the demo.
Where that can't be done the demo says why and goes on: a decision with a pushed explanation needs no server.
"""

import asyncio
import contextlib
import os
import shutil
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Final

from api.demo.credit import SERVED_AT
from core.errors import DomainError
from core.http import CallFailedError, HttpClient, Limits
from core.principal import Principal
from explanations.explaining import Explainer, Wish

PACKAGE: Final = "azureml-inference-server-http==1.5.1"
_FOLDER: Final = Path(__file__).resolve().parents[2] / "examples" / "credit" / "servers"
_PORT: Final = SERVED_AT.rpartition(":")[2]
_ANY: Final = Limits(seconds=2.0, media_types=())
_PATIENCE: Final = 300.0
_KEPT: Final = ("reasons", "changes")
Say = Callable[[str], None]


class ServedModel:
    """The model server as a part of the serving process."""

    def __init__(
        self, client: HttpClient, explainer: Explainer, by: Principal, decision: str, log: Path, say: Say
    ) -> None:
        """Serve, and explain ``decision`` for ``by`` once it answers; ``say`` prints what happens."""
        self._client = client
        self._explainer = explainer
        self._by = by
        self._decision = decision
        self._log = log
        self._say = say
        self._task: asyncio.Task[None] | None = None
        self._process: asyncio.subprocess.Process | None = None

    async def open(self) -> None:
        """Begin; nothing waits for it."""
        self._task = asyncio.create_task(self._run(), name="candor-demo-model")

    async def close(self) -> None:
        """End the server and all its workers."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        if self._process is not None and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGTERM)
            await self._process.wait()

    async def _run(self) -> None:
        if not await self._answers():
            fault = await self._start()
            if fault:
                self._say(f"\nThe credit model can't be served here: {fault}. The rest of the demo needs no model.\n")
                return
        self._say(f"\nThe credit model is served at {SERVED_AT} by {PACKAGE.partition('==')[0]}.\n")
        try:
            await self._explain()
        except DomainError as error:
            self._say(f"Its decision could not be explained: {error.detail or error.title}\n")

    async def _start(self) -> str:
        """Install and start the server; return what is wrong, or nothing once it answers."""
        if not _FOLDER.is_dir():
            return "the example with its server is not part of an installed package, only of a checkout"
        uv = shutil.which("uv")
        if uv is None:
            return "there is no uv here to install a model server with"
        self._say(f"\nServing the credit model: {PACKAGE} is installed apart, 44 MB the first time ...\n")
        command = [uv, "run", "--no-project", "--isolated", "--python", "3.11", "--quiet", "--with", PACKAGE, "--"]
        command += ["azmlinfsrv", "--entry_script", "azure_score.py", "--port", _PORT]
        plain = {name: value for name, value in os.environ.items() if name not in {"VIRTUAL_ENV", "UV_FROZEN"}}
        with self._log.open("wb") as out:
            self._process = await asyncio.create_subprocess_exec(
                *command, cwd=_FOLDER, env=plain, stdout=out, stderr=out, start_new_session=True
            )
        return await self._wait(self._process)

    async def _wait(self, process: asyncio.subprocess.Process) -> str:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_PATIENCE):
                while process.returncode is None:
                    if await self._answers():
                        return ""
                    await asyncio.sleep(0.5)
        lines = self._log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
        return f"its server did not start ({lines[-1][:200] if lines else 'it said nothing'})"

    async def _answers(self) -> bool:
        try:
            return (await self._client.fetch("GET", f"http://{SERVED_AT}/", limits=_ANY)).status == 200
        except CallFailedError:
            return False

    async def _explain(self) -> None:
        given = await self._explainer.explain(self._by, self._decision, Wish())
        if given.view is None or given.view.document is None:
            self._say("A decision is being explained by asking it; the console shows how far it is.\n")
            return
        document = given.view.document
        self._say(
            f"Decision {self._decision} was explained by asking it: {document.method.calls} calls,"
            f" {document.method.rows} rows, grade {document.quality.grade}.\n"
        )
        narrative = document.narrative
        for section in () if narrative is None else narrative.sections:
            if section.key in _KEPT:
                self._say("".join(f"  {sentence.text}\n" for sentence in section.sentences))
