"""Gathers the models of the slices for Django."""

from pact_portal.foundation.audit.models import AuditRecord
from pact_portal.foundation.documents.models import Rendition
from pact_portal.foundation.mail.models import OutgoingMail

__all__ = ["AuditRecord", "OutgoingMail", "Rendition"]
