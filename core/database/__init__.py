"""The engine: one small API over SQLite (embedded) and PostgreSQL, and the one way to commit.

A service function takes ``tx`` first and never commits. ``Database.transact(work, ...)`` alone begins, commits,
retries and rolls back; it returns after the commit. Reads go through ``Database.read``. See docs/decisions/0001
and 0003. SQLAlchemy declares tables and compiles ordinary statements; the drivers are used directly.
"""

from core.database.database import Database
from core.database.errors import DuplicateError, StoreUnavailableError
from core.database.statements import Insert, Sql
from core.database.transaction import Change, Journal, Loader, NoJournal, Reader, Tx

__all__ = [
    "Change",
    "Database",
    "DuplicateError",
    "Insert",
    "Journal",
    "Loader",
    "NoJournal",
    "Reader",
    "Sql",
    "StoreUnavailableError",
    "Tx",
]
