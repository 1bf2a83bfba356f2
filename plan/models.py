"""Gathers the models of the slices for Django."""

from plan.document.models import PlanSection, PlanSectionRevision, PlanVersion
from plan.funding.models import Allocation, PackageSector, PackageYear, SupportPackage
from plan.imports.models import Import
from plan.measures.models import Measure
from plan.programmes.models import Fit, OverlapMark, Programme
from plan.questions.models import CurationNote, Endorsement, Merge, QuestionNews, SupportQuestion

__all__ = [
    "Allocation",
    "CurationNote",
    "Endorsement",
    "Fit",
    "Import",
    "Measure",
    "Merge",
    "OverlapMark",
    "PackageSector",
    "PackageYear",
    "PlanSection",
    "PlanSectionRevision",
    "PlanVersion",
    "Programme",
    "QuestionNews",
    "SupportPackage",
    "SupportQuestion",
]
