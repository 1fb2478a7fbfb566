"""The design system's tags. `{% load ui %}` gives them all; this page says how each is called.

Row level (simple tags, fast):
    {% icon "truck" %} {% icon "truck" 20 %}          heroicons, decorative
    {% badge "Delivered" "success" %}                 a tone of ui_atoms.TONES; dot=False id= title=
    {% when at %} {% when at "clock" %}               also "exact", "day"; None is a dash
    {% number 12345 %} {% number n "calls" %}  {% duration seconds %}
    {% mono order.id copy=True short=8 %}  {% copy text %} {% copy text "Copy" %}
    {% select_row order.pk "Select order NW-17" %}    first <td>; with {% select_page %} in the head
Controls:
    {% button "Save" tone="primary" icon="check" %}   submit; a tone of BUTTON_TONES; small=True name=
    {% button "Cancel order" href=url dialog=True %}  link; its page's [data-dialog-content] opens in a dialog
    {% icon_button "pencil-square" "Edit" href=url %}  {% crumb "Orders" url %}
    {% sort_header "Created" "created" %}  {% chip "Status: refused" url %}  {% pager previous next "50 of 10,000+" %}
    {% tabs items "Views" %}                          [{label, url, current, count?, count_id?, tone?}]
    {% stat "Waiting" 12 "since 14:03" href=url tone="warning" id="count-waiting" %}
    {% stepper steps 2 %}  {% toast "Saved" "success" %}
Figures:
    {% gauge "Per second" used limit reserve=1 resets_at=at id="gauge-1s" %}
    {% progress done total "Rows" id="import-progress" %}  {% sparkline values "Calls per minute" %}
    {% bar_chart points "Calls" "calls" %}            points: [(label, value)]
    {% json_view value "Request" %}  {% code_block text "curl" %}
Forms:
    {% form_errors form %}  {% field form.name wide=True %}  {% file_drop form.file ".csv,.xlsx" %}
    {% search_box q "Search orders" %}  {% skeleton 3 %}
Blocks (each ends with its own `end…`):
    page_header title subtitle mark=  card title note flush=True  callout tone title  empty icon title tone
    table label css ("table-cards table-sticky")  empty_row columns  facts lines=True + fact label
    timeline + moment text at= actor= tone=  fieldset legend note  form_actions  filters label  chips clear_url
    bulk_bar noun  menu label icon_name=  dialog id title
"""

from __future__ import annotations

from django import template

from . import ui_atoms, ui_blocks, ui_charts, ui_code, ui_controls, ui_forms

register = template.Library()
for part in (ui_atoms, ui_blocks, ui_charts, ui_code, ui_controls, ui_forms):
    register.tags.update(part.register.tags)
    register.filters.update(part.register.filters)
