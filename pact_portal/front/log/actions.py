"""What the acts in the audit trail are called on screen."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

ACTIONS: dict[str, str | Promise] = {
    "account.created": _("account gemaakt"),
    "allocation.committed": _("geld toegezegd"),
    "allocation.proposed": _("toewijzing voorgesteld"),
    "allocation.rejected": _("toewijzing afgewezen"),
    "evaluation.answer_revised": _("antwoord gewijzigd"),
    "evaluation.answered": _("evaluatie beantwoord"),
    "evaluation.closed": _("evaluatie gesloten"),
    "evaluation.opened": _("evaluatie geopend"),
    "evaluation.reported": _("evaluatie gerapporteerd"),
    "fit.judged": _("aansluiting beoordeeld"),
    "fit.renewed": _("oordeel vernieuwd"),
    "invitation.accepted": _("uitnodiging aangenomen"),
    "invitation.sent": _("uitnodiging verstuurd"),
    "invitation.withdrawn": _("uitnodiging ingetrokken"),
    "measure.approved": _("maatregel goedgekeurd"),
    "measure.deferred": _("maatregel aangehouden"),
    "measure.proposed": _("maatregel voorgesteld"),
    "measure.rejected": _("maatregel afgewezen"),
    "membership.ended": _("lidmaatschap beëindigd"),
    "membership.started": _("lidmaatschap begonnen"),
    "package.added": _("steunpakket toegevoegd"),
    "package.revised": _("steunpakket gewijzigd"),
    "pact.founded": _("pact begonnen"),
    "pact.frozen": _("versie van het pact vastgesteld"),
    "partnership.added": _("partner toegevoegd"),
    "partnership.updated": _("partner gewijzigd"),
    "plan.frozen": _("versie van het plan bevroren"),
    "programme.added": _("aanbod toegevoegd"),
    "programme.revised": _("aanbod gewijzigd"),
    "question.accepted": _("vraag aangenomen"),
    "question.drafted": _("concept van een vraag bewaard"),
    "question.returned": _("vraag teruggestuurd"),
    "question.revised": _("vraag gewijzigd"),
    "question.submitted": _("vraag ingediend"),
    "section.added": _("onderdeel toegevoegd"),
    "series.planned": _("evaluatiecyclus gepland"),
    "text.saved": _("tekst bewaard"),
}


def words_of(action: str) -> str:
    """The act in words; one that has none is shown by its name, and a test says so."""
    return str(ACTIONS.get(action, action))
