from django.urls import path

from plan.questions import analysis_views, curation_views, endorsing_views, views, writing_views

urlpatterns = [
    path("questions/", views.question_list, name="question_list"),
    path("questions/own/", views.own, name="question_own"),
    path("questions/analysis/", analysis_views.analysis, name="question_analysis"),
    # Writing.
    path("questions/new/", writing_views.new, name="question_new"),
    path("questions/similar/", writing_views.similar, name="question_similar"),
    path("questions/<int:number>/edit/", writing_views.review, name="question_edit"),
    path("questions/<int:number>/edit/<slug:step>/", writing_views.step, name="question_step"),
    path("questions/<int:number>/review/", writing_views.review, name="question_review"),
    path("questions/<int:number>/submit/", writing_views.submit, name="question_submit"),
    path("questions/<int:number>/withdraw/", writing_views.withdraw, name="question_withdraw"),
    # Reading, and standing behind it.
    path("questions/<int:number>/", views.detail, name="question_detail"),
    path("questions/<int:number>/endorse/", endorsing_views.endorse_question, name="question_endorse"),
    path("questions/<int:number>/unendorse/", endorsing_views.unendorse_question, name="question_unendorse"),
    # Curating.
    path("questions/queue/", curation_views.queue, name="question_queue"),
    path("questions/bulk/", curation_views.bulk, name="question_bulk"),
    path("questions/bulk/apply/", curation_views.bulk_apply, name="question_bulk_apply"),
    path("questions/<int:number>/accept/", curation_views.accept, name="question_accept"),
    path("questions/<int:number>/send-back/", curation_views.send_back, name="question_send_back"),
    path("questions/<int:number>/merge/", curation_views.merge, name="question_merge"),
    path("questions/<int:number>/unmerge/", curation_views.unmerge, name="question_unmerge"),
    path("questions/<int:number>/note/", curation_views.note, name="question_note"),
]
