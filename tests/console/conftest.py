"""What tests of the consoles may ask for: the demo company, served, on either engine."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from core.clock import FixedClock
from core.keys import KeyRing
from tests.api.pages_company import Town, town


@pytest.fixture
async def company(database_url: str, tmp_path: Path, clock: FixedClock, keyring: KeyRing) -> AsyncIterator[Town]:
    """The demo company; once for each engine."""
    async with town(database_url, tmp_path, clock, keyring) as served:
        yield served


@pytest.fixture
async def small(sqlite_template: Path, tmp_path: Path, clock: FixedClock, keyring: KeyRing) -> AsyncIterator[Town]:
    """The demo company on the embedded engine alone, for what does not touch statements."""
    path = tmp_path / "small.db"
    path.write_bytes(sqlite_template.read_bytes())
    async with town(f"sqlite:///{path}", tmp_path, clock, keyring) as served:
        yield served
