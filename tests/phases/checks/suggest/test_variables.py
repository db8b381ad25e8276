"""Variables that a host keeps are looked for by their names; those of a file need a value; nothing prints one."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from phases.checks.suggest.checklist import ListedItem
from phases.checks.suggest.proposal import Proposal
from phases.checks.suggest.rules.entries import has_value, is_set_to
from phases.checks.suggest.variable_values import Valued, in_file, secret_of
from phases.checks.suggest.variables import names_in_item, says_a_value
from tests.worlds.checklists import check_words, suggested

FILE = """\
EMPTY=
QUOTED_EMPTY=""
EXAMPLE="your-key"
#COMMENTED=abc
REMARK=   # to fill in
LATER=TODO
SHOWN=<secret>
DEFAULT=changeme123
PLAIN=abc # of today
export EXPORTED='two words'
SPACED = "https://shop.acme.org"
MODE=production
MODES=staging
"""


def below(heading: str, *items: str, title: str = "Deployment checklist", rest: str = "") -> list[Proposal]:
    listed = "\n".join(f"- [ ] {each}" for each in items)
    return list(suggested(f"# {title}\n\n## {heading}\n\n{listed}\n\n{rest}\n").proposals)


def ends(entry: object) -> tuple[int, str]:
    """The exit code of an entry's command, and all that it prints."""
    assert isinstance(entry, dict)
    done = subprocess.run(["sh", "-c", entry["command"]["run"]], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("heading", "item", "name"),
    [
        ("Render environment variables", "`SHOP_TOKEN`", "render-variable-names-command"),
        ("Railway variables", "`SHOP_TOKEN` - of the shop", "railway-variable-names-command"),
        ("Configuration", "`SHOP_TOKEN` set in Netlify", "netlify-variable-names-command"),
        ("Configuration", "SHOP_TOKEN configured in the hosting platform", "host-variable-names-command"),
        ("Backend on Fly.io", "Set `SHOP_TOKEN`", "fly-io-backend-variable-names-command"),
        ("Frontend (Vercel) variables", "`SHOP_TOKEN` (from Stripe)", "vercel-frontend-variable-names-command"),
        ("Cloud Run", "`SHOP_TOKEN` and `SHOP_KEY` are set", "cloud-run-variable-names-command"),
    ],
)
def test_each_host_is_asked_for_its_names_by_one_command(heading: str, item: str, name: str) -> None:
    (found,) = below(heading, item)
    assert set(found.asks) == {name}
    assert "(and not their values)" in found.asks[name]
    assert "| grep -qwF -- SHOP_TOKEN" in check_words(found)


def test_names_at_one_host_share_a_question_and_those_at_two_do_not() -> None:
    one = below("Railway variables", "`SHOP_TOKEN`", "`SHOP_KEY`")
    assert {name for each in one for name in each.asks} == {"railway-variable-names-command"}
    text = "# Deployment\n\n## Frontend on Vercel\n\n- [ ] `SHOP_URL`\n\n## Backend on Railway\n\n- [ ] `SHOP_URL`\n"
    two = [set(each.asks) for each in suggested(text).proposals]
    assert two == [{"vercel-frontend-variable-names-command"}, {"railway-backend-variable-names-command"}]


@pytest.mark.parametrize(
    ("item", "words"),
    [
        ("`DATABASE_URL` set in Vercel", "command vercel env ls production"),
        ("API_SECRET added to Vercel environment variables", "command vercel env ls production"),
        ("Add `AWS_ACCESS_KEY_ID` to GitHub secrets", "command gh secret list --json name"),
        ("`AWS_KEY_ID` and `AWS_SECRET` set in GitHub", "command gh secret list --json name"),
    ],
)
def test_hosts_that_list_names_by_themselves_are_not_asked_about(item: str, words: str) -> None:
    (found,) = below("Now", item)
    assert check_words(found) == words
    assert found.asks == {}


@pytest.mark.parametrize(
    ("heading", "item"),
    [
        ("Railway variables", "`NODE_ENV=<environment>`"),
        ("Railway variables", "`SHOP_TOKEN=abc`"),
        ("Railway variables", "`SHOP_URL=https://your-shop.org`"),
        ("Railway variables", "`LOG_LEVEL=INFO` or `WARNING`"),
        ("Railway variables", "`SHOP_URL` = the address of the shop"),
        ("Railway variables", "`SHOP_TOKEN` (optional)"),
        ("Railway variables", "`SHOP_TOKEN` (32 characters)"),
        ("Railway variables", "`SHOP_TOKEN` - strong and unique"),
        ("Railway variables", "`SHOP_DEBUG` (not in production)"),
        ("Railway variables", "`SHOP_TOKEN` or `SHOP_KEY` set"),
        ("Railway variables", "Verify `SHOP_TOKEN`"),
        ("Railway variables", "`SHOP_TOKEN` rotated"),
        ("Optional Railway variables", "`SHOP_TOKEN`"),
        ("Railway variables to remove", "`SHOP_TOKEN`"),
        ("Local development (Railway)", "`SHOP_TOKEN`"),
        ("Variables on Render or Railway", "`SHOP_TOKEN`"),
        ("Frontend and backend on Railway", "`SHOP_TOKEN`"),
        ("Constants of the Railway service class", "`SHOP_TOKEN`"),
    ],
)
def test_what_a_name_does_not_show_is_left(heading: str, item: str) -> None:
    assert below(heading, item) == []


@pytest.mark.parametrize(
    ("name", "code"),
    [
        *((each, 1) for each in ("EMPTY", "QUOTED_EMPTY", "EXAMPLE", "COMMENTED", "REMARK", "LATER", "SHOWN")),
        *((each, 1) for each in ("DEFAULT", "MISSING", "PLAI")),
        *((each, 0) for each in ("PLAIN", "EXPORTED", "SPACED", "MODE")),
    ],
)
def test_a_variable_of_a_file_needs_a_value_and_prints_none(tmp_path: Path, name: str, code: int) -> None:
    path = tmp_path / "shop.env"
    path.write_text(FILE, "utf-8")
    assert ends(has_value(str(path), name)) == (code, "")


def test_a_value_is_that_value_and_nothing_longer(tmp_path: Path) -> None:
    path = tmp_path / "shop.env"
    path.write_text(FILE, "utf-8")
    assert ends(is_set_to(str(path), "MODE", "production")) == (0, "")
    assert ends(is_set_to(str(path), "MODE", "prod")) == (1, "")
    assert ends(is_set_to(str(path), "MODES", "production")) == (1, "")
    assert ends(is_set_to(str(path), "COMMENTED", "abc")) == (1, "")


def test_a_name_is_looked_for_as_a_whole_word(tmp_path: Path) -> None:
    (found,) = below("Railway variables", "`SHOP_KEY`")
    run = check_words(found).removeprefix("command ")
    listed = tmp_path / "names"
    listed.write_text("SHOP_KEY_OLD\nMY_SHOP_KEY\n", "utf-8")
    asked = {"command": {"run": run.replace("{railway-variable-names-command}", f"'cat {listed}'")}}
    assert ends(asked) == (1, "")
    listed.write_text("SHOP_KEY_OLD\nSHOP_KEY\n", "utf-8")
    assert ends(asked) == (0, "")


def test_what_an_item_says_of_its_variables() -> None:
    said = names_in_item("**Set** `A_B`, `C_D` and `E_F` in Render")
    assert said is not None
    assert said.names == ("A_B", "C_D", "E_F")
    assert names_in_item("`A_B` is what the team calls it") is None
    assert not says_a_value("- Stripe's key")
    assert says_a_value("(must be long)")


@pytest.mark.parametrize(
    ("heading", "item", "run", "asks"),
    [
        (
            "Railway variables",
            "`NODE_ENV=production`",
            "sh -c {railway-variable-values-command} | tr -d '\"' | grep -qxF -- NODE_ENV=production",
            {"railway-variable-values-command"},
        ),
        (
            "Railway variables",
            "`DEBUG=False` for production",
            "sh -c {railway-variable-values-command} | tr -d '\"' | grep -qxF -- DEBUG=False",
            {"railway-variable-values-command"},
        ),
        (
            "Railway backend variables",
            "`SHOP_URL` set to the production URL",
            "sh -c {railway-backend-variable-values-command} | tr -d '\"' | grep -qxF -- SHOP_URL={shop-url-value}",
            {"railway-backend-variable-values-command", "shop-url-value"},
        ),
    ],
)
def test_a_value_is_compared_where_a_host_keeps_it_and_nothing_is_printed(
    heading: str, item: str, run: str, asks: set[str]
) -> None:
    (found,) = below(heading, item)
    assert found.entry == {"command": {"run": run, "changes": True}}
    assert set(found.asks) == asks


@pytest.mark.parametrize(
    ("line", "is_there"),
    [("SHOP_STAGE=live", True), ('export SHOP_STAGE = "live" # now', True), ("SHOP_STAGE=test", False), ("", False)],
)
def test_a_value_in_a_file_is_compared_without_its_quotes(tmp_path: Path, line: str, is_there: bool) -> None:
    (tmp_path / ".env").write_text(f"A=b\n{line}\n")
    entry = in_file(".env", Valued("SHOP_STAGE", "live", {}, ""))
    command = entry["command"]
    assert isinstance(command, dict)
    ran = subprocess.run(["sh", "-c", str(command["run"])], cwd=tmp_path, capture_output=True, check=False)
    assert (ran.returncode == 0) is is_there
    assert ran.stdout == b""


@pytest.mark.parametrize(
    ("item", "secret"),
    [
        ("Generate a strong JWT secret (`JWT_SECRET`)", ("JWT_SECRET", 16)),
        ("Set strong `POSTGRES_PASSWORD` (min 20 characters)", ("POSTGRES_PASSWORD", 20)),
        ("Generate secure `SHOP_KEY` (`openssl rand -hex 32`)", ("SHOP_KEY", 64)),
        ("`SHOP_KEY` generated (32+ random bytes)", ("SHOP_KEY", 32)),
        ("Generate a strong secret", None),
        ("Generate a strong page (`SHOP_PAGE`)", None),
        ("Set strong `POSTGRES_PASSWORD` (ask Ada)", None),
        ("Rotate `JWT_SECRET`", None),
    ],
)
def test_a_secret_is_looked_at_by_its_length_alone(item: str, secret: tuple[str, int] | None) -> None:
    assert secret_of(ListedItem(1, item)) == secret
