"""What a password must be, in the portal's own words: Django's Dutch lacks some of these sentences."""

from django.contrib.auth import password_validation
from django.utils.translation import gettext as _


class LongEnough(password_validation.MinimumLengthValidator):
    """Long enough; how long stands in the settings."""

    def get_error_message(self) -> str:
        return _("Dit wachtwoord is te kort. Gebruik ten minste %(number)s tekens.") % {"number": self.min_length}

    def get_help_text(self) -> str:
        return _("Gebruik ten minste %(number)s tekens. Een korte zin werkt goed.") % {"number": self.min_length}


class NotPersonal(password_validation.UserAttributeSimilarityValidator):
    """Unlike the name and the address of the account."""

    def get_error_message(self) -> str:
        return _("Dit wachtwoord lijkt te veel op uw naam of e-mailadres.")

    def get_help_text(self) -> str:
        return _("Gebruik niet uw naam of e-mailadres.")


class NotCommon(password_validation.CommonPasswordValidator):
    """Not among the passwords that are guessed first."""

    def get_error_message(self) -> str:
        return _("Dit wachtwoord wordt te vaak gebruikt en is makkelijk te raden. Kies een ander.")

    def get_help_text(self) -> str:
        return _("Gebruik geen wachtwoord dat makkelijk te raden is.")
