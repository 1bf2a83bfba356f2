from django.urls import path

from partners.signing import views

# Below /<pact>/pact/.
urlpatterns = [
    path("versions/<int:number>/open/", views.signing_open, name="signing_open"),
    path("versions/<int:number>/read/", views.pact_viewer, name="pact_viewer"),
    path("signing/", views.signing_progress, name="signing_progress"),
    path("signing/accede/", views.accede, name="accede"),
    path("signing/<int:place>/sign/", views.sign, name="sign"),
    path("signing/<int:place>/reserve/", views.reserve, name="reserve"),
    path("signing/<int:place>/lift/", views.reservation_lift, name="reservation_lift"),
    path("signing/<int:place>/paper/", views.paper, name="paper"),
    path("signing/<int:place>/withdraw/", views.withdrawal, name="withdrawal"),
    path("signing/<int:place>/sheet/", views.sheet, name="sheet"),
    path("signing/<int:place>/sheet/rendition/", views.sheet_rendition, name="sheet_rendition"),
    path("signing/<int:place>/sheet/pdf/", views.sheet_pdf, name="sheet_pdf"),
    path("signing/<int:place>/scan/", views.scan, name="scan"),
    path("signing/<int:place>/own-scan/", views.own_scan, name="own_scan"),
    path("signing/evidence/<int:signature>/", views.signature_evidence, name="evidence"),
    path("signing/evidence/<int:signature>/rendition/", views.evidence_rendition, name="evidence_rendition"),
    path("signing/evidence/<int:signature>/pdf/", views.evidence_pdf, name="evidence_pdf"),
    path("signing/<int:deed>/pdf/", views.deed_pdf, name="deed_pdf"),
]
