from django.urls import path

from partners.people import account_views

app_name = "accounts"

urlpatterns = [
    path("renew/", account_views.renew, name="renew"),
    path("sessions/", account_views.session_list, name="sessions"),
]
