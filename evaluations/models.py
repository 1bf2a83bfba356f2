"""Gathers the models of the slices for Django."""

from evaluations.answering.models import Answer, Participation
from evaluations.findings.models import Adjustment, Finding
from evaluations.series.models import Evaluation, EvaluationSeries, Topic

__all__ = ["Adjustment", "Answer", "Evaluation", "EvaluationSeries", "Finding", "Participation", "Topic"]
