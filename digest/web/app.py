"""The routes, and what becomes of a request: asked in a thread, answered as a page, its errors as pages too."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from digest.errors import DigestError
from digest.publishing import stylesheet
from digest.web import lists, pages, papers
from digest.web.asked import Asked, asked_of
from digest.web.desk import Crowded, Desk, Left, Loading
from digest.web.guard import Guard

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    from starlette.requests import Request
    from starlette.types import ASGIApp

    from digest.web.guard import Door

_STATIC = Path(__file__).parent / "static"
_FILES = {"room.css": "text/css", "room.js": "text/javascript", "icon.svg": "image/svg+xml"}
LOG = logging.getLogger("digest.web")

Answer = Response | str | bytes | dict[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """One kind of page."""

    path: str
    answer: Callable[[Desk, Asked], Answer]
    kind: str = ""  # of its work, see ``Desk.ask``
    method: str = "GET"


VIEWS = (
    View(path="/", answer=lists.today),
    View(path="/days", answer=lists.days),
    View(path="/day/{folder}", answer=lists.day),
    View(path="/order/{folder}", answer=lists.order, kind="rank"),
    View(path="/search", answer=lists.search),
    View(path="/library", answer=lists.library),
    View(path="/best", answer=lists.best, kind="rank"),
    View(path="/paper/{id:path}", answer=papers.paper),
    View(path="/why/{id:path}", answer=papers.why, kind="rank"),
    View(path="/near/{id:path}", answer=papers.near),
    View(path="/pdf/{id:path}", answer=papers.pdf),
    View(path="/page/{number:int}/{id:path}", answer=papers.page, kind="draw"),
    View(path="/boxes/{number:int}/{id:path}", answer=papers.boxes, kind="draw"),
    View(path="/figure/{number:int}/{id:path}", answer=papers.figure, kind="draw"),
    View(path="/overview/{id:path}", answer=papers.overview_figure, kind="draw"),
    View(path="/run", answer=pages.run),
    View(path="/profile", answer=pages.profile),
    View(path="/settings", answer=pages.settings),
    View(path="/feedback", answer=papers.feedback, method="POST"),
)


def application(desk: Desk, door: Door) -> ASGIApp:
    """The reading room of *desk*, as it is reached through *door*."""

    @contextlib.asynccontextmanager
    async def open_hours(_: Starlette) -> AsyncIterator[None]:
        desk.warm()
        yield
        desk.close()

    routes = [Route(view.path, _endpoint(desk, door, view), methods=[view.method]) for view in VIEWS]
    routes.append(Route("/static/{name}", _static, methods=["GET"]))
    handlers = {404: _missing(desk, door), HTTPException: _refused}
    return Guard(Starlette(routes=routes, lifespan=open_hours, exception_handlers=handlers), door)


def _endpoint(desk: Desk, door: Door, view: View) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        asked = asked_of(request, await request.body() if view.method == "POST" else b"", desk, door)
        try:
            if view.method == "POST":  # what was said counts, whether or not its answer is waited for
                return _answered(await desk.ask(view.answer, desk, asked), asked)
            async with _presence(request) as is_there:
                return _answered(await desk.ask(view.answer, desk, asked, kind=view.kind, wanted=is_there), asked)
        except Left:
            return Response(status_code=499)  # as nginx calls it; nobody reads it
        except Loading:
            return PlainTextResponse("", status_code=503, headers={"Retry-After": "1"})
        except DigestError as error:
            return HTMLResponse(pages.failed(asked, error), status_code=503 if isinstance(error, Crowded) else 500)
        except HTTPException:
            raise
        except Exception:
            LOG.exception("%s", request.url.path)
            return HTMLResponse(pages.failed(asked, DigestError(asked.t.broken)), status_code=500)

    return endpoint


@contextlib.asynccontextmanager
async def _presence(request: Request) -> AsyncIterator[Callable[[], bool]]:
    """Yield what tells, from any thread, whether the browser still waits: a newer letter gives up the search before it."""

    async def leaves() -> None:
        while (await request.receive())["type"] != "http.disconnect":
            pass

    leaving = asyncio.ensure_future(leaves())
    try:
        yield lambda: not leaving.done()
    finally:
        leaving.cancel()


def _answered(answer: Answer, asked: Asked) -> Response:
    if isinstance(answer, Response):
        return answer
    if isinstance(answer, bytes):
        return Response(answer, media_type="image/png", headers={"Cache-Control": "private, max-age=3600"})
    if isinstance(answer, dict):
        return JSONResponse(answer)
    response = HTMLResponse(answer)
    if asked.chosen:  # the language, in the address: kept for the next pages
        response.set_cookie("digest_lang", asked.language, max_age=31_536_000, httponly=True, samesite="strict")
    return response


async def _static(request: Request) -> Response:
    name = request.path_params["name"]
    kept = {"Cache-Control": "private, max-age=60"}
    if name == "digest.css":
        return Response(stylesheet(), media_type="text/css", headers=kept)
    if name not in _FILES:
        raise HTTPException(404)
    return FileResponse(_STATIC / name, media_type=_FILES[name], headers=kept)


def _missing(desk: Desk, door: Door) -> Callable[[Request, Exception], Response]:
    def missing(request: Request, _: Exception) -> Response:
        return HTMLResponse(pages.missing(asked_of(request, b"", desk, door)), status_code=404)

    return missing


def _refused(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return PlainTextResponse(error.detail, status_code=error.status_code)
