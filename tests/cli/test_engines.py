"""Engines by name on the command line, a run that is killed between two sections, and what is chosen when nothing is."""

import json
import signal
import sqlite3
import subprocess
import sys

import pytest

from digest.library.store import NAME
from tests.analysing.modelserver import CHAT, serve
from tests.loopback import LoopbackServer

TWO = """
title = { zh = "小样", en = "Tiny" }
[[section]]
id = "first"
title = { zh = "一", en = "One" }
question = { zh = "甲？", en = "First?" }
evidence = "we propose"
parts = ["abstract"]
kind = "prose"
max_tokens = 48
[[section]]
id = "second"
title = { zh = "二", en = "Two" }
question = { zh = "乙？", en = "Second?" }
evidence = "we propose"
parts = ["conclusion"]
kind = "prose"
max_tokens = 48
"""
GOOD = "Sharp Steps 在 DIV2K 上达到 30.88 dB。"


def configure(workspace, url: str) -> None:
    settings = (workspace / "digest.toml").read_text(encoding="utf-8").replace("[analysis]", f'[analysis]\nserver_urls = ["{url}"]')
    (workspace / "digest.toml").write_text(settings.replace("1024", "4096"), encoding="utf-8")
    (workspace / "prompts" / "tiny" / "style.toml").write_text(TWO, encoding="utf-8")


def test_a_run_that_is_killed_asks_again_only_what_it_was_working_on(workspace, papers):
    killed: list[int] = []

    def say(body):
        if "乙？" in body["messages"][1]["content"] and not killed:
            killed.append(running.pid)
            running.send_signal(signal.SIGKILL)
            running.wait()
        return GOOD

    paper = str(papers / "sharp.pdf")
    command = [sys.executable, "-m", "digest.cli", "--workspace", str(workspace), "analyse", paper, "--engine", "server", "--json"]
    with LoopbackServer() as server:
        configure(workspace, serve(server, say))
        running = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        _, told = running.communicate(timeout=120)
        assert running.returncode == -signal.SIGKILL, told.decode()
        with sqlite3.connect(workspace / "index" / NAME) as db:
            assert db.execute("SELECT id FROM section").fetchall() == [("first",)]
        before = len(server.asked(CHAT))
        running = subprocess.Popen(command, stdout=subprocess.PIPE)
        made = json.loads(running.communicate(timeout=120)[0])
        again = [json.loads(request.body)["messages"][1]["content"] for request in server.asked(CHAT)[before:]]
    assert [section["status"] for section in made["sections"]] == ["ok", "ok"]
    assert len(again) == 1
    assert "乙？" in again[0]
    with sqlite3.connect(workspace / "index" / NAME) as db:
        assert db.execute("SELECT count(*) FROM section").fetchone() == (0,)


def test_a_failed_section_alone_is_asked_again_at_the_next_call_with_another_seed(digest, workspace, papers):
    seeds = []

    def say(body):
        seeds.append((body["seed"], "乙？" in body["messages"][1]["content"]))
        return "None" if seeds[-1][1] and body["seed"] < 1000 else GOOD

    with LoopbackServer() as server:
        configure(workspace, serve(server, say))
        assert digest("analyse", papers / "sharp.pdf", "--engine", "server").exit_code == 4
        assert digest("analyse", papers / "sharp.pdf", "--engine", "server").exit_code == 0
    assert seeds == [(7, False), (7, True), (8, True), (1007, True)]


def test_offline_a_server_on_this_machine_is_used_and_another_is_not(digest, workspace, papers):
    with LoopbackServer() as server:
        configure(workspace, serve(server, lambda body: GOOD))
        assert digest("analyse", papers / "sharp.pdf", "--offline").exit_code == 0
        assert server.asked(CHAT)
    configure_remote = (workspace / "digest.toml").read_text(encoding="utf-8").replace(server.url, "http://192.0.2.1")
    (workspace / "digest.toml").write_text(configure_remote, encoding="utf-8")
    refused = digest("analyse", papers / "blur.pdf", "--offline", "--engine", "server")
    assert refused.exit_code == 1
    assert "--offline" in refused.stderr


@pytest.mark.parametrize("style", ["daily", "method"])
def test_without_a_model_the_digest_quotes_and_says_so(digest, workspace, papers, style):
    made = digest("run", "--source", papers, "--engine", "extractive", "--style", style, "--date", "2026-11-20", "--json", "--quiet")
    assert made.exit_code == 0, made.output
    page = (workspace / "digests" / "2026-11-20" / "digest.md").read_text(encoding="utf-8")
    assert "超分辨率" in page
    assert "“We propose" in page
    assert "没有可用的语言模型" in page


def test_a_server_that_is_not_configured_is_a_usage_error(digest, workspace, papers):
    assert digest("analyse", papers / "sharp.pdf", "--engine", "server").exit_code == 2
