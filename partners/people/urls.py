from django.urls import path

from partners.people import views

urlpatterns = [
    path("", views.people_list, name="people_list"),
    path("invite/", views.invite, name="invite"),
    path("invitations/<int:pk>/withdraw/", views.withdraw, name="invitation_withdraw"),
    path("<int:pk>/end/", views.end, name="membership_end"),
]
