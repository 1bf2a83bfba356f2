"""Asks a web server on this machine whether it lives; for the health check of a container.

    python pact_portal/foundation/health/ask.py 127.0.0.1:8000

Runs on its own, without Django, because it runs every ten seconds. Exit code 0 when /healthz answers 200, else 1.
"""

import http.client
import os
import sys
from urllib.parse import urlsplit


def lives(bind: str) -> bool:
    """Whether the portal that listens on `bind` answers, asked by the name that it knows itself by (PORTAL_URL)."""
    name = urlsplit(os.environ.get("PORTAL_URL", "")).hostname or "localhost"
    connection = http.client.HTTPConnection(bind, timeout=4)
    try:
        connection.request("GET", "/healthz", headers={"Host": name})
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(0 if lives(sys.argv[1]) else 1)
