from django.urls import path

from plan.funding import allocation_views, figures_views, settlement_views, spending_views, views

urlpatterns = [
    path("funding/", views.package_list, name="package_list"),
    path("funding/new/", views.add, name="package_add"),
    path("funding/charts/", figures_views.funding_charts, name="funding_charts"),
    path("funding/settlement/", settlement_views.settlement, name="settlement"),
    path("funding/settlement/export/", settlement_views.settlement_export, name="settlement_export"),
    path("funding/allocate/", views.allocate, name="allocate"),
    path("funding/allocations/<int:allocation>/", allocation_views.detail, name="allocation_detail"),
    path("funding/allocations/<int:allocation>/reject/", allocation_views.reject, name="allocation_reject"),
    path("funding/allocations/<int:allocation>/settle/", allocation_views.settle, name="allocation_settle"),
    path("funding/allocations/<int:allocation>/book/", spending_views.expenditure_book, name="expenditure_book"),
    path("funding/allocations/<int:allocation>/move/", allocation_views.reallocate, name="reallocate"),
    path("funding/moves/<int:reallocation>/reject/", allocation_views.reallocation_reject, name="reallocation_reject"),
    path("funding/spent/<int:expenditure>/cancel/", spending_views.expenditure_cancel, name="expenditure_cancel"),
    path("funding/spent/<int:expenditure>/attach/", spending_views.expenditure_attach, name="expenditure_attach"),
    path("funding/spent/<int:expenditure>/receipt/", spending_views.receipt, name="receipt"),
    path("funding/contributions/new/", spending_views.contribution_add, name="contribution_add"),
    path(
        "funding/contributions/<int:contribution>/withdraw/",
        spending_views.contribution_withdraw,
        name="contribution_withdraw",
    ),
    path("funding/<int:number>/", views.detail, name="package_detail"),
    path("funding/<int:number>/edit/", views.revise, name="package_revise"),
    path("funding/<int:number>/settle/", views.package_settle, name="package_settle"),
]
