from django.urls import path

from partners.pact import text_views, views

urlpatterns = [
    path("", views.pact_detail, name="pact_detail"),
    path("sections/add/", text_views.section_add, name="section_add"),
    path("sections/<int:pk>/edit/", text_views.section_edit, name="section_edit"),
    path("sections/<int:pk>/rename/", text_views.section_rename, name="section_rename"),
    path("sections/<int:pk>/move/", text_views.section_move, name="section_move"),
    path("sections/<int:pk>/remove/", text_views.section_remove, name="section_remove"),
    path("sections/<int:pk>/put-back/", text_views.section_put_back, name="section_put_back"),
    path("sections/<int:pk>/history/", text_views.section_history, name="section_history"),
    path("sections/<int:pk>/restore/", text_views.section_restore, name="section_restore"),
    path("sections/<int:pk>/pictures/add/", text_views.picture_add, name="picture_add"),
    path("pictures/<int:pk>/edit/", text_views.picture_edit, name="picture_edit"),
    path("pictures/<int:pk>/move/", text_views.picture_move, name="picture_move"),
    path("pictures/<int:pk>/remove/", text_views.picture_remove, name="picture_remove"),
    path("pictures/<str:name>/", views.pact_picture, name="pact_picture"),
    path("testimonies/", text_views.testimony_list, name="testimony_list"),
    path("testimonies/add/", text_views.testimony_add, name="testimony_add"),
    path("testimonies/<int:pk>/edit/", text_views.testimony_edit, name="testimony_edit"),
    path("testimonies/<int:pk>/withdraw/", text_views.testimony_withdraw, name="testimony_withdraw"),
    path("freeze/", views.freeze, name="pact_freeze"),
    path("compare/", views.compare, name="pact_compare"),
    path("versions/<int:number>/", views.version_detail, name="pact_version"),
    path("versions/<int:number>/rendition/", views.version_rendition, name="pact_version_rendition"),
    path("versions/<int:number>/pdf/", views.version_pdf, name="pact_version_pdf"),
]
