"""Every desk holds the conformance kit on its documented wire format; and the kit finds what is wrong."""

import json
from dataclasses import replace
from typing import cast

import pytest

from handoff import conformance, registry
from handoff.conformance import KEY, NOW, faults, walked
from handoff.desks.matrix import Matrix
from handoff.desks.request_tracker import RequestTracker
from handoff.desks.sigv4 import version4
from handoff.desks.webhook import Webhook
from handoff.errors import DeskFailedError
from handoff.packs import plain
from handoff.port import Call, Hook, OutMessage, Received, Remote, RemoteEvent, Setup
from tests.handoff.desk_trials import TRIALS


@pytest.mark.parametrize("name", TRIALS)
def test_the_desk_conforms(name: str) -> None:
    assert faults(TRIALS[name]()) == []


def test_every_desk_is_an_entry_point_and_on_trial() -> None:
    assert {kind.replace("-", "_") for kind in registry.kinds()} >= set(TRIALS) | {"builtin"}


class Leaky(Webhook):
    """A desk that believes everything and keeps no secret."""

    def receive(self, hook: Hook) -> Received:
        said = json.loads(hook.body)
        return [(said["handoff"], RemoteEvent("1", "message", None, None, said.get("text")))]


def test_the_kit_finds_a_desk_that_leaks_and_believes_everything() -> None:
    found = faults(replace(TRIALS["webhook"](), make=Leaky))

    assert "a private note reaches the customer" in found
    assert "a forged delivery is believed" in found
    assert "a stale delivery is believed" in found
    assert any("accepted" in one for one in found)


def test_request_tracker_says_200_to_what_it_did_not_do() -> None:
    trial = TRIALS["request_tracker"]()
    desk = RequestTracker(trial.setup)

    with pytest.raises(DeskFailedError) as refused:
        walked(desk.close(Remote("1"), "left", "k"), [{"Status": "open"}, ["Ticket 1: Status 'nosuch' isn't valid"]])
    assert refused.value.permanent


def test_request_tracker_is_read_in_the_order_of_its_transactions_and_without_comments() -> None:
    desk = RequestTracker(TRIALS["request_tracker"]().setup)
    agent = {"id": "agent1"}
    page = {
        "items": [
            {"id": "49", "Type": "Status", "Creator": agent, "Field": "Status", "NewValue": "open"},
            {"id": "47", "Type": "Correspond", "Creator": agent},
            {"id": "48", "Type": "Comment", "Creator": agent},
            {"id": "46", "Type": "Correspond", "Creator": {"id": "candor"}},
        ]
    }
    words = {"items": [{"Content": "hello", "ContentType": "text/plain"}]}
    found, _ = walked(desk.pull(Remote("1"), "45"), [page, words])
    events, cursor = cast("tuple[list[RemoteEvent], str]", found)

    assert [(one.order, one.kind, one.text) for one in events] == [(47, "message", "hello"), (49, "accepted", None)]
    assert cursor == "49"


def test_matrix_ignores_the_bridge_and_the_customers_stand_in() -> None:
    desk = Matrix(TRIALS["matrix"]().setup)
    said = {"type": "m.room.message", "content": {"msgtype": "m.text", "body": "x"}, "room_id": "!r", "event_id": "$"}
    events = [{**said, "sender": who, "origin_server_ts": 1} for who in ("@candor:hs", f"@cust_{KEY}:hs", "@ana:hs")]
    hook = Hook("PUT", "", {"authorization": "Bearer hook-secret"}, json.dumps({"events": events}).encode(), NOW)

    assert [event.actor for _, event in desk.receive(hook)] == ["ana"]


def test_a_transcript_never_begins_with_what_desks_fold_away() -> None:
    text = plain(conformance.PACK, 10_000)

    assert text.splitlines()[0].startswith("A customer asked")
    assert not [line for line in text.splitlines() if line.startswith(("-", ">"))]
    assert "Withheld: choices (not-permitted:marketing)." in text
    assert len(plain(conformance.PACK, 60)) <= 60


def test_signature_version_4_is_as_published() -> None:
    """The first example of AWS's own test suite for the algorithm, with our service's name in the scope."""
    setup = Setup(
        "d", "https://example.amazonaws.com", {"access_key": "AKIDEXAMPLE"}, {"token": "wJalr"}, 1_440_938_160
    )
    made = version4(Call("GET", "https://example.amazonaws.com/"), setup, "us-east-1")

    assert made.headers["X-Amz-Date"] == "20150830T123600Z"
    assert "Credential=AKIDEXAMPLE/20150830/us-east-1/connect/aws4_request" in made.headers["Authorization"]
    assert "SignedHeaders=host;x-amz-date" in made.headers["Authorization"]
    other = version4(Call("GET", "https://example.amazonaws.com/x"), setup, "us-east-1")
    assert other.headers["Authorization"] != made.headers["Authorization"]


def test_a_letter_threads_and_names_no_customer() -> None:
    trial = TRIALS["mail"]()
    desk = trial.make(trial.setup)
    made, [first] = walked(desk.open(conformance.BRIEF), trial.opening)
    assert isinstance(made, Remote)
    _, [second] = walked(desk.send(made, OutMessage("hello"), f"{KEY}-2"), trial.sending)

    assert second.reference == first.message_id  # type: ignore[union-attr]  # letters, both
    assert second.text == "[customer] hello"  # type: ignore[union-attr]  # same
