"""`python -m tests.oidc_server`: makes the database and the people given as JSON on stdin, serves, prints its port."""

import json
import os
import sys
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import django
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class Quiet(WSGIRequestHandler):
    def log_message(self, *args: object) -> None:
        """Nothing."""


def main() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.oidc_server.settings"
    os.environ["OAUTHLIB_INSECURE_TRANSPORT"] = "1"  # http, on this machine only
    django.setup()
    from django.contrib.auth import get_user_model
    from oauth2_provider.models import get_application_model

    call_command("migrate", verbosity=0)
    given = json.load(sys.stdin)
    for person in given["people"]:
        get_user_model().objects.create_user(**person)
    get_application_model().objects.create(
        name="portal",
        client_id=given["client_id"],
        client_secret=given["client_secret"],
        client_type="confidential",
        authorization_grant_type="authorization-code",
        algorithm="RS256",
        skip_authorization=True,
        redirect_uris=given["redirect_uris"],
    )
    server = make_server("127.0.0.1", 0, get_wsgi_application(), server_class=Server, handler_class=Quiet)
    sys.stdout.write(f"{server.server_port}\n")
    sys.stdout.flush()
    server.serve_forever()


main()
