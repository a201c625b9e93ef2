"""The JSON Schemas of documents are there for everybody, and are what the documents are checked against."""

import jsonschema_rs
import pytest

from tests.api.lending import lending
from tests.api.shop import Shop

pytestmark = pytest.mark.anyio


async def test_an_explanation_fits_the_schema_that_is_published(shop: Shop) -> None:
    published = await shop.client.get("/v1/schemas/explanation-1.json")
    async with lending(shop) as lender:
        made = await lender.explain(await lender.decide())
    validator = jsonschema_rs.validator_for(published.json())

    validator.validate(made["document"])
    assert not validator.is_valid({**made["document"], "attributions": "none"})
    assert published.headers["content-type"] == "application/schema+json"
    assert "public" in published.headers["cache-control"]
