"""Gathers the models of the slices for Django."""

from evaluations.answering.models import Answer, Participation
from evaluations.series.models import Evaluation, EvaluationSeries, Topic

__all__ = ["Answer", "Evaluation", "EvaluationSeries", "Participation", "Topic"]
