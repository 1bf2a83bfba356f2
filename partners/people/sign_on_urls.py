"""Single sign-on: of allauth's addresses only those that signing in needs. Nobody signs up, or connects by hand."""

from allauth.socialaccount import views
from django.urls import path

from partners.people import sign_on_views

urlpatterns = [
    path("oidc/<str:provider_id>/login/", sign_on_views.start, name="openid_connect_login"),
    path("oidc/<str:provider_id>/login/callback/", sign_on_views.callback, name="openid_connect_callback"),
    path("oidc/cancelled/", views.login_cancelled, name="socialaccount_login_cancelled"),
]
