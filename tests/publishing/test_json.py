import json
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given, settings

from digest.publishing import render_json
from tests.publishing.examples import REASON, morning
from tests.publishing.hostile import everywhere, hostile_text

SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "digest.schema.json").read_text(encoding="utf-8"))


def test_an_edition_looks_as_reviewed(golden):
    golden("publishing/daily.json", render_json(morning()))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_edition_is_valid_by_the_schema(language):
    jsonschema.validate(json.loads(render_json(morning(language=language))), SCHEMA)


def test_the_schema_refuses_another_version():
    form = json.loads(render_json(morning()))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(form | {"schema": "digest/2"}, SCHEMA)


def test_the_technical_reason_of_a_failure_stays_out():
    text = render_json(morning())
    assert REASON not in text
    assert "HTTP 503" not in text


@settings(max_examples=40)
@given(hostile_text)
def test_any_text_is_valid_json_in_utf_8_and_stays_what_it_was(text):
    said = render_json(everywhere(text)).encode()
    form = json.loads(said)
    jsonschema.validate(form, SCHEMA)
    assert form["papers"][0]["sections"][0]["claims"][0]["quote"] == text.encode("utf-8", "replace").decode()
