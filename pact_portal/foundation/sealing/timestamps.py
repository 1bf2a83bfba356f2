"""Timestamps of RFC 3161, from the server that the settings name."""

from typing import Any

from django.utils.translation import gettext as _
from pyhanko.sign.timestamps import HTTPTimeStamper

from pact_portal.foundation.sealing.faults import TimestampFault

SECONDS = 10


class Timestamper(HTTPTimeStamper):
    """Asks the server of the settings; whatever goes wrong there is one sentence."""

    def __init__(self, address: str) -> None:
        super().__init__(address, timeout=SECONDS)

    async def async_timestamp(self, message_digest: bytes, md_algorithm: str) -> Any:
        """Give a timestamp token over the digest. Raises TimestampFault."""
        try:
            token = await super().async_timestamp(message_digest, md_algorithm)
            info = token["content"]["encap_content_info"]["content"].parsed
            stamped = info["message_imprint"]["hashed_message"].native
        except Exception as fault:  # an answer from outside may be anything
            raise TimestampFault(_away()) from fault
        if stamped != message_digest:
            raise TimestampFault(_away())
        return token


def _away() -> str:
    return _("De tijdstempelserver geeft nu geen tijdstempel. Het portaal probeert het later opnieuw.")
