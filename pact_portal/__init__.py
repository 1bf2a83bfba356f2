"""The project: settings, addresses, worker. The apps are named here only as strings."""

from pact_portal.celery import app as celery_app

__all__ = ["celery_app"]
