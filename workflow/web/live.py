"""How does a page learn that something changed? By one event of a stream, after which it looks again.

Rules:
- The stream is of server-sent events. Nothing is in the event but that something changed: the page is asked for again,
  with all that guards it.
- Files are looked at a few times a second, only while a page listens (docs/decisions/0017).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable

import anyio
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse

from workflow.web.door import Session
from workflow.web.site import MOST_STREAMS, Site, site_of

PAUSE = 0.3  # between two looks [s]
LOOKS = 30  # until a line is sent that says nothing, by which a reader that has gone is noticed


def all_runs(request: Request, _session: Session) -> Response:
    """For the inbox."""
    site = site_of(request)
    return _stream(site, site.mark, request.query_params.get("since", ""))


def one_run(request: Request, session: Session) -> Response:
    """For the pages of a run."""
    site = site_of(request)
    name, _workspace, run_id = site.run(request, session)
    return _stream(site, lambda: site.inbox.mark_of(name, run_id), request.query_params.get("since", ""))


def _stream(site: Site, mark: Callable[[], str], since: str) -> Response:
    if site.streams >= MOST_STREAMS:
        return PlainTextResponse("phasegate: too many pages are open\n", 503)
    return StreamingResponse(_changes(site, mark, since), media_type="text/event-stream")


async def _changes(site: Site, mark: Callable[[], str], since: str) -> AsyncIterator[str]:
    """The one event, as soon as the mark is another."""
    site.streams += 1
    try:
        looks = 0
        yield ": listening\n\n"
        while await run_in_threadpool(mark) == since:
            await anyio.sleep(PAUSE)
            looks += 1
            if looks % LOOKS == 0:
                yield ": nothing\n\n"
        yield "event: changed\ndata:\n\n"
    finally:
        site.streams -= 1
