from django.urls import path

from pact_portal.foundation.pages import views

urlpatterns = [
    path("theme/<int:hue>.css", views.theme, name="theme"),
    path("language/", views.language, name="set_language"),
]
