"""Sealing: the portal's key, the certification and the signatures in a PDF, and the check of them."""
