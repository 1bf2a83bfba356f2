"""What waits for whoever keeps the money: what has no target, no money, or runs out unspent."""

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from pact_portal.front.dashboard.task import Task
from partners.access import Access
from partners.permissions import Permission
from plan.funding.attention import attention_of


def of(access: Access) -> list[Task]:
    """One task for all that asks attention, due when the first of it is: it counts packages and measures, of which more
    than one thing may be said.
    """
    if not access.can(Permission.KEEP_FUNDING):
        return []
    points = attention_of(access.pact, on=timezone.localdate())
    if not points:
        return []
    count = len({point.subject for point in points})
    return [
        Task(
            title=ngettext(
                "Bekijk het geld van %(count)s steunpakket of maatregel",
                "Bekijk het geld van %(count)s steunpakketten en maatregelen",
                count,
            )
            % {"count": count},
            url=reverse("plan:package_list", args=[access.pact.slug]),
            meta=points[0].text,
            state="open",
            label=_("geld"),
            due_on=min((point.due_on for point in points if point.due_on), default=None),
        )
    ]
