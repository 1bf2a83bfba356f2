from django.urls import path

from partners.signing import coordinator_views, file_views, views

# Below /<pact>/pact/.
urlpatterns = [
    path("versions/<int:number>/open/", coordinator_views.signing_open, name="signing_open"),
    path("versions/<int:number>/read/", file_views.pact_viewer, name="pact_viewer"),
    path("signing/", views.signing_progress, name="signing_progress"),
    path("signing/accede/", coordinator_views.accede, name="accede"),
    path("signing/<int:place>/sign/", views.sign, name="sign"),
    path("signing/<int:place>/reserve/", views.reserve, name="reserve"),
    path("signing/<int:place>/lift/", views.reservation_lift, name="reservation_lift"),
    path("signing/<int:place>/paper/", coordinator_views.paper, name="paper"),
    path("signing/<int:place>/withdraw/", coordinator_views.withdrawal, name="withdrawal"),
    path("signing/<int:place>/sheet/", file_views.sheet, name="sheet"),
    path("signing/<int:place>/sheet/rendition/", file_views.sheet_rendition, name="sheet_rendition"),
    path("signing/<int:place>/sheet/pdf/", file_views.sheet_pdf, name="sheet_pdf"),
    path("signing/<int:place>/scan/", file_views.scan, name="scan"),
    path("signing/<int:place>/own-scan/", file_views.own_scan, name="own_scan"),
    path("signing/evidence/<int:signature>/", file_views.signature_evidence, name="evidence"),
    path("signing/evidence/<int:signature>/rendition/", file_views.evidence_rendition, name="evidence_rendition"),
    path("signing/evidence/<int:signature>/pdf/", file_views.evidence_pdf, name="evidence_pdf"),
    path("signing/<int:deed>/pdf/", file_views.deed_pdf, name="deed_pdf"),
]
