"""Where everybody starts."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from pact_portal.front.dashboard.overview import figures_of, newest_version
from pact_portal.front.dashboard.tasks import tasks_of
from partners.pact.models import Pact
from partners.people.models import Membership
from partners.permissions import PactRequest, Permission, public
from partners.signing.models import Deed
from partners.signing.progress import in_force, newest_revision, status_of


@public
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The pacts that the reader belongs to, straight on when there is one; for others the pacts that were signed."""
    own: list[Pact] = []
    if request.user.is_authenticated:
        current = Membership.objects.across_pacts().current().filter(user=request.user.pk)
        own = list(Pact.objects.filter(partnerships__memberships__in=current).distinct())
        if len(own) == 1:
            return redirect(own[0])
    signed = Pact.objects.filter(versions__deeds__number=0, versions__deeds__state=Deed.State.COMPLETE).distinct()
    return render(request, "front/home.html", {"own": own, "signed": signed})


@public
@require_safe
def dashboard(request: PactRequest, pact: str) -> HttpResponse:
    """For members what waits and how the pact stands; for everybody else the public page, once the pact is signed."""
    if not request.access.is_member:
        return _public_page(request)
    access = request.access
    context = {
        "tasks": tasks_of(access),
        "figures": figures_of(request.pact),
        "version": newest_version(request.pact),
        "can_submit": access.can(Permission.SUBMIT_QUESTION),
        "can_edit_plan": access.can(Permission.EDIT_PLAN),
    }
    return render(request, "front/dashboard.html", context)


def _public_page(request: PactRequest) -> HttpResponse:
    """The pact in force: text, file, who signed, and the versions that were in force before."""
    deed = in_force(request.pact)
    if deed is None:
        # That a pact is being prepared is itself not public: the same answer as for one that does not exist.
        raise Http404(_("Deze pagina bestaat niet."))
    complete = Deed.objects.in_pact(request.pact).filter(completed_at__isnull=False).select_related("version")
    sheets = [deed, *complete.filter(version=deed.version, number__gt=0)]
    context = {
        "deed": deed,
        "revision": newest_revision(deed),
        "places": [place for sheet in sheets for place in status_of(sheet)],
        "history": complete.filter(number=0).order_by("-version__number"),
    }
    return render(request, "front/public.html", context)
