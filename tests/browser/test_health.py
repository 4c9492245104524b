"""Several keys chosen on the page Health and deleted, with JavaScript and without."""

from playwright.sync_api import Page, expect

from tests.browser.household import Household, Person


def test_what_is_chosen_is_named_and_then_deleted(tab: Page, home: Household, admin: Person) -> None:
    home.make_keys(admin, iter(["keep", "old-one", "old-two"]))
    home.sign_in(tab, admin, "/org/health")
    rows = tab.get_by_role("rowheader")
    expect(rows).to_have_text(["keep", "old-one", "old-two"])
    whole = tab.get_by_label("Choose all on this page")
    if whole.is_visible():
        whole.check()
        expect(tab.get_by_text("With 3 chosen:")).to_be_visible()
        tab.get_by_label("Choose keep").uncheck()
        expect(tab.get_by_text("With 2 chosen:")).to_be_visible()
    else:
        for name in ("old-one", "old-two"):
            tab.get_by_label(f"Choose {name}").check()
    tab.get_by_role("button", name="Delete", exact=True).last.click()
    window = tab.get_by_role("dialog")
    expect(window.get_by_role("heading")).to_have_text("Delete 2 credentials")
    expect(window.get_by_role("listitem")).to_have_text(["old-one", "old-two"])
    window.get_by_role("button", name="Delete").click()
    expect(tab.get_by_text("What you chose is deleted")).to_be_visible()
    expect(rows).to_have_text(["keep"])


def test_all_of_a_long_list_is_deleted_step_by_step(tab: Page, home: Household, admin: Person) -> None:
    home.make_keys(admin, (f"old-{number:03}" for number in range(205)))
    home.sign_in(tab, admin, "/org/health")
    goes_on_by_itself = tab.get_by_label("Choose all on this page").is_visible()
    tab.get_by_label("Select all 205").check()
    tab.get_by_role("button", name="Delete", exact=True).last.click()
    window = tab.get_by_role("dialog")
    expect(window.get_by_role("heading")).to_have_text("Delete all of the list: 205 credentials")
    window.get_by_label("Type 205 to go on").fill("205")
    window.get_by_role("button", name="Delete").click()
    if not goes_on_by_itself:
        expect(window).to_contain_text("200 are done.")
        window.get_by_role("button", name="Go on").click()
    expect(tab.get_by_text("What you chose is deleted")).to_be_visible()
    expect(tab.get_by_text("There is nothing to look at.")).to_be_visible()
