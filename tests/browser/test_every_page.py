"""Every page of the demonstration pact, as each of its people: axe, the content security policy and three widths."""

import re
from collections.abc import Callable

import pytest

from evaluations.models import Evaluation, Finding
from partners.models import Body, Membership, Pact, PactSection, Partnership, Signature, SignaturePlace
from plan.models import Allocation, Condition
from tests.browser.conftest import PASSWORD, WIDTHS, Visit

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.xdist_group("browser")]

PACT = "/regio-alkmaar/"

MEMBERS = [
    "",
    "questions/",
    "questions/?state=accepted&page=1",
    "questions/1/",
    "questions/?coverage=gap&phase=12-18",
    "questions/4/",
    "questions/17/",
    "questions/own/",
    "questions/analysis/",
    "questions/analysis/?sector=vo",
    "questions/similar/?title=coach+op+school",
    "programmes/",
    "programmes/1/",
    "programmes/examples/",
    "programmes/overlap/",
    "coverage/",
    "coverage/?by=phase",
    "wording/",
    "measures/",
    "measures/1/",
    "decisions/",
    "decisions/?outcome=adopted",
    "decisions/3/",
    "decisions/proposals/",
    "decisions/proposals/1/",
    "decisions/proposals/3/",
    "funding/",
    "funding/3/",
    "funding/charts/",
    "funding/charts/?package=3",
    "funding/settlement/",
    "plan/",
    "plan/preview/",
    "plan/versions/",
    "plan/versions/1/",
    "evaluations/",
    "pact/",
    "pact/versions/1/",
    "pact/versions/2/read/",
    "pact/signing/",
    "pact/signing/?version=1",
    "pact/compare/?from=1&to=2",
    "partners/",
    "partners/bodies/",
]

COORDINATOR = [
    *MEMBERS,
    "questions/new/",
    "questions/14/",
    "questions/14/edit/",
    "questions/14/edit/question/",
    "questions/14/edit/audience/",
    "questions/14/edit/theme/",
    "questions/14/merge/",
    "questions/14/withdraw/",
    "questions/queue/",
    "programmes/own/",
    "programmes/1/testimonies/new/",
    "imports/new/questions/",
    "imports/new/programmes/",
    "wording/add/",
    "questions/1/fit/",
    "programmes/new/",
    "programmes/1/edit/",
    "measures/new/",
    "measures/7/",
    "measures/7/edit/",
    "measures/1/indicators/new/",
    "decisions/route/",
    "decisions/route/edit/",
    "decisions/6/supersede/",
    "decisions/proposals/new/",
    "decisions/proposals/4/",
    "decisions/proposals/4/edit/",
    "decisions/proposals/3/decide/",
    "decisions/proposals/3/withdraw/",
    "evaluations/adjustments/1/",
    "evaluations/adjustments/new/?measure=1",
    "funding/contributions/new/?measure=1",
    "funding/new/",
    "funding/3/edit/",
    "funding/allocate/",
    "plan/sections/questions/edit/",
    "plan/freeze/",
    "evaluations/new/",
    "pact/sections/add/",
    "pact/freeze/",
    "pact/testimonies/",
    "pact/testimonies/add/",
    "partners/add/",
    "partners/people/",
    "partners/people/invite/",
    "partners/people/rights/",
    "partners/bodies/add/",
    "log/",
]

ACCOUNT = [
    "/accounts/roles/",
    "/accounts/email/",
    "/accounts/password/change/",
    "/accounts/second-factor/",
    "/accounts/second-factor/totp/activate/",
    "/accounts/second-factor/webauthn/add/",
    "/accounts/sessions/",
]

PICTURES = [
    "",
    "questions/",
    "questions/new/",
    "questions/14/edit/theme/",
    "questions/own/",
    "questions/analysis/",
    "programmes/examples/",
    "programmes/overlap/",
    "coverage/",
    "measures/1/",
    "decisions/",
    "decisions/proposals/3/",
    "funding/",
    "funding/charts/",
    "funding/settlement/",
    "plan/",
    "plan/versions/1/",
    "pact/",
    "pact/signing/",
    "pact/compare/?from=1&to=2",
    "pact/versions/2/read/",
]


def _with_rows(addresses: list[str], pact: Pact) -> list[str]:
    """The addresses, and those that carry an id of this database."""
    partner = Partnership.objects.in_pact(pact).order_by("pk")[0]
    evaluations = Evaluation.objects.in_pact(pact).exclude(state=Evaluation.State.SCHEDULED)
    signature = Signature.objects.in_pact(pact).order_by("pk")[0]
    body = Body.objects.in_pact(pact).order_by("pk")[0]
    return [
        *addresses,
        f"partners/{partner.pk}/",
        *(f"evaluations/{each.pk}/" for each in evaluations),
        f"pact/signing/evidence/{signature.pk}/",
        f"partners/bodies/{body.pk}/",
        f"partners/meetings/{body.meetings.get().pk}/",
        f"funding/allocations/{_allocation(pact).pk}/",
    ]


def _allocation(pact: Pact) -> Allocation:
    """Committed, partly spent, and with a part that would go elsewhere."""
    found: Allocation = Allocation.objects.in_pact(pact).filter(moved_out__isnull=False)[0]
    return found


def _of_the_coordinator(pact: Pact) -> list[str]:
    """Pages with an id of this database that only a coordinator sees."""
    partner = Partnership.objects.in_pact(pact).order_by("pk")[0]
    section = PactSection.objects.in_pact(pact).in_text()[1]
    place = SignaturePlace.objects.in_pact(pact).unsigned().filter(deed__version__number=2).first()
    body = Body.objects.in_pact(pact).order_by("pk")[0]
    member = Membership.objects.in_pact(pact).filter(partnership=partner).order_by("pk")[0]
    return [
        f"pact/sections/{section.pk}/edit/",
        f"pact/sections/{section.pk}/history/",
        f"pact/sections/{section.pk}/rename/",
        f"pact/sections/{section.pk}/pictures/add/",
        f"pact/pictures/{section.pictures.get().pk}/edit/",
        f"pact/testimonies/{pact.testimonies.first().pk}/edit/",
        f"pact/signing/{place.pk}/paper/",
        f"pact/signing/{place.pk}/withdraw/",
        f"pact/signing/{place.pk}/sheet/",
        f"partners/{partner.pk}/edit/",
        f"partners/{partner.pk}/leave/",
        f"partners/people/{member.pk}/end/",
        f"partners/bodies/{body.pk}/edit/",
        f"partners/bodies/{body.pk}/seats/add/",
        f"partners/bodies/{body.pk}/meetings/add/",
        f"partners/meetings/{body.meetings.get().pk}/edit/",
        *_of_decisions_and_money(pact, partner),
    ]


def _of_decisions_and_money(pact: Pact, partner: Partnership) -> list[str]:
    allocation = _allocation(pact)
    spent = allocation.expenditures.first()
    finding = Finding.objects.in_pact(pact).loose()[0]
    steering = Body.objects.in_pact(pact).get(kind=Body.Kind.STEERING)
    return [
        f"decisions/proposals/3/position/{partner.pk}/",
        f"decisions/conditions/{Condition.objects.in_pact(pact).filter(state='open')[0].pk}/",
        f"decisions/meetings/{steering.meetings.get().pk}/",
        f"funding/allocations/{allocation.pk}/book/",
        f"funding/allocations/{allocation.pk}/move/",
        f"funding/spent/{spent.pk}/cancel/",
        f"funding/spent/{spent.pk}/attach/",
        f"evaluations/{finding.evaluation_id}/findings/add/",
        f"evaluations/findings/{finding.pk}/close/",
    ]


def test_it_is_accessible_to_a_coordinator(visit: Callable[[], Visit], demo: Pact) -> None:
    person = visit()
    person.sign_in("coordinator@regio-alkmaar.example")
    for address in [*_with_rows(COORDINATOR, demo), *_of_the_coordinator(demo)]:
        person.go(PACT + address)
        for width in WIDTHS:
            person.page.set_viewport_size({"width": width, "height": 900})
            person.fits()
    for address in PICTURES:
        person.go(PACT + address)
        person.picture(f"coordinator-{re.sub(r'[^a-z0-9]+', '-', address).strip('-') or 'overview'}")


def test_it_is_accessible_to_who_looks_after_an_account(visit: Callable[[], Visit], demo: Pact) -> None:
    person = visit()
    person.sign_in("wethouder@regio-alkmaar.example")
    place = SignaturePlace.objects.in_pact(demo).unsigned().get(partnership__organisation__name="Gemeente Heiloo")
    for address in [*ACCOUNT, *(f"{PACT}pact/signing/{place.pk}/{page}/" for page in ("sign", "reserve", "sheet"))]:
        person.go(address)
        for width in WIDTHS:
            person.page.set_viewport_size({"width": width, "height": 900})
            person.fits()


@pytest.mark.parametrize("person_at", ["schoolbestuur", "wethouder", "klankbord", "lezer"])
def test_it_is_accessible_to_every_member(visit: Callable[[], Visit], demo: Pact, person_at: str) -> None:
    person = visit()
    person.page.set_viewport_size({"width": 320, "height": 700})
    person.sign_in(f"{person_at}@regio-alkmaar.example")
    for address in _with_rows(MEMBERS, demo):
        person.go(PACT + address)


def test_it_is_accessible_to_everybody(visit: Callable[[], Visit], demo: Pact) -> None:
    person = visit()
    for address in [
        "/",
        "/regio-alkmaar/",
        "/regio-alkmaar/pact/versions/1/",
        "/regio-alkmaar/pact/versions/1/read/",
        "/verify/",
        "/accounts/login/",
        "/accounts/login/code/",
    ]:
        person.go(address)
    person.page.goto(f"{person.server}/bestaat-niet/")
    person.look()


def test_it_speaks_english(visit: Callable[[], Visit], demo: Pact) -> None:
    person = visit()
    person.sign_in("coordinator@regio-alkmaar.example")
    person.page.get_by_role("button", name="English").click()
    person.go("/regio-alkmaar/questions/")
    assert person.page.get_by_role("heading", level=1).inner_text() == "Support questions"
    assert person.page.locator("html").get_attribute("lang") == "en"


@pytest.fixture
def browser_without_scripts(browser_context_args: dict[str, object]) -> dict[str, object]:
    return {**browser_context_args, "java_script_enabled": False}


def test_it_works_without_javascript(
    browser: object, browser_without_scripts: dict[str, object], live_server: object, demo: Pact
) -> None:
    page = browser.new_context(**browser_without_scripts).new_page()  # type: ignore[attr-defined]
    page.goto(f"{live_server}/accounts/login/")
    page.get_by_label("E-mail").fill("coordinator@regio-alkmaar.example")
    page.get_by_label("Wachtwoord", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Inloggen", exact=True).click()
    page.goto(f"{live_server}/regio-alkmaar/questions/14/")
    page.get_by_role("button", name="Aannemen").click()
    page.get_by_role("button", name="Aannemen").click()  # the page that asks in place of the dialog
    assert "aangenomen" in page.get_by_role("main").inner_text()
    page.goto(f"{live_server}/regio-alkmaar/plan/sections/evaluation/edit/")
    page.get_by_label("Tekst").fill("<p>Geschreven zonder JavaScript.</p>")
    page.get_by_role("button", name="Bewaren").click()
    assert "Geschreven zonder JavaScript." in page.get_by_role("main").inner_text()
    page.context.close()
