from typing import Any

from django.db import migrations

from pact_portal.foundation.guards import keep_sum, refuse_changes, refuse_other_sums, refuse_rows

# The sectors of all that carry out the measure of the new row: its lead, and who executes it.
CARRIED_OUT_BY = """
    SELECT organisation.sector FROM partners_partnership partner
    JOIN partners_organisation organisation ON organisation.id = partner.organisation_id
    WHERE partner.id = (SELECT lead_id FROM plan_measure WHERE id = NEW.measure_id)
       OR partner.id IN (SELECT partnership_id FROM plan_measure_executing WHERE measure_id = NEW.measure_id)
"""
ALLOWED = """
    SELECT allowed.sector FROM plan_packagesector allowed
    JOIN plan_packageyear year ON year.package_id = allowed.package_id WHERE year.id = NEW.package_year_id
"""
OWN_SECTOR = """
    SELECT organisation.sector FROM partners_partnership partner
    JOIN partners_organisation organisation ON organisation.id = partner.organisation_id
    WHERE partner.id = NEW.partnership_id
"""

MAY_NOT_RECEIVE = f"""(
    (NEW.sector <> '' AND NEW.sector NOT IN ({ALLOWED}))
    OR (NEW.partnership_id IS NOT NULL AND NOT EXISTS ({OWN_SECTOR} AND organisation.sector IN ({ALLOWED})))
    OR (NEW.measure_id IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM ({CARRIED_OUT_BY}) carried WHERE carried.sector IN ({ALLOWED})))
)"""  # noqa: S608 - put together from the constants above

# The sum of a year only when something of it changes: booking does not write the year.
SUMS: list[dict[str, Any]] = [
    {
        "child": "plan_allocation",
        "parent": "plan_packageyear",
        "link": "package_year_id",
        "amount": "amount",
        "total": "allocated",
        "counts": "{row}.state <> 'rejected'",
        "columns": ["package_year_id", "amount", "state"],
    },
    {
        "child": "plan_intake",
        "parent": "plan_packageyear",
        "link": "package_year_id",
        "amount": "amount",
        "total": "came_in",
        "counts": "TRUE",
        "columns": ["package_year_id", "amount"],
    },
    {
        "child": "plan_expenditure",
        "parent": "plan_allocation",
        "link": "allocation_id",
        "amount": "amount",
        "total": "spent",
        "counts": "{row}.cancelled_at IS NULL",
        "columns": ["allocation_id", "amount", "cancelled_at"],
    },
]

# A measure that gets money of the package from which a sector goes, that somebody of this sector carries out, and nobody
# of another sector that may receive the package.
CARRIES_OUT = """
    SELECT 1 FROM partners_partnership partner
    JOIN partners_organisation organisation ON organisation.id = partner.organisation_id
    WHERE (partner.id = measure.lead_id
        OR partner.id IN (SELECT partnership_id FROM plan_measure_executing WHERE measure_id = measure.id))
"""
LOSES_ITS_MEASURE = f"""EXISTS (
    SELECT 1 FROM plan_allocation allocation
    JOIN plan_packageyear year ON year.id = allocation.package_year_id
    JOIN plan_measure measure ON measure.id = allocation.measure_id
    WHERE year.package_id = OLD.package_id AND allocation.state <> 'rejected'
      AND EXISTS ({CARRIES_OUT} AND organisation.sector = OLD.sector)
      AND NOT EXISTS ({CARRIES_OUT} AND organisation.sector <> OLD.sector AND organisation.sector IN (
          SELECT allowed.sector FROM plan_packagesector allowed WHERE allowed.package_id = OLD.package_id))
)"""  # noqa: S608 - put together from the constants above


class Migration(migrations.Migration):
    dependencies = [("plan", "0008_the_route_and_what_is_spent")]

    operations = [
        *(keep_sum(**each) for each in SUMS),
        *(refuse_other_sums(**each) for each in SUMS),
        refuse_changes(
            "plan_expenditure",
            columns=[
                *("allocation_id", "partnership_id", "amount", "spent_on", "description", "reference"),
                *("once", "booked_by_id", "booked_at"),
            ],
            name="kept",
        ),
        # A receipt can come later; once it is there it stays.
        refuse_changes(
            "plan_expenditure",
            columns=["receipt", "receipt_sha256"],
            deletes=False,
            when="OLD.receipt <> ''",
            name="receipt_kept",
        ),
        refuse_changes("plan_expenditure", when="OLD.cancelled_at IS NOT NULL", name="cancelled"),
        refuse_rows(
            "plan_expenditure",
            name="in_window",
            when="""EXISTS (
                SELECT 1 FROM plan_allocation allocation
                JOIN plan_packageyear year ON year.id = allocation.package_year_id
                JOIN plan_supportpackage package ON package.id = year.package_id
                WHERE allocation.id = NEW.allocation_id
                  AND (NEW.spent_on < package.spend_from OR NEW.spent_on > package.spend_until))""",
            fault="money is spent inside the window of its package",
            on=["INSERT"],
            # Nobody moves the window meanwhile.
            hold="""plan_supportpackage WHERE id = (
                SELECT year.package_id FROM plan_packageyear year
                JOIN plan_allocation allocation ON allocation.package_year_id = year.id
                WHERE allocation.id = NEW.allocation_id) FOR SHARE""",
        ),
        refuse_rows(
            "plan_expenditure",
            name="of_committed",
            when="""NOT EXISTS (SELECT 1 FROM plan_allocation allocation
                WHERE allocation.id = NEW.allocation_id AND allocation.state = 'committed')""",
            fault="only committed money is spent",
            on=["INSERT"],
        ),
        refuse_rows(
            "plan_supportpackage",
            name="window_kept",
            when="""EXISTS (
                SELECT 1 FROM plan_expenditure expenditure
                JOIN plan_allocation allocation ON allocation.id = expenditure.allocation_id
                JOIN plan_packageyear year ON year.id = allocation.package_year_id
                WHERE year.package_id = NEW.id AND expenditure.cancelled_at IS NULL
                  AND (expenditure.spent_on < NEW.spend_from OR expenditure.spent_on > NEW.spend_until))""",
            fault="money was spent outside the new window",
            on=["UPDATE OF spend_from, spend_until"],
        ),
        refuse_rows(
            "plan_supportpackage",
            name="years_kept",
            when="""EXISTS (
                SELECT 1 FROM plan_packageyear year WHERE year.package_id = NEW.id
                  AND (year.year < YEAR(NEW.spend_from) OR year.year > YEAR(NEW.spend_until)))""",
            fault="a year of the package lies outside the new window",
            on=["UPDATE OF spend_from, spend_until"],
        ),
        refuse_rows(
            "plan_packageyear",
            name="in_window",
            when="""EXISTS (
                SELECT 1 FROM plan_supportpackage package WHERE package.id = NEW.package_id
                  AND (NEW.year < YEAR(package.spend_from) OR NEW.year > YEAR(package.spend_until)))""",
            fault="a year lies inside the window of its package",
            on=["INSERT", "UPDATE OF year, package_id"],
            # Nobody moves the window meanwhile.
            hold="plan_supportpackage WHERE id = NEW.package_id FOR SHARE",
        ),
        refuse_rows(
            "plan_allocation",
            name="sector_may_receive",
            when=f"NEW.state <> 'rejected' AND {MAY_NOT_RECEIVE}",
            fault="the package is not for this sector",
            on=["INSERT", "UPDATE OF package_year_id, measure_id, sector, partnership_id"],
            # The row that the sum is written on anyway: nobody takes a sector away meanwhile (see still_used).
            hold="plan_packageyear WHERE id = NEW.package_year_id FOR NO KEY UPDATE",
        ),
        # When it is promised, or comes back after it was turned down; not when it is settled.
        refuse_rows(
            "plan_allocation",
            name="sector_may_still_receive",
            when=f"NEW.state IN ('proposed', 'committed') AND {MAY_NOT_RECEIVE}",
            fault="the package is not for this sector",
            on=["UPDATE OF state"],
            hold="plan_packageyear WHERE id = NEW.package_year_id FOR NO KEY UPDATE",
        ),
        refuse_rows(
            "plan_packagesector",
            name="still_used",
            when="""EXISTS (
                SELECT 1 FROM plan_allocation allocation
                JOIN plan_packageyear year ON year.id = allocation.package_year_id
                LEFT JOIN partners_partnership partner ON partner.id = allocation.partnership_id
                LEFT JOIN partners_organisation organisation ON organisation.id = partner.organisation_id
                WHERE year.package_id = OLD.package_id AND allocation.state <> 'rejected'
                  AND (allocation.sector = OLD.sector OR organisation.sector = OLD.sector))""",
            fault="a share was given to this sector",
            on=["DELETE"],
            hold="plan_packageyear WHERE package_id = OLD.package_id ORDER BY id FOR NO KEY UPDATE",
        ),
        refuse_rows(
            "plan_packagesector",
            name="still_carries_out",
            when=LOSES_ITS_MEASURE,
            fault="a measure of this sector gets money of the package",
            on=["DELETE"],
            hold="plan_packageyear WHERE package_id = OLD.package_id ORDER BY id FOR NO KEY UPDATE",
        ),
        # A sector is added or goes; it does not become another.
        refuse_changes("plan_packagesector", deletes=False),
        # Settled money stays what it is, and is not opened again.
        refuse_changes(
            "plan_allocation",
            columns=["state", "amount", "released", "package_year_id", "measure_id", "sector", "partnership_id"],
            when="OLD.state = 'settled'",
            name="settled",
        ),
        # A reallocation moves its amount, no more and no less, within its year.
        refuse_rows(
            "plan_reallocation",
            name="moves_its_amount",
            when="""NEW.state = 'applied' AND NOT EXISTS (
                SELECT 1 FROM plan_allocation result
                JOIN plan_allocation source ON source.package_year_id = result.package_year_id
                WHERE result.id = NEW.result_id AND source.id = NEW.source_id AND result.id <> source.id
                  AND result.amount = NEW.amount AND result.state = 'committed')""",
            fault="a reallocation moves its amount within its year",
            on=["INSERT", "UPDATE OF state, result_id"],
        ),
        # One that was rejected can be applied after all, by a decision in the place of the one that rejected it.
        refuse_changes("plan_reallocation", when="OLD.state = 'applied'", name="settled"),
        refuse_changes("plan_decision"),
        refuse_changes("plan_statechange"),
        refuse_changes("plan_planmention"),
        # The steps that a proposal took stay as they were; so do the positions of a round that is over.
        refuse_changes("plan_proposalstep"),
        refuse_changes(
            "plan_proposal",
            columns=["pact_id", "number", "written_by_id", "written_at", "title", "explanation", "partnership_id"],
            when="OLD.state NOT IN ('draft', 'sent_back')",
            name="submitted",
        ),
    ]
