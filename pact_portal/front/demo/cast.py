"""Who acts while a pact is filled with example data."""

from dataclasses import dataclass

from partners.models import Pact, Partnership, User


@dataclass
class Cast:
    """The pact being filled, and who acts in it."""

    pact: Pact
    partners: dict[str, Partnership]
    actors: dict[str, User]
    coordinator: User

    def actor(self, organisation: str) -> User:
        """Whoever acts for an organisation; the coordinator where nobody has an account."""
        return self.actors.get(organisation, self.coordinator)
