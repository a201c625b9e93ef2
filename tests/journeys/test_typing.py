"""Two server processes on one PostgreSQL: who types at one is seen at the other, at once, and nothing of it is kept."""

import json
from collections.abc import Iterator

import httpx

from tests.journeys.conftest import MakeTown
from tests.journeys.running import Server, serving


def blocks(answer: httpx.Response) -> Iterator[tuple[str, dict[str, object]]]:
    """Yield the name and the facts of each event of a stream."""
    name = ""
    for line in answer.iter_lines():
        if line.startswith("event: "):
            name = line[7:]
        elif line.startswith("data: "):
            yield name, json.loads(line[6:])


def test_typing_and_messages_reach_the_streams_of_another_process(make_town: MakeTown) -> None:
    town = make_town("postgresql")
    here, there = Server(town), Server(town)
    headers = {"Authorization": f"Bearer {town.key}"}
    with (
        serving(here, there),
        httpx.Client(base_url=f"http://127.0.0.1:{here.port}", headers=headers, timeout=30) as one,
        httpx.Client(base_url=f"http://127.0.0.1:{there.port}", headers=headers, timeout=30) as other,
    ):
        asked = one.post("/v1/handoffs", json={"subject": "customer-1"}).json()
        path = f"/v1/handoffs/{asked['id']}"
        with other.stream("GET", f"{path}/events", headers={"Accept": "text/event-stream"}) as answer:
            heard = blocks(answer)
            next(told for name, told in heard if name == "status")
            assert one.post(f"{path}/typing", json={"typing": True}).status_code == 204
            typed = next(told for name, told in heard if name == "typing")
            assert one.post(f"{path}/messages", json={"text": "hello"}).status_code == 201
            said = next(told for name, told in heard if name == "message")
        kept = one.get(f"{path}/events").json()

    assert typed == {"actor": "customer", "typing": True}
    assert said["text"] == "hello"
    assert "typing" not in {event["kind"] for event in kept["events"]}
