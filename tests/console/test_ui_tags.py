"""What the design system's tags promise to the pages that use them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from django import forms
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import timezone

from dashboard.console.templatetags.ui_atoms import relative_text, span_text


def render(source: str, **context: object) -> str:
    return Template("{% load ui %}" + source).render(Context(context))


EVIL = "\"><script>alert('x')</script>"


@pytest.mark.parametrize(
    "source",
    [
        "{% badge x %}",
        "{% mono x copy=True %}",
        "{% copy x 'Copy' %}",
        "{% button x x %}",
        "{% button 'a' title=x %}",
        "{% select_row x x %}",
        "{% chip x x %}",
        "{% toast x 'danger' %}",
        "{% stat x x x href=x id=x %}",
        "{% gauge x 1 2 note=x id=x %}",
        "{% progress 1 2 x %}",
        "{% json_view x x %}",
        "{% code_block x x %}",
        "{% search_box x x %}",
        "{% card x x %}{{ x }}{% endcard %}",
        "{% callout 'info' x %}{{ x }}{% endcallout %}",
        "{% moment x actor=x %}{{ x }}{% endmoment %}",
        "{% fact x %}{{ x }}{% endfact %}",
        "{% page_header x x mark=x %}{{ x }}{% endpage_header %}",
        "{% table x %}{% endtable %}",
        "{% dialog x x %}{{ x }}{% enddialog %}",
        "{% filters x x %}{% endfilters %}",
    ],
)
def test_what_someone_typed_is_never_markup(source: str) -> None:
    html = render(source, x=EVIL)
    assert "<script" not in html
    assert EVIL not in html


def test_an_unknown_tone_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="'green' is unknown"):
        render("{% badge 'Sent' 'green' %}")
    with pytest.raises(ValueError, match="'loud' is unknown"):
        render("{% button 'Send' tone='loud' %}")


def test_nothing_known_is_a_dash_and_never_zero() -> None:
    for tag in ("number", "when", "duration", "mono"):
        assert 'class="dash"' in render("{% " + tag + " x %}", x=None)
    assert ">0<" in render("{% number 0 %}")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "just now"),
        (-1, "now"),
        (42, "42 s ago"),
        (-42, "in 42 s"),
        (60, "1 min ago"),
        (7199, "1 h ago"),
        (-90_000, "in 1 d"),
        (604_800, None),
    ],
)
def test_relative_times(seconds: float, text: str | None) -> None:
    assert relative_text(seconds) == text


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "0 s"), (0.2, "200 ms"), (59.6, "1 min"), (786, "13 min 6 s"), (90_061, "1 d 1 h")]
)
def test_spans_name_their_two_largest_parts(seconds: float, text: str) -> None:
    assert span_text(seconds) == text


def test_a_time_keeps_its_exact_instant() -> None:
    at = datetime(2026, 3, 9, 14, 3, 7, tzinfo=UTC)
    html = render("{% when at 'clock' %}", at=at)
    assert html == '<time datetime="2026-03-09T14:03:07+00:00" title="9 Mar 2026, 14:03:07 UTC">14:03:07</time>'
    assert "data-relative" in render("{% when at %}", at=timezone.now() - timedelta(minutes=5))
    assert render("{% when at %}", at=date(2026, 3, 9)) == '<time datetime="2026-03-09">9 Mar 2026</time>'


def test_a_link_that_opens_a_dialog_still_leads_to_its_page() -> None:
    link = render("{% button 'Cancel' '/c' dialog=True %}")
    assert link.startswith('<a class="button')
    assert 'href="/c"' in link
    assert " data-dialog" in link
    assert 'type="submit"' in render("{% button 'Save' %}")


def test_sorting_turns_round_and_drops_the_cursor() -> None:
    request = RequestFactory().get("/orders?status=refused&sort=created&after=abc")
    html = render("{% sort_header 'Created' 'created' %}{% sort_header 'Key' 'key' %}", request=request)
    assert 'aria-sort="ascending"' in html
    assert "status=refused&amp;sort=-created" in html
    assert "status=refused&amp;sort=key" in html
    assert "after" not in html


@pytest.mark.parametrize(
    ("used", "limit", "tone"), [(3, 15, "calm"), (12, 15, "high"), (15, 15, "full"), (0, 0, "full")]
)
def test_a_gauge_says_how_full_its_window_is(used: int, limit: int, tone: str) -> None:
    html = render("{% gauge 'Per second' used limit %}", used=used, limit=limit)
    assert f"gauge-{tone}" in html
    assert f"{used} of {limit} used" in html


def test_an_answer_that_is_not_json_is_shown_as_it_came() -> None:
    assert "&lt;html&gt;502" in render("{% json_view x %}", x="<html>502")
    html = render("{% json_view x %}", x='{"a":[1,"b",null]}')
    for kind in ("key", "number", "string", "word"):
        assert f'class="code-{kind}"' in html


def test_charts_carry_their_figures_as_text() -> None:
    html = render("{% bar_chart points 'Calls' 'calls' %}", points=[("14:00", 3), ("14:01", 9)])
    assert '<th scope="row">14:01</th><td>9 calls</td>' in html
    assert render("{% sparkline x 'Calls' %}", x=[1]) == ""


class Parcel(forms.Form):
    weight = forms.IntegerField(help_text="In grams.")
    note = forms.CharField(required=False)
    kind = forms.ChoiceField(choices=[("a", "A")], widget=forms.RadioSelect)
    fragile = forms.BooleanField(required=False)


def test_an_error_stands_at_its_field_and_is_announced_with_it() -> None:
    form = Parcel({"weight": "heavy", "kind": "a"})
    html = render("{% form_errors form %}{% field form.weight %}{% field form.note %}", form=form)
    assert "1 field below needs attention" in html
    assert 'aria-invalid="true"' in html
    assert 'id="id_weight_error"' in html
    assert 'id="id_weight_helptext"' in html
    assert html.count("optional") == 2  # the class and the word, for the note alone


def test_groups_and_checks_have_their_own_rows() -> None:
    html = render("{% field form.kind %}{% field form.fragile %}", form=Parcel())
    assert '<legend class="label">Kind' in html
    assert 'class="check"' in html
