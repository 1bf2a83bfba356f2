from django.urls import path

from partners.bodies import views

# Below /<pact>/partners/bodies/.
urlpatterns = [
    path("", views.body_list, name="body_list"),
    path("add/", views.body_add, name="body_add"),
    path("seats/<int:pk>/end/", views.seat_end, name="seat_end"),
    path("<int:pk>/", views.body_detail, name="body_detail"),
    path("<int:pk>/edit/", views.body_edit, name="body_edit"),
    path("<int:pk>/end/", views.body_end, name="body_end"),
    path("<int:pk>/seats/add/", views.seat_add, name="seat_add"),
    path("<int:pk>/meetings/add/", views.meeting_add, name="meeting_add"),
]

# Below /<pact>/partners/meetings/.
meeting_urlpatterns = [
    path("<int:pk>/", views.meeting_detail, name="meeting_detail"),
    path("<int:pk>/edit/", views.meeting_edit, name="meeting_edit"),
    path("<int:pk>/cancel/", views.meeting_cancel, name="meeting_cancel"),
    path("<int:pk>/calendar.ics", views.meeting_ics, name="meeting_ics"),
]
