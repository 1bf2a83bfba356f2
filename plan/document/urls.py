"""The addresses of the plan: editor, preview, freezing, versions."""

from django.urls import URLPattern, URLResolver, path

from plan.document import views

urlpatterns: list[URLPattern | URLResolver] = [
    path("plan/", views.editor, name="plan"),
    path("plan/preview/", views.preview, name="plan_preview"),
    path("plan/sections/<slug:component>/", views.section, name="section"),
    path("plan/sections/<slug:component>/edit/", views.section_edit, name="section_edit"),
    path("plan/sections/<slug:component>/autosave/", views.section_autosave, name="section_autosave"),
    path("plan/freeze/", views.freeze, name="plan_freeze"),
    path("plan/versions/", views.version_list, name="version_list"),
    path("plan/versions/<int:number>/", views.version_detail, name="version_detail"),
    path("plan/versions/<int:number>/rendition/", views.version_rendition, name="version_rendition"),
    path("plan/versions/<int:number>/pdf/", views.version_pdf, name="version_pdf"),
]
