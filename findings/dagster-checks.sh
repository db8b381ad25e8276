#!/bin/sh
# Blocking asset checks of Dagster: what they return, and whether what is behind them goes on.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check dagster==1.13.29
"$work/venv/bin/python" -W ignore - <<'END'
import logging

from dagster import (
    AssetCheckResult,
    AssetCheckSeverity,
    AssetCheckSpec,
    asset,
    asset_check,
    materialize,
    multi_asset_check,
)

logging.disable(logging.CRITICAL)


@asset
def table():
    return 1


@asset(deps=[table])
def report():
    return 1


def returns(value):
    @asset_check(asset=table, blocking=True)
    def rows():
        return value

    return rows


def raises():
    @asset_check(asset=table)
    def rows():
        raise ValueError("no rows")

    return rows


def yields_nothing():
    @multi_asset_check(specs=[AssetCheckSpec("rows", asset=table, blocking=True)])
    def rows():
        return

    return rows


no = AssetCheckResult(passed=False)
warns = AssetCheckResult(passed=False, severity=AssetCheckSeverity.WARN)
cases = [  # the check, whether the run succeeds, whether the report is made, what is known of the check
    ("blocking, says passed=False", returns(no), False, False, [False]),
    ("blocking, returns False", returns(False), True, True, []),
    ("blocking, returns None", returns(None), True, True, []),
    ("blocking, returns 'no rows'", returns("no rows"), True, True, []),
    ("blocking, of several, yields none", yields_nothing(), True, True, []),
    ("blocking, says passed=False with severity WARN", returns(warns), True, True, [False]),
    ("not blocking, raises", raises(), False, True, []),
]
print("dagster 1.13.29: a table, a check of it, and a report that is made of the table")
for what, check, succeeds, made, known in cases:
    run = materialize([table, report, check], raise_on_error=False)
    there = "report" in [each.asset_key.to_user_string() for each in run.asset_materializations_for_node("report")]
    said = [each.passed for each in run.get_asset_check_evaluations()]
    print(
        f"{what}: run {'succeeds' if run.success else 'fails'}, report {'made' if there else 'not made'}, evaluations {said}"
    )
    assert (run.success, there, said) == (succeeds, made, known), what
END
