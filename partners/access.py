"""Who is asking, for which pact: resolved once per request, from the address and the session."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponseBase
from django.utils.translation import gettext_lazy as _

from partners.organisations.models import Partnership
from partners.pact.models import Pact
from partners.people.models import Membership
from partners.permissions import GRANTS, Permission, Reach, Role


@dataclass
class Access:
    """What the reader of this request is and may do in the pact of the address."""

    pact: Pact
    memberships: list[Membership] = field(default_factory=list)

    @cached_property
    def roles(self) -> set[Role]:
        return {Role(membership.role) for membership in self.memberships}

    @cached_property
    def partnerships(self) -> list[Partnership]:
        """The partnerships that the reader acts for, each once."""
        return list({m.partnership_id: m.partnership for m in self.memberships}.values())

    @property
    def is_member(self) -> bool:
        return bool(self.memberships)

    def can(self, permission: Permission, partnership: Partnership | int | None = None) -> bool:
        """Whether the permission is granted, for a row of `partnership`; without one: for at least some row."""
        grants = GRANTS[permission]
        owner = partnership.pk if isinstance(partnership, Partnership) else partnership
        return any(
            (reach := grants.get(Role(membership.role))) is Reach.ALL
            or (reach is Reach.OWN and (owner is None or owner == membership.partnership_id))
            for membership in self.memberships
        )

    def partnerships_for(self, permission: Permission) -> Iterable[Partnership]:
        """The partnerships for whose rows the permission is granted: the own ones, or all that take part."""
        grants = GRANTS[permission]
        if any(grants.get(role) is Reach.ALL for role in self.roles):
            return Partnership.objects.in_pact(self.pact).current().select_related("organisation")
        own = {m.partnership_id: m.partnership for m in self.memberships if grants.get(Role(m.role)) is Reach.OWN}
        return list(own.values())


class PactAccessMiddleware:
    """Sets `request.pact` and `request.access` for every address below /<pact>/.

    An unknown pact, and a pact that the reader is no member of, answer the same 404, so that a stranger cannot tell
    which pacts exist; public views get through and show what is public. Anonymous readers are sent to the sign-in
    page by Django's LoginRequiredMiddleware before this is asked; below an unknown pact, public addresses do the same
    by `not_shown`.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponseBase | None:
        slug = kwargs.get("pact")
        if slug is None:
            return None
        pact = Pact.objects.filter(slug=slug).first()
        if pact is None:
            return not_shown(request)
        memberships = (
            list(
                Membership.objects.in_pact(pact)
                .current()
                .filter(user=request.user.pk)
                .select_related("partnership__organisation")
            )
            if request.user.is_authenticated
            else []
        )
        # A visitor reads. What he would hear of another method differs by whether there is something to read.
        is_open = getattr(view, "rule", None) == "public" and request.method in {"GET", "HEAD", "POST"}
        if not memberships and not is_open:
            return not_shown(request)
        request.pact = pact  # type: ignore[attr-defined]
        request.access = Access(pact, memberships)  # type: ignore[attr-defined]
        return None


def not_shown(request: HttpRequest) -> HttpResponseBase:
    """The answer of a public address that has nothing for this reader: the sign-in page, or 404 for who is signed in.

    It is the same whether the pact, or the thing in it, does not exist or is not public.
    """
    if request.user.is_authenticated:
        raise Http404(_("Deze pagina bestaat niet."))
    return redirect_to_login(request.get_full_path())
