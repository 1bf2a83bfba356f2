from django.urls import path

from partners.organisations import views

urlpatterns = [
    path("", views.organisation_list, name="organisation_list"),
    path("add/", views.organisation_add, name="organisation_add"),
    path("<int:pk>/", views.organisation_detail, name="organisation_detail"),
    path("<int:pk>/edit/", views.organisation_edit, name="organisation_edit"),
    path("<int:pk>/leave/", views.organisation_leave, name="organisation_leave"),
    path("<int:pk>/stay/", views.organisation_stay, name="organisation_stay"),
]
