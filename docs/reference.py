"""Write the parts of the documentation that the program itself knows: ``python docs/reference.py [--check]``.

``docs/commands.md`` is every ``--help``, ``docs/digest.schema.json`` the form of ``digest.json``; in both READMEs the tables
between markers list the commands and the models. With ``--check`` nothing is written, and what is out of date is shown (exit code 1).
"""

from __future__ import annotations

import argparse
import difflib
import json
import re
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from digest.cli import main as digest
from digest.publishing.jsonform import json_schema

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parent.parent
_WIDTH = 100  # characters of a help page, whatever the terminal
_SHOWN_LINES = 20  # of a difference

COMMANDS_ZH = {
    "digest run": "一条命令做完一天的日报：获取、排序、下载、通读、分析、出版。",
    "digest batch": "成百上千篇一起分析：用上全部处理器和每一块 GPU；随时停下，同一条命令接着做，最后出一期日报。",
    "digest fetch": "向各来源要新论文，保存元数据；--pdfs 连同全文下载，之后可离线运行。",
    "digest show": "在终端里看日报：最新一期、某一天的一期，或其中一篇论文。",
    "digest render": "不用模型，从库里重新排版以往的日报。",
    "digest rank": "按兴趣画像给论文打 0–100 分，由高到低，并附理由。",
    "digest read": "通读 PDF：按阅读顺序的正文、章节、段落、图、隐藏文字与提取质量。",
    "digest analyse": "分析一篇论文：PDF 文件、库里的论文，或 arXiv 编号。",
    "digest search": "在读过的全部段落里检索，兼顾语义与字面。",
    "digest similar": "按摘要的语义，在库里找与某篇最接近的论文。",
    "digest serve": "在浏览器里阅读：按日期的日报、论文与原文并排、边输入边检索、一点喜欢就重新排序。",
    "digest like": "告诉程序这几篇值得读：以后相近的论文排得更靠前。",
    "digest dislike": "告诉程序这几篇不值得读：以后相近的论文排得更靠后。",
    "digest profile show": "显示画像是怎样被理解的：拿什么词去比较，中文怎样解读，哪些论文认得。",
    "digest profile import": "用文献库的导出（.bib、.ris、.json）或一列 arXiv 编号生成画像：按语义分组，以特有的术语命名。",
    "digest profile check": "找出互相重叠、在库里什么都不符合或什么都符合的兴趣，以及不认得的论文。",
    "digest profile backtest": "藏起喜欢过的论文再排序，说明会漏掉哪些：只用画像，以及加上反馈。",
    "digest models list": "列出全部已知模型，以及哪些已安装。",
    "digest models pull": "从 HuggingFace 下载模型（支持续传），并核对 sha256。",
    "digest models add": "使用本机上已有的 GGUF 文件。",
    "digest models tune": "测量模型在本机上的最快运行方式，并记住它：默认是嵌入模型，也可以指定写作模型。",
    "digest models eval": "用示例论文评测写作模型：已核对的比例、错误的数字、语言、覆盖率和速度，是否适合作默认模型。",
    "digest models verify": "重新计算已安装模型的 sha256，与模型卡核对。",
    "digest index stats": "统计库里有多少东西。",
    "digest index check": "检查崩溃或磁盘造成的问题，能修的修好，修不了的说明（退出码 1）。",
    "digest index backup": "把数据库此刻的样子复制到一个文件，别的命令可以照常运行。",
    "digest index rebuild": "从数据库重建全文索引和向量索引；算过的向量直接取用。",
    "digest bundle export": "把选中的论文连同 PDF、全文与分析打成一个带校验的文件，带到没有网络的机器。",
    "digest bundle import": "先整体校验，再收下这里还没有的；残缺或被改动的文件一概拒绝。",
    "digest export": "把论文导出为 BibTeX、RIS、CSL-JSON 或 Obsidian 笔记：点名的，或在日报里见过、分析过、喜欢过的。",
    "digest send": "把一期日报用邮件发出去：内嵌图片，另附纯文本；密码只从环境变量读取。",
    "digest review": "回顾一周或一个月：什么在升温，什么反复出现，你喜欢过什么，哪些最相关；有会写中文的模型时再加几句。",
    "digest library stats": "说明库里有什么：每周论文数、分数、主题及其走势；可画成 SVG 或 PNG。",
    "digest schedule": "打印每天定时运行所需的 systemd、cron 或 launchd 配置。",
    "digest init": "把一个目录变成工作区：写入带注释的 digest.toml 与 profile.toml。",
    "digest doctor": "说明这台机器上每种用法还缺什么，以及补齐它的命令。",
}
MODELS_ZH = {
    "smollm2-135m": "随程序安装的演示模型：英文流畅，事实常错。用来看流程，不代表质量。",
    "qwen3-4b": "8 GB 内存的笔记本。不产生思考过程。",
    "qwen3-8b": "16 GB 内存。模板支持思考，本程序将其关闭。",
    "qwen3-30b-a3b": "24 GB 以上显存：每步只激活 3B 参数，所以快。",
    "qwen3-32b": "40 GB 以上显存。模板支持思考，本程序将其关闭。",
}


def commands(command: click.Command = digest, path: str = "digest") -> Iterator[tuple[str, click.Command]]:
    """*command* and everything below it, each with the words that call it, groups before their members."""
    yield path, command
    if isinstance(command, click.Group):
        context = click.Context(command, info_name=path)
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            assert below is not None
            yield from commands(below, f"{path} {name}")


def leaves() -> dict[str, click.Command]:
    """The commands that do something themselves."""
    return {path: command for path, command in commands() if not isinstance(command, click.Group)}


def command_page() -> str:
    """``docs/commands.md``."""
    parts = ["# Commands\n\nWritten by `make docs` from `--help`; do not edit.\n"]
    for path, command in commands():
        context = click.Context(command, info_name=path, terminal_width=_WIDTH, help_option_names=["-h", "--help"])
        parts.append(f"\n## {path}\n\n```text\n{command.get_help(context)}\n```\n")
    return "".join(parts)


def command_table(language: str) -> str:
    """Every command and what it does, in one sentence."""
    rows = {path: COMMANDS_ZH[path] if language == "zh" else _first_sentence(command) for path, command in leaves().items()}
    head = "| 命令 | 作用 |" if language == "zh" else "| command | what it does |"
    return "\n".join([head, "|---|---|", *(f"| `{path}` | {text} |" for path, text in rows.items())])


def chat_models() -> dict[str, dict[str, Any]]:
    """The cards of ``models/registry.toml`` whose model writes."""
    cards = tomllib.loads((ROOT / "models" / "registry.toml").read_text(encoding="utf-8"))
    return {model_id: card for model_id, card in cards.items() if card["role"] == "chat"}


def model_table(language: str) -> str:
    """Every model that writes: what it needs and what it is good for."""
    head = "| id | 模型 | 语言 | 内存 | 适用 |" if language == "zh" else "| id | model | writes | memory | for what |"
    rows = []
    for model_id, card in chat_models().items():
        notes = MODELS_ZH[model_id] if language == "zh" else card["notes"]
        rows.append(f"| `{model_id}` | {card['title']} | {'/'.join(card['languages'])} | {card['memory_gb']} GB | {notes} |")
    return "\n".join([head, "|---|---|---|---|---|", *rows])


def documents() -> dict[Path, str]:
    """Every generated file as it should be.

    Raises:
        SystemExit: a command or a model has no Chinese line, a line has none of those, or a README lacks a marker.
    """
    for known, translated in ((leaves().keys(), COMMANDS_ZH.keys()), (chat_models().keys(), MODELS_ZH.keys())):
        if odd := known ^ translated:
            sys.exit(f"docs/reference.py: mend the Chinese lines of {', '.join(sorted(odd))}")
    found = {
        ROOT / "docs" / "commands.md": command_page(),
        ROOT / "docs" / "digest.schema.json": json.dumps(json_schema(), ensure_ascii=False, indent=1) + "\n",
    }
    for name, language in (("README.md", "en"), ("README.zh-CN.md", "zh")):
        text = (ROOT / name).read_text(encoding="utf-8")
        for mark, table in (("commands", command_table(language)), ("models", model_table(language))):
            text = _filled(text, mark, table, name)
        found[ROOT / name] = text
    return found


def main() -> None:
    """Write the files, or only tell which of them are out of date."""
    parser = argparse.ArgumentParser(description="Write docs/commands.md and the tables of the READMEs.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit with 1 when something is out of date")
    check = parser.parse_args().check
    stale = {path: text for path, text in documents().items() if not path.is_file() or path.read_text(encoding="utf-8") != text}
    for path, text in stale.items():
        name = str(path.relative_to(ROOT))
        if check:
            now = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
            print(*list(difflib.unified_diff(now, text.splitlines(), name, "as it should be", n=0, lineterm=""))[:_SHOWN_LINES], sep="\n")
        else:
            path.write_text(text, encoding="utf-8")
            print(f"written {name}")
    if check and stale:
        sys.exit("out of date: run `make docs`")


def _first_sentence(command: click.Command) -> str:
    paragraph = " ".join((command.help or "").partition("\n\n")[0].split())
    return re.split(r"(?<=\.) ", paragraph, maxsplit=1)[0]


def _filled(text: str, mark: str, table: str, name: str) -> str:
    """*text* with *table* between ``<!-- mark -->`` and ``<!-- /mark -->``."""
    between = re.compile(rf"(<!-- {mark} -->\n).*?(<!-- /{mark} -->)", re.DOTALL)
    if len(between.findall(text)) != 1:
        sys.exit(f"{name}: <!-- {mark} --> and <!-- /{mark} --> must stand there once, in this order")
    return between.sub(lambda match: f"{match[1]}{table}\n{match[2]}", text)


if __name__ == "__main__":
    main()
