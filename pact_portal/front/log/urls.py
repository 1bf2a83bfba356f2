"""Address of the audit trail."""

from django.urls import path

from pact_portal.front.log import views

urlpatterns = [path("<slug:pact>/log/", views.log, name="log")]
