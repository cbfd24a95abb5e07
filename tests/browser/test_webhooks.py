"""Subscribing a system to events, as ops does it in a browser."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.looking import Looker, Visitors


def test_ops_subscribes_a_system_and_is_shown_its_secret_once(as_role: Visitors, look: Looker) -> None:
    page = as_role("ops")
    page.goto("/webhooks")
    page.get_by_role("link", name=re.compile("New subscription|新建订阅")).click()
    page.locator("#url").fill("http://dms.invalid/in")
    page.locator('[name=kinds][value="closed"]').check()
    page.locator(".hook-form button").click()
    expect(page.locator("#wrong-url")).to_be_visible()
    expect(page.locator('[name=kinds][value="closed"]')).to_be_checked()
    look(page, "webhook-form", reload=False)
    page.locator("#url").fill("https://dms.invalid/in")
    page.locator(".hook-form button").click()
    expect(page.locator(".secret pre")).to_contain_text("whsec_")
    look(page, "webhook-secret", reload=False)
    page.locator(".does a").click()
    expect(page.locator("h1")).to_have_text("https://dms.invalid/in")
    page.locator(".sure summary").last.click()
    look(page, "webhook-delete", reload=False)


@pytest.mark.parametrize("scripts", [True, False])
def test_it_is_changed_rotated_and_deleted_with_and_without_scripts(as_role: Visitors, scripts: bool) -> None:
    page = as_role("ops", scripts=scripts)
    page.goto("/webhooks/new")
    page.locator("#url").fill(f"https://erp.invalid/{scripts}")
    page.locator(".hook-form button").click()
    page.locator(".does a").click()
    page.locator('a[href$="/edit"]').click()
    page.locator("#description").fill("ERP")
    page.locator(".hook-form button").click()
    expect(page.locator("main")).to_contain_text("ERP")
    page.locator(".sure summary").first.click()
    page.locator('form[action$="/rotate"] button').click()
    expect(page.locator(".secret pre")).to_contain_text("whsec_")
    page.locator(".does a").click()
    page.locator(".sure summary").last.click()
    page.locator('form[action$="/delete"] button').click()
    expect(page).to_have_url(re.compile("/webhooks$"))
    expect(page.locator("main")).not_to_contain_text(f"erp.invalid/{scripts}")
