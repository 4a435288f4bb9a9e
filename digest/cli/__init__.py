"""The command line: ``digest COMMAND``.

Results go to stdout, progress and errors to stderr. A command reads its arguments, calls one function and prints;
the modules of the commands are imported when one of them is called, so that ``digest --help`` is quick.
"""

from __future__ import annotations

import errno
import importlib
import sys
from pathlib import Path

import click

from digest import __version__
from digest.errors import DigestError

# command -> module of this package; the function has the command's name
_COMMANDS = {
    "run": "run",
    "batch": "batch",
    "fetch": "fetch",
    "show": "editions",
    "render": "editions",
    "rank": "papers",
    "read": "reading",
    "analyse": "papers",
    "search": "find",
    "similar": "find",
    "serve": "serve",
    "like": "feedback",
    "dislike": "feedback",
    "profile": "profile",
    "models": "models",
    "index": "index",
    "bundle": "bundle",
    "export": "export",
    "review": "library",
    "library": "library",
    "send": "send",
    "schedule": "schedule",
    "init": "setup",
    "doctor": "setup",
}
# What a disk or its owner refuses is no bug: full, over quota, read-only, not ours, unreadable.
_DISK = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO})
_ALIASES = {"analyze": "analyse"}


class _Lazy(click.Group):
    """A group whose commands are imported one at a time; the place where errors become messages."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 click's signature
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 click's signature
        name = _ALIASES.get(cmd_name, cmd_name)
        if name not in _COMMANDS:
            return None
        command: click.Command = getattr(importlib.import_module(f"digest.cli.{_COMMANDS[name]}"), name)
        return command

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except DigestError as error:
            click.echo(f"digest: {error}", err=True)
            if error.hint:
                click.echo(f"  help: {error.hint}", err=True)
            ctx.exit(error.exit_code)
        except BrokenPipeError:
            sys.stderr.close()  # the reader of our output has gone
            ctx.exit(0)
        except OSError as error:
            if error.errno not in _DISK:
                raise
            click.echo(f"digest: {error.filename or 'the disk'}: {error.strerror}", err=True)
            click.echo("  help: df -h . && ls -ld .  # in the workspace", err=True)
            ctx.exit(1)
        except KeyboardInterrupt:
            click.echo("\ndigest: interrupted; the same command goes on from here", err=True)
            ctx.exit(130)


@click.group(cls=_Lazy, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.option(
    "--workspace",
    type=click.Path(path_type=Path),
    envvar="DIGEST_WORKSPACE",
    help="Folder that holds digest.toml. [default: nearest one upwards from here]",
)
@click.version_option(__version__, prog_name="digest")
@click.pass_context
def main(ctx: click.Context, workspace: Path | None) -> None:
    """Read new research papers on your own machine: rank, read in full, analyse with a local model, publish a digest.

    \b
    Example: digest run --source ~/papers --top-k 3
    """
    ctx.obj = workspace
