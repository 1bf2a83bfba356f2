from django.urls import path

from plan.decisions import deciding_views, position_views, proposal_views, route_views, views

urlpatterns = [
    # The register.
    path("decisions/", views.decision_list, name="decision_list"),
    path("decisions/export/", views.export, name="decision_export"),
    path("decisions/<int:number>/", views.detail, name="decision_detail"),
    path("decisions/<int:number>/supersede/", deciding_views.supersede, name="decision_supersede"),
    # The route.
    path("decisions/route/", route_views.route, name="decision_route"),
    path("decisions/route/edit/", route_views.route_edit, name="decision_route_edit"),
    # Proposals.
    path("decisions/proposals/", proposal_views.proposal_list, name="proposal_list"),
    path("decisions/proposals/new/", proposal_views.new, name="proposal_new"),
    path("decisions/proposals/<int:number>/", proposal_views.detail, name="proposal_detail"),
    path("decisions/proposals/<int:number>/edit/", proposal_views.edit, name="proposal_edit"),
    path("decisions/proposals/<int:number>/submit/", proposal_views.submit, name="proposal_submit"),
    path("decisions/proposals/<int:number>/withdraw/", proposal_views.withdraw, name="proposal_withdraw"),
    # What steps said.
    path("decisions/proposals/<int:number>/decide/", deciding_views.decide, name="proposal_decide"),
    path("decisions/meetings/<int:pk>/", deciding_views.meeting, name="meeting_record"),
    # Where partners stand.
    path("decisions/proposals/<int:number>/position/<int:pk>/", position_views.position, name="position_state"),
    path("decisions/conditions/<int:pk>/", position_views.condition, name="condition_answer"),
]
