"""Whether the running code is inside a transaction: ``core.http`` refuses network calls there.

A call to another machine inside a transaction would hold the ledger's lock for as long as that machine pleases.
"""

from contextvars import ContextVar

in_transaction: ContextVar[bool] = ContextVar("candor_in_transaction", default=False)
