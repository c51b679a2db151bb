#!/usr/bin/env python3
"""Prints the parameters of a deploy, one `Name=value` a line: those of samconfig.toml, then variables named like a parameter.

    SupabaseUrl=https://abcdefgh.supabase.co scripts/parameters.py dev
    scripts/parameters.py --digest dev       a digest of them and of the template: it changes whenever the functions are told something else
"""

import hashlib
import os
import pathlib
import re
import sys
import tomllib

ROOT = pathlib.Path(__file__).resolve().parent.parent


# No function is told of them.
NOT_TOLD = {"AlarmEmail", "ApiGatewayLogs", "Origins", "ShiftTraffic", "WithPage"}


def quoted(value: str) -> str:
    """As sam takes values apart."""
    if re.fullmatch(r"[^\s\"'\\]+", value):
        return value
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def main() -> None:
    *options, environment = sys.argv[1:]
    config = tomllib.loads((ROOT / "samconfig.toml").read_text(encoding="utf-8"))
    if environment not in config:
        sys.exit(f"samconfig.toml knows no environment {environment}")
    values = dict(pair.split("=", 1) for pair in config[environment]["deploy"]["parameters"]["parameter_overrides"])
    template = (ROOT / "template.yaml").read_text(encoding="utf-8")
    section = template.split("\nParameters:\n", 1)[1].split("\nRules:\n", 1)[0]
    for name in re.findall(r"^  (\w+):$", section, re.MULTILINE):
        if os.environ.get(name):
            values[name] = os.environ[name]
    if options == ["--digest"]:
        told = sorted(item for item in values.items() if item[0] not in NOT_TOLD)
        print(hashlib.sha256(repr((told, template)).encode()).hexdigest()[:16])
    else:
        print("\n".join(f"{name}={quoted(value)}" for name, value in values.items()))


if __name__ == "__main__":
    main()
