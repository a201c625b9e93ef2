"""Answers by e-mail: from the mail server's program in the guide to the customer, and nothing that is not an answer."""

import asyncio
import re
import subprocess
import sys
from collections.abc import AsyncIterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from core.database import Tx
from handoff.delivery import setups, store
from handoff.delivery.outgoing import Outgoing
from handoff.desks.mail import own_words
from handoff.port import Call, Letter, Reply
from handoff.queues import QueueRules
from tests.handoff import desk_jobs
from tests.handoff.floor import TENANT, Floor
from tests.handoff.hook_taker import HookTaker

pytestmark = pytest.mark.anyio
GUIDE = Path(__file__).resolve().parents[2] / "docs" / "desks.md"
SECRET = "the inbound secret of the desk"  # as the guide has it


@pytest.fixture
async def hooks(floor: Floor) -> AsyncIterator[HookTaker]:
    options = {"to": "help@shop.example", "replies": "replies@shop.example"}
    document = {"url": "smtp://mail.example:25", "modes": ["ticket"], "options": options}
    row = setups.row_of(floor.keyring, TENANT, "mailbox", "mail", document, {"inbound": SECRET})

    async def work(tx: Tx) -> None:
        store.put_desk(tx, row)

    await floor.db.transact(work)
    await floor.queue(QueueRules(chain=("mailbox", "builtin")))
    made = HookTaker(floor, "mailbox")
    await made.open()
    yield made
    await made.close()


async def pipe(hooks: HookTaker, letter: EmailMessage) -> int:
    """Hand a letter to the guide's program, as a mail server would; return its exit code."""
    program = re.findall(r"```python\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)[0]
    program = program.replace("https://candor.example/hooks/default/mailbox", hooks.url)
    command = [sys.executable, "-c", program]
    done = await asyncio.to_thread(subprocess.run, command, input=bytes(letter), capture_output=True, check=False)
    return done.returncode


def answer(to: str | None, text: str, **more: str) -> EmailMessage:
    letter = EmailMessage()
    letter["Message-ID"], letter["From"], letter["To"] = "<a1@shop.example>", "Ana Ruiz <ana@shop.example>", to
    for name, value in more.items():
        letter[name.replace("_", "-")] = value
    letter.set_content(text)
    return letter


async def test_an_answer_by_mail_reaches_the_customer_once_and_nothing_else_does(
    floor: Floor, hooks: HookTaker
) -> None:
    sent: list[Letter] = []

    async def post(where: str, step: Call | Letter) -> Reply:
        assert isinstance(step, Letter)
        sent.append(step)
        return Reply(250, {}, b"")

    row = await floor.ask(mode="ticket")
    await desk_jobs.work(floor, Outgoing(floor.db, floor.clock, floor.keyring, post, lambda *_: None))
    to = sent[0].reply_to
    assert to is not None
    assert len(to.partition("@")[0]) <= 64

    assert await pipe(hooks, answer(to, "#note\nask the branch first")) == 0
    assert await pipe(hooks, answer(to, "I am away.", Auto_Submitted="auto-replied")) == 0
    assert await pipe(hooks, answer(to.replace("+", "+0", 1)[:-1], "forged")) != 0
    assert await floor.words(row) == []
    letter = answer(to, "Grüß Gott, it is on its way.\n\nOn Monday Candor wrote:\n> [customer] where is it?\n")
    assert await pipe(hooks, letter) == 0
    assert await pipe(hooks, letter) == 0

    assert await floor.words(row) == [("remote", "Grüß Gott, it is on its way.")]
    row = await floor.row(row.id)
    assert (row.state, row.alias) == ("active", "Ana Ruiz")
    last = answer(to, "#done")
    last.replace_header("Message-ID", "<a2@shop.example>")
    assert await pipe(hooks, last) == 0
    assert (await floor.row(row.id)).state == "resolved"


@pytest.mark.parametrize(
    "text",
    [
        "Yes.\n\nAm Montag schrieb Candor:\n> Frage",
        "Yes.\n-- \nAna\nShop",
        "Yes.\n----- Original Message -----\nFrom: Candor",
        "Yes.",
    ],
)
async def test_only_the_letters_own_words_are_taken(text: str) -> None:
    assert own_words(text) == "Yes."
