"""Getting started: ``init``, ``doctor``."""

from __future__ import annotations

from pathlib import Path

import click

from digest.cli.common import as_json, print_json, tools_of
from digest.workspace import PROFILE, SETTINGS, shipped, write_text


@click.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False), default=".")
def init(folder: Path) -> None:
    """Make FOLDER a workspace: write commented digest.toml and profile.toml where there are none.

    \b
    Example: digest init ~/reading
    """
    for name in (SETTINGS, PROFILE):
        path = folder / name
        if path.exists():
            click.echo(f"kept    {path}")
        else:
            write_text(path, shipped(name).read_text(encoding="utf-8"))
            click.echo(f"written {path}")
    click.echo(f"next: edit {folder / PROFILE}, then run `digest --workspace {folder} run`")


@click.command()
@as_json
@click.pass_context
def doctor(ctx: click.Context, as_json: bool) -> None:
    """Tell what each kind of use still lacks on this machine, with the command that mends it.

    Exit code 3 when the daily digest cannot be made at all.

    \b
    Example: digest doctor
    """
    from digest.cli.checkup import examine

    findings = examine(tools_of(ctx))
    for finding in findings:
        if as_json:
            print_json({"use": finding.use, "check": finding.check, "ok": finding.ok, "detail": finding.detail, "mend": finding.mend})
        else:
            mark = "ok     " if finding.ok else "missing" if finding.needed else "better "
            click.echo(f"{mark} {finding.use:12} {finding.check}: {finding.detail}")
            if not finding.ok:
                click.echo(f"{'':20} {finding.mend}")
    ctx.exit(3 if any(finding.needed and not finding.ok for finding in findings) else 0)
