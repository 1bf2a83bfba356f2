from django.urls import path

from partners.people import views

urlpatterns = [
    path("", views.people_list, name="people_list"),
    path("invite/", views.invite, name="invite"),
    path("invitations/<int:pk>/send/", views.send_again, name="invitation_send_again"),
    path("invitations/<int:pk>/withdraw/", views.withdraw, name="invitation_withdraw"),
    path("rights/", views.rights_review, name="rights_review"),
    path("rights/<int:pk>/", views.rights_review_detail, name="rights_review_detail"),
    path("<int:pk>/end/", views.end, name="membership_end"),
]
