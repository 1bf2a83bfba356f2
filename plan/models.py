"""Gathers the models of the slices for Django."""

from plan.document.models import PlanSection, PlanSectionRevision, PlanVersion
from plan.funding.models import Allocation, PackageSector, PackageYear, SupportPackage
from plan.measures.models import Measure
from plan.programmes.models import Fit, Programme
from plan.questions.models import SupportQuestion

__all__ = [
    "Allocation",
    "Fit",
    "Measure",
    "PackageSector",
    "PackageYear",
    "PlanSection",
    "PlanSectionRevision",
    "PlanVersion",
    "Programme",
    "SupportPackage",
    "SupportQuestion",
]
