"""Fields for files: what comes out has passed the door of pact_portal.foundation.uploads."""

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from pact_portal.foundation.spreadsheets import reading
from pact_portal.foundation.uploads import images, scans
from pact_portal.foundation.uploads.files import MEGABYTE, CheckedFile


class _CheckedFileField(forms.FileField):
    """A file input whose value is a CheckedFile. Its form must be sent as multipart/form-data.

    The limits stand in the hint, before that of the form. No browser fills in a file again: when something else in
    the form was wrong, the page says that the file must be chosen once more.
    """

    accept = ""
    limits: Any = ""
    default_error_messages = {
        "required": _("Kies een bestand."),
        "invalid": _("Kies een bestand."),
        "missing": _("Kies een bestand."),
        "empty": _("Dit bestand is leeg. Kies een ander bestand."),
        "max_length": _("De naam van dit bestand is te lang. Geef het een kortere naam en kies het opnieuw."),
    }

    def __init__(self, **kwargs: Any) -> None:
        hint = kwargs.pop("help_text", "")
        super().__init__(
            **{
                "widget": forms.FileInput,
                "max_length": 200,
                "help_text": format_lazy("{limits} {hint}", limits=self.limits, hint=hint) if hint else self.limits,
                **kwargs,
            }
        )

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {**super().widget_attrs(widget), "accept": self.accept}

    def to_python(self, data: Any) -> Any:
        uploaded = super().to_python(data)
        return self.check(uploaded) if isinstance(uploaded, UploadedFile) else None

    def check(self, uploaded: UploadedFile) -> CheckedFile:
        raise NotImplementedError


class ScanField(_CheckedFileField):
    """A scan of a sheet: PDF, PNG or JPEG."""

    accept = ".pdf,.png,.jpg,.jpeg,application/pdf,image/png,image/jpeg"
    limits = format_lazy(_("PDF, PNG of JPG, hooguit {limit} MB."), limit=scans.LARGEST // MEGABYTE)

    def check(self, uploaded: UploadedFile) -> CheckedFile:
        return scans.check_scan(uploaded)


class ImageField(_CheckedFileField):
    """An image for a text: PNG, JPEG or WebP; what comes out is PNG or JPEG."""

    accept = ".png,.jpg,.jpeg,.webp,image/png,image/jpeg,image/webp"
    limits = format_lazy(_("PNG, JPG of WebP, hooguit {limit} MB."), limit=images.LARGEST // MEGABYTE)

    def check(self, uploaded: UploadedFile) -> CheckedFile:
        return images.check_image(uploaded)


class SheetField(_CheckedFileField):
    """A spreadsheet: xlsx or csv."""

    accept = ".xlsx,.csv,application/vnd.openxmlformats-officedocument.spreadsheetml.sheet,text/csv"
    limits = format_lazy(_("XLSX of CSV, hooguit {limit} MB."), limit=reading.LARGEST // MEGABYTE)

    def check(self, uploaded: UploadedFile) -> CheckedFile:
        return reading.check_sheet(uploaded)
