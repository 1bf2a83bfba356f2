"""Runs the portal on one machine without any server: web, worker and beat under one command."""
