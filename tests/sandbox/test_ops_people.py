"""Contacts with portal access, sessions, the company's settings, and who the caller is."""

from __future__ import annotations

from decimal import Decimal

import pytest

from paymo_async import InvalidRequest, PaymoClient, Unauthorized
from paymo_async.models import ClientContact
from paymo_async.sandbox import Sandbox


@pytest.fixture
async def paymo(box: Sandbox):
    async with PaymoClient(box.api_key, base_url=box.url) as client:
        yield client


async def test_the_portal_is_opened_with_a_password_and_closed(paymo: PaymoClient, box: Sandbox):
    client = await paymo.clients.list().first()
    contact = await paymo.clientcontacts.create(ClientContact(name="C", client_id=client.id, email="c@example.com"))
    opened = await paymo.clientcontacts.open_portal(contact.id, "pass word")
    assert (opened.access, "pass word" in repr(opened)) == (True, False)
    assert (await paymo.clientcontacts.close_portal(contact.id)).access is False
    sent = len(box.requests)
    with pytest.raises(InvalidRequest, match="password"):
        await paymo.clientcontacts.open_portal(contact.id, "")
    assert len(box.requests) == sent


async def test_a_session_is_made_renewed_and_ended(paymo: PaymoClient, box: Sandbox):
    first = await paymo.sessions.create()
    second = await paymo.sessions.renew(first.id)
    assert second.id != first.id
    for token, holds in ((first.id, False), (second.id, True)):
        async with PaymoClient(session_token=token, base_url=box.url) as other:
            if holds:
                assert (await other.me()).id == second.user_id
                with pytest.raises(Unauthorized):
                    await other.sessions.renew(token)
                assert (await other.me()).id == second.user_id, "the old one holds until there is a new one"
            else:
                with pytest.raises(Unauthorized):
                    await other.me()
    await paymo.sessions.end(second.id)
    await paymo.sessions.end(second.id)
    assert await paymo.sessions.list() == []
    with pytest.raises(InvalidRequest):
        await paymo.sessions.end("../company")


async def test_settings_are_numbers_and_booleans_beside_their_texts(paymo: PaymoClient, box: Sandbox):
    company, raw = await paymo.company.get_with_raw()
    assert (company.default_price_per_hour, raw["default_price_per_hour"]) == (Decimal(30), "30")
    assert (company.apply_tax_to_expenses, raw["apply_tax_to_expenses"]) == (True, "1")
    assert (company.hide_tax_field or False, raw["hide_tax_field"]) == (False, "")
    assert company == await paymo.company.get()
    assert len(box.requests) == 2


async def test_me_is_the_user_of_the_credentials(paymo: PaymoClient, box: Sandbox):
    assert (await paymo.me()).email == box.email
