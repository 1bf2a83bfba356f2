from django.urls import path

from evaluations.answering import views

urlpatterns = [path("<int:pk>/answer/", views.evaluation_answer, name="evaluation_answer")]
