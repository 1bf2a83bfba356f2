"""Gathers the models of the slices for Django."""

from partners.organisations.models import Organisation, Partnership, Sector
from partners.pact.models import CollaborationArea, Pact, PactSection, PactSectionRevision, PactVersion
from partners.people.models import Invitation, Membership, User

__all__ = [
    "CollaborationArea",
    "Invitation",
    "Membership",
    "Organisation",
    "Pact",
    "PactSection",
    "PactSectionRevision",
    "PactVersion",
    "Partnership",
    "Sector",
    "User",
]
