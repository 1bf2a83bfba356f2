from django.urls import path

from partners.wording import views

# Below /<pact>/wording/.
urlpatterns = [
    path("", views.mirror_terms, name="mirror_terms"),
    path("add/", views.mirror_term_new, name="mirror_term_new"),
    path("defaults/", views.mirror_defaults, name="mirror_defaults"),
    path("check/", views.mirror_check, name="mirror_check"),
    path("<int:pk>/edit/", views.mirror_term_edit, name="mirror_term_edit"),
    path("<int:pk>/remove/", views.mirror_term_remove, name="mirror_term_remove"),
]
