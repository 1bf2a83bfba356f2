"""Gathers the models of the slices for Django."""

from plan.decisions.models import (
    Condition,
    Decision,
    DecisionStep,
    Position,
    Proposal,
    ProposalItem,
    ProposalStep,
)
from plan.document.models import PlanMention, PlanSection, PlanSectionRevision, PlanVersion
from plan.funding.models import (
    Allocation,
    Contribution,
    Expenditure,
    Intake,
    PackageSector,
    PackageYear,
    Reallocation,
    SupportPackage,
)
from plan.imports.models import Import
from plan.measures.models import Indicator, Measure, StateChange
from plan.programmes.models import Fit, OverlapMark, Programme
from plan.questions.models import CurationNote, Endorsement, Merge, QuestionNews, SupportQuestion

__all__ = [
    "Allocation",
    "Condition",
    "Contribution",
    "CurationNote",
    "Decision",
    "DecisionStep",
    "Endorsement",
    "Expenditure",
    "Fit",
    "Import",
    "Indicator",
    "Intake",
    "Measure",
    "Merge",
    "OverlapMark",
    "PackageSector",
    "PackageYear",
    "PlanMention",
    "PlanSection",
    "PlanSectionRevision",
    "PlanVersion",
    "Position",
    "Programme",
    "Proposal",
    "ProposalItem",
    "ProposalStep",
    "QuestionNews",
    "Reallocation",
    "StateChange",
    "SupportPackage",
    "SupportQuestion",
]
