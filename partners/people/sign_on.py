"""Single sign-on: people of an organisation come in by its own provider (OpenID Connect), if they have an account here.

A provider speaks only for the addresses in its own mail domain; see docs/adr/008.
"""

import logging
from typing import Any, Never

from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialLogin
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from requests import RequestException

from partners.people.second_factor import TRUSTED_SIGN_ON

logger = logging.getLogger(__name__)

# Words of RFC 8176 by which a provider says that it asked for more than one thing.
SEVERAL_FACTORS = {"mfa", "mca"}


def domain_of(address: str) -> str:
    """The mail domain of an address, in small letters; "" when there is none."""
    return address.strip().rpartition("@")[2].lower() if "@" in address else ""


def provider_for(address: str) -> dict[str, Any] | None:
    """How the people of this address's organisation sign in; None when they do so here."""
    return provider_of(domain_of(address))


def provider_of(domain: str) -> dict[str, Any] | None:
    """The provider for this mail domain, as OIDC_PROVIDERS has it."""
    return next((provider for provider in settings.OIDC_PROVIDERS if provider["domain"] == domain), None)


def lead_to(request: HttpRequest, provider: dict[str, Any], back: str | None = None) -> HttpResponse:
    """The way to the organisation's provider, and from there to `back` if that is an address of the portal.

    A page with a sentence when the provider does not answer.
    """
    if back and not get_adapter(request).is_safe_url(back):
        back = None
    found = SignOnAdapter(request).get_provider(request, provider["domain"])
    try:
        answer: HttpResponse = found.redirect(request, process="login", next_url=back)
    except (RequestException, OAuth2Error, KeyError, ValueError):
        # Without trace: it may hold what somebody else's server said.
        logger.warning("the provider of %s does not answer", provider["domain"])
        text = _("De inlogpagina van %(name)s antwoordt niet. Probeer het straks opnieuw, of log in met een code.")
        return _page(request, text % {"name": provider["name"]}, status=424)
    return answer


class SignOnAdapter(DefaultSocialAccountAdapter):
    """Lets in who has an account with the confirmed address that the provider names, and nobody else."""

    def list_apps(self, request: HttpRequest, provider: str | None = None, client_id: str | None = None) -> list[Any]:
        """The providers of the settings; there are none in the database."""
        return [
            SocialApp(
                provider="openid_connect",
                provider_id=each["domain"],
                name=each["name"],
                client_id=each["client_id"],
                secret=each["client_secret"],
                settings={
                    "server_url": each["issuer"],
                    "oauth_pkce_enabled": True,
                    "verified_email": [each["domain"]] if each.get("vouches_for_email") else False,
                },
            )
            for each in settings.OIDC_PROVIDERS
            if provider in {None, "openid_connect", each["domain"]} and client_id in {None, each["client_id"]}
        ]

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Find the account, or refuse with a sentence. Raises ImmediateHttpResponse."""
        domain = sociallogin.provider.app.provider_id
        provider = provider_of(domain)
        assert provider is not None  # noqa: S101 - the callback has looked
        name = {"name": provider["name"]}
        said = dict(sociallogin.account.extra_data)
        token, person = said.get("id_token") or {}, said.get("userinfo") or {}
        is_whole = token.get("iss") == provider["issuer"] and (not person or person.get("sub") == token.get("sub"))
        if sociallogin.state.get("process") != "login" or not is_whole:
            _refuse(request, _("Inloggen via %(name)s is niet gelukt. Probeer het opnieuw.") % name)
        confirmed = [each.email.lower() for each in sociallogin.email_addresses if each.verified is True]
        if not sociallogin.email_addresses:
            _refuse(request, _("%(name)s geeft uw e-mailadres niet door. Vraag uw beheerder om hulp.") % name)
        if not confirmed:
            _refuse(request, _("%(name)s heeft uw e-mailadres niet bevestigd. Vraag uw beheerder om hulp.") % name)
        if domain_of(confirmed[0]) != domain:
            text = _("Via %(name)s logt u alleen in met een adres dat eindigt op @%(domain)s.")
            _refuse(request, text % {**name, "domain": domain})
        known = EmailAddress.objects.filter(email__iexact=confirmed[0], verified=True).select_related("user").first()
        if known is None:
            text = _(
                "Bij %(email)s hoort geen account. U krijgt een account als de coördinator van uw pact u uitnodigt."
            )
            _refuse(request, text % {"email": confirmed[0]})
        self._link(request, sociallogin, known.user, provider)
        if provider.get("second_factor") and _asked_for_more(token):
            request.session[TRUSTED_SIGN_ON] = [domain, sociallogin.account.uid]
        else:
            request.session.pop(TRUSTED_SIGN_ON, None)

    def _link(self, request: HttpRequest, sociallogin: SocialLogin, user: Any, provider: dict[str, Any]) -> None:
        """Remember by which person at the provider the account is used: an address can pass to a successor."""
        domain, uid = provider["domain"], sociallogin.account.uid
        by_account = SocialAccount.objects.filter(provider=domain, user=user).first()
        by_person = SocialAccount.objects.filter(provider=domain, uid=uid).first()
        if (by_account and by_account.uid != uid) or (by_person and by_person.user_id != user.pk):
            text = _(
                "Dit account hoort bij %(name)s bij iemand anders. Log in met een code per e-mail, of vraag de"
                " coördinator van uw pact om hulp."
            )
            _refuse(request, text % {"name": provider["name"]})
        # What else the provider told about the person is not kept.
        account, _made = SocialAccount.objects.update_or_create(
            provider=domain, uid=uid, defaults={"user": user, "extra_data": {}}
        )
        sociallogin.account, sociallogin.user = account, user


def _asked_for_more(token: dict[str, Any]) -> bool:
    """Whether the provider asked for a second factor: as agreed, unless it says how it asked and that was not it."""
    said = token.get("amr")
    return said is None or (isinstance(said, list) and bool(SEVERAL_FACTORS & {str(word) for word in said}))


def _refuse(request: HttpRequest, sentence: str) -> Never:
    raise ImmediateHttpResponse(_page(request, sentence, status=403))


def _page(request: HttpRequest, sentence: str, *, status: int) -> HttpResponse:
    return render(request, "socialaccount/refused.html", {"sentence": sentence}, status=status)
