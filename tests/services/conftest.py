from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import plugs
import pytest
from crash import Plug
from samples import EMAIL, key

from pipeline.services import MailingService, Remote


@pytest.fixture
def plug(request: pytest.FixtureRequest) -> Plug:
    """The service that the file is about: its `PLUG`."""
    return request.module.PLUG  # type: ignore[no-any-return]  # a module's own


@pytest.fixture
def fake(plug: Plug) -> Iterator[Any]:
    with plug.serve() as fake:
        yield fake


@pytest.fixture
def service(plug: Plug, fake: Any, tmp_path: Path) -> MailingService:
    return plugs.a_service(tmp_path, plugs.patient(plug, fake))


@pytest.fixture
def made(service: MailingService, tmp_path: Path) -> Remote:
    """The draft of `EMAIL`."""
    return service.draft(EMAIL, key(tmp_path), None)
