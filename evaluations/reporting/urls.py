from django.urls import path

from evaluations.reporting import views

urlpatterns = [path("<int:pk>/", views.evaluation_detail, name="evaluation_detail")]
