"""Gathers the models of the slices for Django."""

from partners.bodies.models import Body, Meeting, Seat
from partners.organisations.models import Organisation, Partnership, Sector
from partners.pact.models import (
    CollaborationArea,
    Pact,
    PactSection,
    PactSectionRevision,
    PactVersion,
    SectionPicture,
    Testimony,
)
from partners.people.models import Invitation, Membership, ReplacedLink, RightsReview, User
from partners.signing.models import (
    Deed,
    DeedRevision,
    Reservation,
    SealCertificate,
    Signature,
    SignaturePlace,
    Withdrawal,
)
from partners.wording.models import MirrorTerm

__all__ = [
    "Body",
    "CollaborationArea",
    "Deed",
    "DeedRevision",
    "Invitation",
    "Meeting",
    "Membership",
    "MirrorTerm",
    "Organisation",
    "Pact",
    "PactSection",
    "PactSectionRevision",
    "PactVersion",
    "Partnership",
    "ReplacedLink",
    "Reservation",
    "RightsReview",
    "SealCertificate",
    "Seat",
    "SectionPicture",
    "Sector",
    "Signature",
    "SignaturePlace",
    "Testimony",
    "User",
    "Withdrawal",
]
