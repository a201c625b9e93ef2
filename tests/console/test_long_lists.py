"""Lists stay quick at a million records, whatever they are narrowed to: 50 ms of server time at the 95th percentile."""

import sqlite3
import sys
import time
from pathlib import Path
from statistics import quantiles

import pytest

from core import canonical
from core.clock import MICROS, FixedClock
from core.keys import KeyRing
from core.principal import Role
from tests.api.pages_company import town
from tests.console.house import sign_in

pytestmark = [pytest.mark.anyio, pytest.mark.full]
MANY = 1_000_000
START = 1_700_000_000 * MICROS
STATES = ("given", "refused", "withdrawn", "opted_out")
LISTS = (
    "/console/records",
    "/console/records?before=500000",
    "/console/records?purpose=credit-decision&before=900000",
    "/console/records?purpose=ai-training&state=withdrawn",
    "/console/records?notice_version=never-shown",
    "/console/records?from=2023-11-20&until=2023-11-21",
    "/console/records?person=sub_" + (77).to_bytes(16, "big").hex(),
    "/console/opt-outs",
    "/console/audit",
    "/console/audit?kind=record.viewed",
    "/console/audit?by=nobody_at_all",
    "/console/audit?from=2023-11-20&until=2023-11-21",
    "/console/decisions",
    "/console/decisions?outcome=never",
    "/console/overview",
)


def fill(path: Path) -> None:
    """Put a million choices, decisions' worth of log and their current states into an empty, migrated file."""
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA synchronous=OFF")
    columns = [row[1] for row in connection.execute("PRAGMA table_info(choice_event)")]
    marks = ", ".join("?" for _ in columns)

    def event(seq: int) -> tuple[object, ...]:
        known = {
            "seq": seq,
            "id": f"chc_{seq:032x}",
            "tenant": "default",
            "subject": (seq % 200_000).to_bytes(16, "big"),
            "purpose": ("ai-training", "support-chat", "ad-sharing")[seq % 3],
            "purpose_version": 1,
            "system": "*",
            "state": STATES[seq % 4],
            "explicit": False,
            "actor": "subject",
            "method": "button",
            "channel": "web",
            "notice_version": f"first.{seq % 5}",
            "gpc": False,
            "occurred_at": START + seq * MICROS,
            "recorded_at": START + seq * MICROS,
        }
        return tuple(known.get(name) for name in columns)

    body = canonical.dumps({"public": {"by": "key_x", "state": "given", "purpose": "ai-training"}}).decode()
    entries = (
        (seq, f"ent_{seq:032x}", "default", "choice.given", None, START + seq * MICROS, False, body, b"x" * 32)
        for seq in range(MANY)
    )
    connection.executemany(f"INSERT INTO choice_event VALUES ({marks})", (event(seq) for seq in range(MANY)))
    connection.executemany(
        "INSERT INTO ledger_entry (seq, id, tenant, kind, subject, at, restrictive, body, leaf)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        entries,
    )
    connection.execute("INSERT INTO tally_mark (id, seq) VALUES (1, ?)", (MANY - 1,))
    connection.commit()
    connection.close()


async def test_no_list_takes_longer_than_fifty_milliseconds(
    sqlite_template: Path, tmp_path: Path, keyring: KeyRing
) -> None:
    path = tmp_path / "long.db"
    path.write_bytes(sqlite_template.read_bytes())
    clock = FixedClock(START + 2 * MANY * MICROS)
    async with town(f"sqlite:///{path}", tmp_path, clock, keyring) as company:
        # the demo company's own first entries make way
        connection = sqlite3.connect(path)
        for table in ("choice_event", "ledger_entry", "tally_mark", "choice_tally"):
            connection.execute(f"DELETE FROM {table}")
        connection.commit()
        connection.close()
        fill(path)
        slow = {}
        async with sign_in(company, Role.DPO) as client:
            for address in LISTS:
                taken = []
                for _ in range(61):
                    began = time.process_time()  # what the process spends: the machine is shared
                    answer = await client.get(address)
                    taken.append(time.process_time() - began)
                    assert answer.status_code == 200, address
                p95 = quantiles(taken[1:], n=20)[-1] * 1000  # the first loads the template
                sys.stdout.write(f"{p95:6.1f} ms  {address}\n")
                if p95 > 50:
                    slow[address] = round(p95, 1)

    assert slow == {}
