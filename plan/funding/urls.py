from django.urls import path

from plan.funding import views

urlpatterns = [
    path("funding/", views.package_list, name="package_list"),
    path("funding/new/", views.add, name="package_add"),
    path("funding/allocate/", views.allocate, name="allocate"),
    path("funding/allocations/<int:allocation>/commit/", views.commit, name="allocation_commit"),
    path("funding/allocations/<int:allocation>/reject/", views.reject, name="allocation_reject"),
    path("funding/<int:number>/", views.detail, name="package_detail"),
    path("funding/<int:number>/edit/", views.revise, name="package_revise"),
]
