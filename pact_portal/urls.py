"""All addresses: the portal's own first, then those below a pact."""

from django.urls import include, path

urlpatterns = [
    path("", include("pact_portal.foundation.health.urls")),
    path("", include("pact_portal.foundation.pages.urls")),
    path("accounts/", include("partners.people.account_urls")),
    path("accounts/", include("allauth.account.urls")),
    path("accounts/second-factor/", include("allauth.mfa.urls")),
    path("accounts/", include("partners.people.sign_on_urls")),
    # Before the start pages, of which the address of a pact would take that of the page that verifies files.
    path("", include("partners.urls")),
    path("", include("pact_portal.front.urls")),
    path("<slug:pact>/", include("plan.urls")),
    path("<slug:pact>/", include("evaluations.urls")),
]
