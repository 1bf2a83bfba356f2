from django.urls import path

from evaluations.findings import views

urlpatterns = [
    path("<int:pk>/findings/add/", views.finding_add, name="finding_add"),
    path("findings/<int:pk>/close/", views.finding_close, name="finding_close"),
    path("adjustments/new/", views.adjustment_new, name="adjustment_new"),
    path("adjustments/<int:number>/", views.adjustment_detail, name="adjustment_detail"),
    path("adjustments/<int:number>/withdraw/", views.adjustment_withdraw, name="adjustment_withdraw"),
]
