"""Row-level security made from the table of rights: the conditions under which a delegate's connection sees a row.

The conditions are constant sub-selects, which PostgreSQL answers once a statement, and plain comparisons of columns.
"""

from app.db.grants import Guard
from app.rights.policies import Action, Kind, Reach

__all__ = ["Guard", "reaching"]


def reaching(
    kind: Kind, action: Action, *, country: str = "country", owner: str | None = "person_id", state: str | None = None
) -> str:
    """The SQL condition that the acting person may do an action to a row of a kind.

    country, owner, state: columns of the row that say what app.rights.policies.Thing says; without an owner, nothing
    is one's own; without a state, only rights to things in any state count.
    """

    def has(reach: Reach) -> str:
        arguments = f"'{kind}', '{action}', {int(reach)}"
        anywhere = f"(SELECT access.reaches({arguments}))"
        return f"({anywhere} OR {state} = ANY ((SELECT access.states({arguments}))::text[]))" if state else anywhere

    ways = [has(Reach.REGION), f"({country} = (SELECT access.acting_country()) AND {has(Reach.STATE)})"]
    if owner:
        ways.append(f"({owner} = (SELECT access.acting_person()) AND {has(Reach.OWN)})")
    return " OR ".join(ways)
