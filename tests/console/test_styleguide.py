"""The style guide shows every component, and what it shows keeps the rules: policy, contrast, weight."""

from __future__ import annotations

import gzip
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from dashboard.accounts.access import Member
from dashboard.console.templatetags import ui
from tests.cast import ClientOf

STATIC = Path(settings.BASE_DIR) / "static"
TOKEN = re.compile(r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\);")
TONES = ("neutral", "info", "progress", "success", "warning", "danger")
TEXT_PAIRS = [
    *((ink, ground) for ink in ("ink", "ink-2", "ink-3") for ground in ("canvas", "surface", "sunken", "hover")),
    *((ink, "selected") for ink in ("ink", "ink-2")),
    *(("accent", ground) for ground in ("canvas", "surface", "sunken", "hover")),
    *((f"{tone}-ink", ground) for tone in TONES for ground in (f"{tone}-soft", "surface", "canvas")),
]
# What must be seen but is not read: borders of controls, the dots and bars that carry a state.
SHAPE_PAIRS = [
    ("control-line", "surface"),
    ("focus", "canvas"),
    *((f"{tone}-dot", "surface") for tone in TONES),
    *((f"{tone}-dot", f"{tone}-soft") for tone in TONES),
]


def luminance(colour: str) -> float:
    channels = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def tokens() -> dict[str, tuple[str, str]]:
    css = (STATIC / "css/tokens.css").read_text()
    return {name: (light, dark) for name, light, dark in TOKEN.findall(css)}


def weight(folder: str, *more: Path) -> int:
    files = (*(STATIC / folder).glob(f"*.{folder}"), *more)
    return sum(len(gzip.compress(path.read_bytes(), 9)) for path in files)


def test_a_member_sees_every_component(client_of: ClientOf, mara: Member) -> None:
    page = client_of(mara).get("/styleguide")
    assert page.status_code == 200
    html = page.content.decode()
    for tag in ("badge", "gauge", "timeline", "field", "dialog", "toast", "empty", "skeleton", "callout", "stepper"):
        assert f'class="{tag}' in html


def test_nothing_on_it_breaks_the_policy(client_of: ClientOf, mara: Member) -> None:
    html = client_of(mara).get("/styleguide").content.decode()
    assert not re.search(r"<[^>]*\s(style|on\w+|hx-on[\w:-]*)=", html)
    assert not re.search(r"<(style|script)>", html)


def test_a_stranger_is_sent_to_sign_in(client: Client, db: None) -> None:
    answer = client.get("/styleguide")
    assert (answer.status_code, answer["Location"]) == (302, "/sign-in?next=/styleguide")


def test_it_can_only_be_read(client_of: ClientOf, mara: Member) -> None:
    assert client_of(mara).post("/styleguide").status_code == 405


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_every_text_can_be_read_on_its_ground(theme: int) -> None:
    known = tokens()
    for pairs, least in ((TEXT_PAIRS, 4.5), (SHAPE_PAIRS, 3.0)):
        weak = {(a, b): round(contrast(known[a][theme], known[b][theme]), 2) for a, b in pairs}
        assert {pair: ratio for pair, ratio in weak.items() if ratio < least} == {}


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("fill", ["accent-fill", "accent-fill-hover", "danger-fill", "danger-fill-hover"])
def test_white_can_be_read_on_every_filled_button(theme: int, fill: str) -> None:
    assert contrast("#ffffff", tokens()[fill][theme]) >= 4.5


def test_styles_and_scripts_stay_light(htmx: Path) -> None:
    assert weight("css") <= 25_000
    assert weight("js", htmx) <= 40_000


@pytest.fixture
def htmx() -> Path:
    import django_htmx

    return Path(django_htmx.__file__).parent / "static/django_htmx/htmx-2.min.js"


def test_the_call_syntax_of_every_tag_is_written_down() -> None:
    told = ui.__doc__ or ""
    assert [tag for tag in ui.register.tags if not re.search(rf"\b{tag}\b", told)] == []
