"""How long sealing takes: measured and told, not judged, as the goal of it is only that a worker keeps up."""

import sys
import time
from pathlib import Path
from typing import Any

import pytest

from pact_portal.foundation.documents.render import render_document
from pact_portal.foundation.sealing import keys
from pact_portal.foundation.sealing.checking import check
from pact_portal.foundation.sealing.sealing import certify, sign
from tests.foundation.document_samples import MUNICIPALITIES, OTHERS, pact
from tests.foundation.sealing_samples import stamp


@pytest.mark.benchmark
def test_it_tells_how_long_a_signature_takes(settings: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings.DATA_DIR = tmp_path
    key = keys.load()
    moments = [time.perf_counter()]
    contents = [certify(render_document(pact()), key)]
    moments[0] = time.perf_counter()
    for number, field in enumerate([*MUNICIPALITIES, *OTHERS]):
        contents.append(sign(contents[-1], field=field, stamp=stamp(number), key=key))
        moments.append(time.perf_counter())
    assert check(contents[-1], certificates=[key.certificate_pem]).is_whole
    checked = time.perf_counter() - moments[-1]
    each = (moments[-1] - moments[1]) / 13
    grown = (len(contents[-1]) - len(contents[0])) // 14
    with capsys.disabled():
        sys.stdout.write(f"\nsealing: {each:.3f} s and {grown} bytes a signature; all 15 checked in {checked:.2f} s\n")
