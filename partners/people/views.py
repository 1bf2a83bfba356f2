"""The pages of people: members, invitations, and the page that an invitation leads to."""

from typing import Any

from allauth.account.utils import perform_login
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from pact_portal.foundation.pages import confirm
from partners.people import workflow
from partners.people.forms import AcceptForm, InviteForm
from partners.people.models import Invitation, Membership
from partners.permissions import PactRequest, Permission, public, requires


@requires(Permission.READ)
@require_safe
def people_list(request: PactRequest, pact: str) -> HttpResponse:
    may_manage = request.access.can(Permission.MANAGE_PARTNERS)
    memberships = Membership.objects.in_pact(request.pact).current().select_related("user", "partnership__organisation")
    invitations = Invitation.objects.in_pact(request.pact).filter(accepted_at=None, withdrawn_at=None)
    context = {
        "memberships": memberships.order_by("partnership__organisation__name", "user__name", "role"),
        # Addresses of people are for who manages them.
        "invitations": invitations.select_related("partnership__organisation") if may_manage else [],
        "may_manage": may_manage,
    }
    return render(request, "partners/people/list.html", context)


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
def withdraw(request: PactRequest, pact: str, pk: int) -> HttpResponse:
    invitation = get_object_or_404(Invitation.objects.in_pact(request.pact).select_related("partnership__pact"), pk=pk)
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
@require_POST
def end(request: PactRequest, pact: str, pk: int) -> HttpResponse:
    memberships = Membership.objects.in_pact(request.pact).select_related("partnership__pact", "user")
    membership = get_object_or_404(memberships, pk=pk)
    page = confirm.ask(
        request,
        title=_("Lidmaatschap beëindigen"),
        consequence=_(
            "%(who)s kan dan niet meer bij de werkpagina's van dit pact. Wat deze persoon deed, blijft bewaard."
        )
        % {"who": membership.user},
        button=_("Beëindigen"),
        back=_people(pact),
        danger=True,
    )
    if page:
        return page
    answer = _act(
        request, pact, workflow.end, membership, _("Het lidmaatschap van %(who)s is beëindigd."), membership.user
    )
    has_left = not Membership.objects.in_pact(request.pact).current().filter(user=request.user).exists()
    return redirect(settings.LOGIN_REDIRECT_URL) if has_left else answer


@public
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def accept(request: PactRequest, secret: str) -> HttpResponse:
    """The page behind the link of an invitation: what it is for, and a way in."""
    try:
        invitation = workflow.find(secret)
    except Invitation.DoesNotExist:
        sentence = _("Deze uitnodiging kennen wij niet. Controleer of u de hele link uit de mail hebt gebruikt.")
        return _refuse(request, sentence, status=404)
    if sentence := workflow.refusal(invitation):
        return _refuse(request, sentence, status=410)
    account = workflow.account_of(invitation)
    is_own = account is not None and request.user == account
    # Who has an account proves it by signing in; a new member chooses how to sign in.
    form: Any = AcceptForm(request.POST or None) if account is None and not request.user.is_authenticated else None
    if request.method == "POST" and (is_own or (form is not None and form.is_valid())):
        try:
            user = workflow.accept(secret, password=form.chosen if form else None)
        except workflow.InvitationRefused as refused:
            return _refuse(request, refused.messages[0], status=410)
        except ValidationError as fault:
            form.take(fault)
        else:
            messages.success(request, _("Welkom bij %(pact)s.") % {"pact": invitation.partnership.pact})
            home = invitation.partnership.pact.get_absolute_url()
            if is_own:
                return redirect(home)
            return perform_login(
                request, user, email_verification=settings.ACCOUNT_EMAIL_VERIFICATION, redirect_url=home
            )
    context = {
        "invitation": invitation,
        "pact": invitation.partnership.pact,
        "form": form,
        "account": account,
        "is_own": is_own,
    }
    return render(request, "partners/people/accept.html", context)


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
