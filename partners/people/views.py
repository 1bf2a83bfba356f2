"""The pages of people: members, invitations and the page these lead to, handing over, the review of rights."""

from typing import Any

from allauth.account.utils import perform_login
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from pact_portal.foundation.mail.models import OutgoingMail
from pact_portal.foundation.pages import confirm
from partners.people import handover, workflow
from partners.people.forms import AcceptForm, DeclineForm, EndForm, InviteForm, ReviewForm
from partners.people.models import Invitation, Membership, RightsReview
from partners.people.review import findings_of, rights_review_due
from partners.permissions import PactRequest, Permission, Role, public, requires, signed_in

DECLINED_SHOWN = 10
"""How many of the invitations that were declined stand below the open ones."""
LONGEST_COUNT = 6
"""Digits of a number of mails."""


@requires(Permission.READ)
@require_safe
def people_list(request: PactRequest, pact: str) -> HttpResponse:
    may_manage = request.access.can(Permission.MANAGE_PARTNERS)
    memberships = Membership.objects.in_pact(request.pact).current().select_related("user", "partnership__organisation")
    context = {
        "memberships": memberships.order_by("partnership__organisation__name", "user__name", "role"),
        "may_manage": may_manage,
    }
    if may_manage:
        # Addresses of people are for who manages them.
        invitations = Invitation.objects.in_pact(request.pact).select_related("partnership__organisation")
        unanswered = list(invitations.unanswered())
        context |= {
            "invitations": unanswered,
            "undelivered": _undelivered(unanswered),
            "declined": invitations.filter(declined_at__isnull=False).order_by("-declined_at")[:DECLINED_SHOWN],
            "review_due": rights_review_due(request.pact),
        }
    return render(request, "partners/people/list.html", context)


def _undelivered(invitations: list[Invitation]) -> set[int]:
    """The keys of those whose last mail could not be delivered."""
    keys = {workflow.mail_key(invitation): invitation.pk for invitation in invitations}
    failed = OutgoingMail.objects.filter(key__in=keys, state=OutgoingMail.State.FAILED)
    return {keys[key] for key in failed.values_list("key", flat=True)}


@requires(Permission.MANAGE_PARTNERS)
@require_http_methods(["GET", "POST"])
def invite(request: PactRequest, pact: str) -> HttpResponse:
    form = InviteForm(request.POST or None, pact=request.pact, initial={"partnership": request.GET.get("partner")})
    if request.method == "POST" and form.is_valid():
        try:
            invitation, _secret = workflow.invite(by=request.user, **form.cleaned_data)
        except ValidationError as fault:
            form.take(fault)
        else:
            messages.success(request, _("De uitnodiging aan %(email)s is onderweg.") % {"email": invitation.email})
            return redirect("partners:people_list", pact)
    return render(request, "partners/people/invite.html", {"form": form})


@requires(Permission.MANAGE_PARTNERS)
@require_POST
def send_again(request: PactRequest, pact: str, pk: int) -> HttpResponse:
    invitation = _invitation(request, pk)
    page = confirm.ask(
        request,
        title=_("Uitnodiging opnieuw sturen"),
        consequence=_("%(email)s krijgt een nieuwe mail. De link in de eerdere mail werkt dan niet meer.")
        % {"email": invitation.email},
        button=_("Opnieuw sturen"),
        back=_people(pact),
    )
    if page:
        return page
    # How often it had been sent on the page that the reader saw; anything else is an older page.
    seen = request.POST.get("after", "")
    after = int(seen) if seen.isascii() and seen.isdigit() and len(seen) < LONGEST_COUNT else -1
    return _act(
        request,
        pact,
        lambda row, by: workflow.send_again(row, by=by, after=after),
        invitation,
        _("De uitnodiging aan %(who)s is opnieuw onderweg."),
        invitation.email,
    )


@requires(Permission.MANAGE_PARTNERS)
@require_POST
def withdraw(request: PactRequest, pact: str, pk: int) -> HttpResponse:
    invitation = _invitation(request, pk)
    page = confirm.ask(
        request,
        title=_("Uitnodiging intrekken"),
        consequence=_("De link in de mail aan %(email)s werkt dan niet meer.") % {"email": invitation.email},
        button=_("Intrekken"),
        back=_people(pact),
        danger=True,
    )
    if page:
        return page
    return _act(
        request, pact, workflow.withdraw, invitation, _("De uitnodiging aan %(who)s is ingetrokken."), invitation.email
    )


@requires(Permission.MANAGE_PARTNERS)
@require_http_methods(["GET", "POST"])
def end(request: PactRequest, pact: str, pk: int) -> HttpResponse:
    """The page that says what somebody's leaving means, and asks who takes over. The page itself is the question."""
    memberships = Membership.objects.in_pact(request.pact).select_related(
        "partnership__pact", "partnership__organisation", "user"
    )
    membership = get_object_or_404(memberships, pk=pk)
    if not memberships.current().filter(pk=pk).exists():
        messages.error(request, _("Dit lidmaatschap is al beëindigd."))
        return redirect(_people(pact))
    moves = handover.describe(membership)
    form = EndForm(request.POST if request.POST.get("confirmed") else None, membership=membership)
    if form.is_bound and form.is_valid():
        try:
            workflow.end(membership, by=request.user, **form.cleaned_data)
        except ValidationError as fault:
            form.take(fault)
        else:
            messages.success(request, _("Het lidmaatschap van %(who)s is beëindigd.") % {"who": membership.user})
            return _after_ending(request, pact)
    same = memberships.current().filter(partnership=membership.partnership_id).exclude(user=membership.user_id)
    context = {
        "membership": membership,
        "moves": moves,
        "form": form,
        "is_only_one": not same.filter(role=membership.role).exists(),
        "has_others": same.exists(),
    }
    return render(request, "partners/people/end.html", context)


def _after_ending(request: PactRequest, pact: str) -> HttpResponse:
    """Back to the people; for who has just ended the own last membership to the pacts that are left."""
    still = Membership.objects.in_pact(request.pact).current().filter(user=request.user)
    if not still.exists():
        return redirect(settings.LOGIN_REDIRECT_URL)
    # Who is a member still, but no coordinator any more, sees the same list with less on it.
    return redirect(_people(pact))


@requires(Permission.MANAGE_PARTNERS)
@require_http_methods(["GET", "POST"])
def rights_review(request: PactRequest, pact: str) -> HttpResponse:
    """The yearly look at who may do what, and the reviews that were done."""
    lines = findings_of(request.pact)
    form = ReviewForm(request.POST or None, lines=lines)
    if request.method == "POST" and form.is_valid():
        kept = form.kept
        leavers = [line.membership for line in lines if not kept[line.membership.pk]]
        page = confirm.ask(
            request,
            title=_("Controle van rechten vastleggen"),
            consequence=_consequence(len(kept), leavers),
            button=_("Vastleggen"),
            back=reverse("partners:rights_review", args=[pact]),
            danger=bool(leavers),
        )
        if page:
            return page
        try:
            review = workflow.review_rights(request.pact, by=request.user, kept=kept, note=form.cleaned_data["note"])
        except ValidationError as fault:
            form.take(fault)
        else:
            messages.success(request, _("De controle van rechten is vastgelegd."))
            still = Membership.objects.in_pact(request.pact).current().filter(user=request.user)
            if still.in_roles(Role.COORDINATOR).exists():
                return redirect("partners:rights_review_detail", pact, review.pk)
            return _after_ending(request, pact)
    ended = set(form["end"].value() or [])
    context = {
        "form": form,
        "lines": [(line, str(line.membership.pk) in ended) for line in lines],
        "reviews": RightsReview.objects.in_pact(request.pact).select_related("reviewed_by"),
        "is_due": rights_review_due(request.pact),
    }
    return render(request, "partners/people/rights_review.html", context)


def _consequence(seen: int, leavers: list[Membership]) -> str:
    """What recording the review does, in words."""
    sentence = ngettext(
        "U legt vast dat u %(count)s lidmaatschap hebt nagekeken.",
        "U legt vast dat u %(count)s lidmaatschappen hebt nagekeken.",
        seen,
    ) % {"count": seen}
    if not leavers:
        return _("%(sentence)s Iedereen houdt de eigen rol.") % {"sentence": sentence}
    names = ", ".join(f"{leaver.user} ({leaver.get_role_display()})" for leaver in leavers)
    return _("%(sentence)s Deze mensen verliezen vandaag deze rol: %(names)s. Wat zij deden, blijft bewaard.") % {
        "sentence": sentence,
        "names": names,
    }


@requires(Permission.MANAGE_PARTNERS)
@require_safe
def rights_review_detail(request: PactRequest, pact: str, pk: int) -> HttpResponse:
    reviews = RightsReview.objects.in_pact(request.pact).select_related("reviewed_by")
    review = get_object_or_404(reviews, pk=pk)
    labels = dict(Role.choices)
    lines = [{**finding, "role": labels.get(finding["role"], finding["role"])} for finding in review.findings]
    return render(request, "partners/people/rights_review_detail.html", {"review": review, "lines": lines})


@signed_in
@require_safe
def own_memberships(request: PactRequest) -> HttpResponse:
    """What the reader does, for whom and in which pact; also what has ended."""
    own = Membership.objects.across_pacts().filter(user=request.user.pk)
    own = own.select_related("partnership__pact", "partnership__organisation")
    in_order = own.order_by("partnership__pact__name", "partnership__organisation__name", "role")
    current = list(in_order.current())
    kept = {membership.pk for membership in current}
    context = {
        "memberships": current,
        "former": [membership for membership in in_order if membership.pk not in kept],
        "today": timezone.localdate(),
    }
    return render(request, "partners/people/own_memberships.html", context)


@signed_in
@require_POST
def choose_news(request: PactRequest) -> HttpResponse:
    """Whether the reader gets the news about questions by mail: a box that is ticked, or left open."""
    user = workflow.choose_news(request.user, by_mail=request.POST.get("news_by_mail") == "1")
    if user.news_by_mail:
        messages.success(request, _("U krijgt mail over wat er met uw vragen gebeurt."))
    else:
        messages.success(
            request, _("U krijgt geen mail meer over uw vragen. Op de pagina van een vraag staat altijd alles.")
        )
    return redirect("partners:own_memberships")


@public
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def accept(request: PactRequest, secret: str) -> HttpResponse:
    """The page behind the link of an invitation: what it is for, and a way in."""
    invitation, refused = _open_invitation(request, secret)
    if refused:
        return refused
    account, is_own, _is_foreign = _whose(request, invitation)
    # Who has an account proves it by signing in; a new member chooses how to sign in.
    form: Any = AcceptForm(request.POST or None) if account is None and not request.user.is_authenticated else None
    if request.method == "POST" and (is_own or (form is not None and form.is_valid())):
        try:
            user = workflow.accept(secret, password=form.chosen if form else None, by=request.user if is_own else None)
        except workflow.InvitationRefused as refusal:
            return _refuse(request, refusal.messages[0], status=410)
        except ValidationError as fault:
            if form is None:
                return _refuse(request, " ".join(fault.messages), status=410)
            form.take(fault)
        else:
            messages.success(request, _("Welkom bij %(pact)s.") % {"pact": invitation.partnership.pact})
            home = invitation.partnership.pact.get_absolute_url()
            if is_own:
                return redirect(home)
            return perform_login(
                request, user, email_verification=settings.ACCOUNT_EMAIL_VERIFICATION, redirect_url=home
            )
    return _answer_page(request, invitation, secret, "partners/people/accept.html", form)


@public
@never_cache
@require_http_methods(["GET", "POST"])
def decline(request: PactRequest, secret: str) -> HttpResponse:
    """The page on which one says no to an invitation, with or without a reason."""
    invitation, refused = _open_invitation(request, secret)
    if refused:
        return refused
    _account, is_own, is_foreign = _whose(request, invitation)
    if is_foreign:
        return redirect("partners:accept", secret)
    form = DeclineForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            workflow.decline(secret, reason=form.cleaned_data["reason"], by=request.user if is_own else None)
        except workflow.InvitationRefused as refusal:
            return _refuse(request, refusal.messages[0], status=410)
        except ValidationError as fault:
            form.take(fault)
        else:
            return render(request, "partners/people/declined.html", {"pact": invitation.partnership.pact})
    return _answer_page(request, invitation, secret, "partners/people/decline.html", form)


def _open_invitation(request: PactRequest, secret: str) -> Any:
    """The invitation behind a link and None, or None and the page that says why the link does nothing."""
    try:
        invitation = workflow.find(secret)
    except Invitation.DoesNotExist:
        sentence = _("Deze uitnodiging kennen wij niet. Controleer of u de hele link uit de mail hebt gebruikt.")
        return None, _refuse(request, sentence, status=404)
    except workflow.InvitationRefused as refusal:
        return None, _refuse(request, refusal.messages[0], status=410)
    if sentence := workflow.refusal(invitation):
        return None, _refuse(request, sentence, status=410)
    return invitation, None


def _whose(request: PactRequest, invitation: Invitation) -> tuple[Any, bool, bool]:
    """The account that the invitation belongs to; whether that is the reader; whether the reader is somebody else."""
    account = workflow.account_of(invitation)
    is_own = account is not None and request.user == account
    return account, is_own, request.user.is_authenticated and not is_own


def _answer_page(request: PactRequest, invitation: Invitation, secret: str, template: str, form: Any) -> HttpResponse:
    account, is_own, is_foreign = _whose(request, invitation)
    context = {
        "invitation": invitation,
        "pact": invitation.partnership.pact,
        "secret": secret,
        "form": form,
        "account": account,
        "is_own": is_own,
        "is_foreign": is_foreign,
    }
    return render(request, template, context)


def _invitation(request: PactRequest, pk: int) -> Invitation:
    invitations = Invitation.objects.in_pact(request.pact)
    invitation: Invitation = get_object_or_404(
        invitations.select_related("partnership__pact", "partnership__organisation"), pk=pk
    )
    return invitation


def _refuse(request: PactRequest, sentence: str, *, status: int) -> HttpResponse:
    return render(request, "partners/people/refused.html", {"sentence": sentence}, status=status)


def _act(request: PactRequest, pact: str, act: Any, row: Any, done: str, who: object) -> HttpResponse:
    try:
        act(row, by=request.user)
    except ValidationError as fault:
        messages.error(request, " ".join(fault.messages))
    else:
        messages.success(request, done % {"who": who})
    return redirect(_people(pact))


def _people(pact: str) -> str:
    return reverse("partners:people_list", args=[pact])
