"""The library in a browser: ``serve``."""

from __future__ import annotations

import contextlib

import click

from digest.workspace import find_workspace


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), default=8765, show_default=True, help="0 takes a free one.")
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="Address to listen on; any other than this lets other machines in.",
)
@click.option("--open", "opens", is_flag=True, help="Open it in the browser.")
@click.pass_context
def serve(ctx: click.Context, port: int, host: str, opens: bool) -> None:
    """Read in the browser: digests by day, each paper beside its pages, search as you type, likes that rank at once.

    Everything stays on this machine. A run may go on beside it. Ctrl-C ends it.

    \b
    Examples:
      digest serve --open
      digest serve --port 9000
      digest serve --host 0.0.0.0    # for a phone in the same network
    """
    from digest.web.app import application
    from digest.web.desk import Desk
    from digest.web.guard import Door
    from digest.web.server import listen, server

    socket = listen(host, port)
    door = Door(host=host, port=socket.getsockname()[1])
    if not door.local:
        click.echo("digest: other machines can reach this, unencrypted; who has the address below can read and rate your papers", err=True)

    def started() -> None:
        click.echo(f"reading room: {door.url}")
        if opens:
            click.launch(door.url)

    with contextlib.suppress(KeyboardInterrupt):
        server(application(Desk(find_workspace(ctx.obj)), door), started=started).run(sockets=[socket])
