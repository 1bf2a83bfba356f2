from django.db import migrations

from pact_portal.foundation.guards import refuse_rows

NOT_UNDER_WAY = """NOT EXISTS (SELECT 1 FROM plan_proposal proposal
    WHERE proposal.id = {row}.proposal_id AND proposal.round = {row}.round
      AND proposal.state IN ('submitted', 'deferred'))"""
NOT_WITH_ITS_WRITER = """NOT EXISTS (SELECT 1 FROM plan_proposal proposal
    WHERE proposal.id = {row}.proposal_id AND proposal.state IN ('draft', 'sent_back'))"""


class Migration(migrations.Migration):
    dependencies = [("plan", "0010_what_was_decided_before")]

    operations = [
        # A position is of the round that is going on: what was said in one that is over stays.
        refuse_rows(
            "plan_position",
            name="of_this_round",
            when=NOT_UNDER_WAY.format(row="NEW"),
            fault="a position is stated in the round that is going on",
            on=["INSERT", "UPDATE"],
        ),
        refuse_rows(
            "plan_position",
            name="stays",
            when="TRUE",
            fault="a position is stated anew, never removed",
            on=["DELETE"],
        ),
        # What was put on the route is what is decided about: only its writer changes what a proposal carries.
        refuse_rows(
            "plan_proposalitem",
            name="as_submitted",
            when=NOT_WITH_ITS_WRITER.format(row="NEW"),
            fault="a proposal on its route carries what was submitted",
            on=["INSERT", "UPDATE OF proposal_id, kind, object_id, shown"],
        ),
        refuse_rows(
            "plan_proposalitem",
            name="kept",
            when=NOT_WITH_ITS_WRITER.format(row="OLD"),
            fault="a proposal on its route carries what was submitted",
            on=["DELETE"],
        ),
    ]
