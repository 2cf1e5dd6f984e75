"""Whatever was edited since, a run that goes on from the last publication writes what a whole run writes."""

from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import hypothesis
from hypothesis import HealthCheck, Phase
from hypothesis import strategies as st

from pim.base.database import Database
from pim.base.errors import PimError
from pim.base.settings import Settings
from pim.versioning.model import Edit
from pim.versioning.revert import revert_changeset
from tests.conftest import emptied
from tests.makers import NOW, ORIGIN, a_product, a_product_model, a_small_catalogue, commit, value, values
from tests.syndication.incremental import (
    PRODUCTS,
    assert_as_if_whole,
    both_grains,
    codes_and_beginnings,
)
from tests.versioning import random_edits

HATS = codes_and_beginnings("P", 9, 4)
MODELS = codes_and_beginnings("M", 2, 1, "product_model")
hats, models = st.sampled_from(HATS), st.sampled_from(MODELS)
locales = st.sampled_from(["fr_FR", "en_GB"])
words = st.sampled_from(["one", "two", "three", None])


def a_hat(code: str, **given: Any) -> Edit:
    data = {"name": value(f"Chapeau {code}", "fr_FR") + value(f"Hat {code}", "en_GB")}
    data["price"] = value([{"amount": "10.00", "currency": "EUR"}])
    return a_product(code, family="shoes", categories=["outdoor"], values={**data, **given})


def a_shoe(code: str, model: str, color: str) -> Edit:
    return a_product(code, parent=model, values=values(color=color))


def a_model(code: str) -> Edit:
    price = [{"amount": "90.00", "currency": "EUR"}]
    named = values(name={"fr_FR": f"Modèle {code}", "en_GB": f"Model {code}"}, price=price)
    return a_product_model(code, family="shoes", family_variant="shoes_color", categories=["home"], values=named)


CATALOGUE = [
    *(a_hat(code) for code in HATS[::2]),
    a_model(MODELS[0]),
    a_shoe("V1", MODELS[0], "red"),
    a_shoe("V2", MODELS[0], "blue"),
]

edits = st.one_of(
    random_edits.edits,
    st.builds(a_hat, hats),
    st.builds(lambda code, text, at: a_product(code, values={"name": value(text, at)}), hats, words, locales),
    st.builds(lambda code, day: a_product(code, values=values(release=f"2026-03-{day:02}")), hats, st.integers(1, 20)),
    st.builds(lambda code, tags: a_product(code, values=values(tags=tags)), hats, st.just(["new"])),
    st.builds(lambda code, to: Edit("product", code, {"identifier": to}), hats, hats),
    st.builds(lambda code: Edit("product", code, None), hats),
    st.builds(lambda code, to: a_product(code, associations={"upsell": {"products": [to]}}), hats, hats),
    st.builds(lambda code: a_product(code, groups=["gifts"]), hats),
    st.builds(a_model, models),
    st.builds(a_shoe, st.sampled_from(["V1", "V2", "V3"]), models, st.sampled_from(["red", "blue", "green"])),
    st.builds(lambda code, text: a_product_model(code, values={"name": value(text, "fr_FR")}), models, words),
    st.builds(lambda code: Edit("product_model", code, None), models),
    st.builds(
        lambda code, label: Edit("attribute_option", code, {"labels": {"fr_FR": label}}, owner="color"),
        st.sampled_from(["red", "blue", "white"]), words,
    ),
    st.builds(lambda code, label: Edit("category", code, {"labels": {"en_GB": label}}),
              st.sampled_from(["master", "outdoor", "home"]), words),
    st.builds(lambda code, parent: Edit("category", code, {"parent": parent}),
              st.sampled_from(["boots", "home"]), st.sampled_from(["master", "outdoor"])),
    st.builds(lambda code, place: a_product(code, categories=[place]), hats, st.sampled_from(["boots", "home"])),
    st.just(Edit("category", "boots", None)),
    st.builds(lambda label: Edit("group", "gifts", {"labels": {"fr_FR": label}}), words),
    st.builds(lambda label: Edit("attribute", "color", {"labels": {"fr_FR": label}}), words),
)  # fmt: skip
steps = st.one_of(
    st.tuples(st.just("commit"), st.lists(edits, min_size=1, max_size=4)),
    st.tuples(st.just("commit"), st.lists(edits, min_size=1, max_size=4)),
    st.tuples(st.just("revert"), st.integers(2, 12)),
    st.tuples(st.just("define"), st.sampled_from(["$created", "$updated"])),
    st.tuples(st.just("later"), st.integers(1, 6)),
)


@hypothesis.settings(
    max_examples=5,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@hypothesis.given(batches=st.lists(st.lists(steps, min_size=1, max_size=3), min_size=1, max_size=4))
def test_after_any_edits_an_incremental_run_writes_what_a_whole_run_writes(one_database, settings, batches):
    database = one_database
    emptied(database)
    with TemporaryDirectory(prefix="pim-tests-") as home:
        exports = both_grains(replace(settings, home=Path(home)))
        for changeset in (a_small_catalogue(), CATALOGUE):
            commit(database, *changeset)
        assert_as_if_whole(database, exports)
        clock = NOW
        for batch in batches:
            for what, how in batch:
                clock += timedelta(days=how if what == "later" else 0)
                _do(database, exports, what, how, clock)
            assert_as_if_whole(database, exports)


def _do(database: Database, exports: Settings, what: str, how: Any, clock: datetime) -> None:
    if what == "commit":
        commit(database, *how, at=clock)
    elif what == "define":
        both_grains(exports, {**PRODUCTS, "aisle": {"from": how, "then": [{"truncate": 60}]}})
    elif what == "later":
        commit(database, a_hat(HATS[0], ean=value(str(clock.day))), at=clock)
    else:
        # others may have written since, or there may be no such revision
        with suppress(PimError), database.session() as session:
            revert_changeset(session, how, ORIGIN, clock)
