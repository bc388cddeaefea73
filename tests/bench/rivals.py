"""The programs that ours is measured against, brought where they can be had."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

_NODEMAILER = "nodemailer@10.6.0"
_CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "smtp-workbench-tests"


def nodemailer() -> dict[str, str] | None:
    """Return the environment in which `node` finds Nodemailer; None without Node.js and npm."""
    folder = _CACHE / "nodemailer"
    if shutil.which("node") is None or not _installed(folder):
        return None
    return {**os.environ, "NODE_PATH": str(folder / "node_modules")}


def _installed(folder: Path) -> bool:
    manifest = folder / "node_modules/nodemailer/package.json"
    version = _NODEMAILER.partition("@")[2]
    if manifest.is_file() and json.loads(manifest.read_text())["version"] == version:
        return True
    npm = shutil.which("npm")
    if npm is None:
        return False
    folder.mkdir(parents=True, exist_ok=True)
    options = ["--omit=optional", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    command = [npm, "install", "--prefix", str(folder), *options, _NODEMAILER]
    return subprocess.run(command, check=False, stdout=sys.stderr).returncode == 0
