"""For which partners somebody answers. To answer is granted for the whole pact, and done only for the own partner."""

from partners.access import Access
from partners.permissions import GRANTS, Permission, Role

ANSWERING_ROLES = tuple(GRANTS[Permission.ANSWER_EVALUATION])


def answering_for(access: Access) -> set[int]:
    """The ids of the partnerships for which the reader acts in a role that answers evaluations."""
    return {each.partnership_id for each in access.memberships if Role(each.role) in ANSWERING_ROLES}
