"""Asking once before a formal or destructive act, with and without JavaScript.

A form with `data-confirm` is asked about in a dialog, which adds `confirmed=1`. Without JavaScript that field is
missing, and the view answers with a page that asks the same and posts the same fields again.
"""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise

Text = str | Promise


def ask(
    request: HttpRequest, *, title: Text, consequence: Text, button: Text, back: str, danger: bool = False
) -> HttpResponse | None:
    """The page that asks before this POST takes effect, or None when the reader has said yes.

    `back` is the address that "Annuleren" leads to. Use it as `if page := confirm.ask(...): return page`.
    """
    if request.POST.get("confirmed"):
        return None
    fields = [
        (name, value)
        for name, values in request.POST.lists()
        if name not in ("csrfmiddlewaretoken", "confirmed")
        for value in values
    ]
    context = {"title": title, "consequence": consequence, "button": button, "back": back, "danger": danger}
    return render(request, "includes/confirm_page.html", {**context, "fields": fields})
