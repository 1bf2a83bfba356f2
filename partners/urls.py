"""Gathers the addresses of the slices."""

from django.urls import URLPattern, URLResolver, include, path

from partners.bodies import urls as bodies
from partners.organisations import urls as organisations
from partners.pact import urls as pact
from partners.people import urls as people
from partners.people import views as people_views
from partners.signing import urls as signing
from partners.signing import verify_views
from partners.wording import urls as wording

app_name = "partners"

urlpatterns: list[URLPattern | URLResolver] = [
    path("verify/", verify_views.verify, name="verify"),
    path("accounts/roles/", people_views.own_memberships, name="own_memberships"),
    path("accounts/roles/news/", people_views.choose_news, name="choose_news"),
    path("invitations/<str:secret>/", people_views.accept, name="accept"),
    path("invitations/<str:secret>/decline/", people_views.decline, name="decline"),
    path("<slug:pact>/partners/people/", include(people.urlpatterns)),
    path("<slug:pact>/partners/bodies/", include(bodies.urlpatterns)),
    path("<slug:pact>/partners/meetings/", include(bodies.meeting_urlpatterns)),
    path("<slug:pact>/partners/", include(organisations.urlpatterns)),
    path("<slug:pact>/pact/", include(pact.urlpatterns)),
    path("<slug:pact>/pact/", include(signing.urlpatterns)),
    path("<slug:pact>/wording/", include(wording.urlpatterns)),
]
