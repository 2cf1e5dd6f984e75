"""Who may edit and see what, on plain documents."""

from typing import Any

import pytest

from pim.access.model import User
from pim.access.permissions import (
    ALLOWS,
    PUBLISH,
    READ,
    ROLES,
    check_edit,
    check_may,
    check_roles,
    may,
    permission_to_edit,
    visible,
    visible_categories,
    visible_locales,
)
from pim.base.errors import InvalidInput, NotPermitted
from pim.catalog.model import STRUCTURE_KINDS
from tests.access.makers import an_editor
from tests.makers import a_structure, values

SHOP = a_structure()
ONLY_FRENCH = {"locales": ["fr_FR"]}
ONLY_OUTDOOR = {"categories": ["outdoor"]}


def a_user_who_is(*roles: str) -> User:
    return User(1, "camille", frozenset(roles))


def test_a_reader_may_not_publish_and_is_told_who_may() -> None:
    with pytest.raises(NotPermitted, match=r"`camille` \(reader\) may not run and publish exports.*publisher"):
        check_may(a_user_who_is("reader"), PUBLISH)


def test_two_roles_allow_what_either_allows() -> None:
    assert may(a_user_who_is("reader", "publisher"), PUBLISH)
    assert not may(a_user_who_is(), READ)


def test_every_permission_of_a_role_can_be_told() -> None:
    assert set().union(*ROLES.values()) == set(ALLOWS)


def test_an_unknown_role_is_refused_with_the_known_ones() -> None:
    with pytest.raises(InvalidInput, match="role `boss` does not exist; known: administrator"):
        check_roles(["reader", "boss"])


@pytest.mark.parametrize("kind", STRUCTURE_KINDS)
def test_an_editor_edits_of_structure_only_options(kind: str) -> None:
    assert may(a_user_who_is("editor"), permission_to_edit(kind)) == (kind == "attribute_option")
    assert may(a_user_who_is("administrator"), permission_to_edit(kind))


def test_whoever_edits_one_locale_cannot_write_another() -> None:
    editor = an_editor(edit=ONLY_FRENCH)
    check_edit(editor, SHOP, "product", {"values": values(name={"fr_FR": "Tente"})})
    with pytest.raises(NotPermitted, match="may not edit `name` in locale `en_GB`; only: fr_FR"):
        check_edit(editor, SHOP, "product", {"values": values(name={"fr_FR": "Tente", "en_GB": "Tent"})})


def test_a_document_sent_back_whole_counts_only_for_what_it_changes() -> None:
    stored = {"categories": [], "values": values(name={"fr_FR": "Tente", "en_GB": "Tent"}, pages="1")}
    patch = {"values": values(name={"fr_FR": "Tente légère", "en_GB": "Tent"}, pages="1")}
    check_edit(an_editor(edit=ONLY_FRENCH), SHOP, "product", patch, stored)


def test_erasing_a_value_out_of_reach_is_refused() -> None:
    stored = {"values": values(name={"en_GB": "Tent"})}
    with pytest.raises(NotPermitted, match="en_GB"):
        check_edit(an_editor(edit=ONLY_FRENCH), SHOP, "product", {"values": values(name={"en_GB": None})}, stored)


def test_deleting_a_product_takes_the_right_to_edit_all_its_values() -> None:
    editor = an_editor(edit=ONLY_FRENCH)
    check_edit(editor, SHOP, "product", None, {"values": values(name={"fr_FR": "Tente"})})
    with pytest.raises(NotPermitted, match="en_GB"):
        check_edit(editor, SHOP, "product", None, {"values": values(name={"fr_FR": "Tente", "en_GB": "Tent"})})


def test_an_attribute_is_edited_by_those_who_edit_its_group() -> None:
    with pytest.raises(NotPermitted, match="attribute `color` of group `general`; only: pictures"):
        check_edit(an_editor(edit={"attribute_groups": ["pictures"]}), SHOP, "product", {"values": values(color="red")})
    check_edit(an_editor(edit={"attribute_groups": ["general"]}), SHOP, "product", {"values": values(color="red")})


def test_an_option_belongs_to_the_group_of_its_attribute() -> None:
    with pytest.raises(NotPermitted, match="`color` of group `general`"):
        check_edit(
            an_editor(edit={"attribute_groups": ["pictures"]}), SHOP, "attribute_option", {"code": "red"}, owner="color"
        )


@pytest.mark.parametrize(
    ("patch", "held", "refused"),
    [
        ({"enabled": False}, ["outdoor"], None),
        ({"enabled": False}, ["outdoor", "home"], None),
        ({"enabled": False}, [], None),
        ({"enabled": False}, ["home"], "may not edit what is in `home`"),
        (None, ["home"], "may not edit what is in `home`"),
        ({"categories": ["outdoor", "home"]}, ["outdoor"], "add to or remove from `home`"),
        ({"add_categories": ["home"]}, ["outdoor"], "add to or remove from `home`"),
        ({"remove_categories": ["home"]}, ["outdoor", "home"], "add to or remove from `home`"),
        ({"categories": ["outdoor", "home"]}, ["home", "outdoor"], None),
        ({"categories": "odd", "values": ["odd"]}, [], None),
    ],
)
def test_products_are_edited_within_the_categories_of_the_user(
    patch: dict[str, Any] | None, held: list[str], refused: str | None
) -> None:
    editor = an_editor(edit=ONLY_OUTDOOR)
    if refused is None:
        return check_edit(editor, SHOP, "product", patch, {"categories": held})
    with pytest.raises(NotPermitted, match=refused):
        check_edit(editor, SHOP, "product", patch, {"categories": held})
    return None


def test_a_category_stands_for_those_below_it() -> None:
    assert visible_categories(an_editor(view={"categories": ["master"]}), SHOP) == {"master", "outdoor", "home"}
    assert visible_categories(an_editor(), SHOP) is None


def test_nobody_edits_what_they_do_not_see() -> None:
    blind = an_editor(view=ONLY_FRENCH)
    with pytest.raises(NotPermitted, match="en_GB"):
        check_edit(blind, SHOP, "product", {"values": values(name={"en_GB": "Tent"})})


def test_records_are_written_and_seen_in_the_locales_of_the_user() -> None:
    french = [{"locale": "fr_FR", "channel": None, "data": "Fanal"}]
    both = [*french, {"locale": "en_GB", "channel": None, "data": "Fanal Ltd"}]
    editor = an_editor(edit=ONLY_FRENCH, view=ONLY_FRENCH)
    check_edit(editor, SHOP, "record", {"values": {"label": french}}, owner="brand")
    with pytest.raises(NotPermitted, match="may not edit `label` in locale `en_GB`"):
        check_edit(editor, SHOP, "record", {"values": {"label": both}}, owner="brand")
    assert visible_locales(editor, {"label": both, "story": both[1:]}) == {"label": french}


def test_a_reader_sees_neither_other_locales_nor_other_groups() -> None:
    document = {"categories": [], "values": values(name={"fr_FR": "Tente", "en_GB": "Tent"}, color="red")}
    assert visible(an_editor(view=ONLY_FRENCH), SHOP, document) == {
        "categories": [], "values": values(name={"fr_FR": "Tente"}, color="red"),
    }  # fmt: skip
    assert visible(an_editor(view={"attribute_groups": ["pictures"]}), SHOP, document) == {
        "categories": [],
        "values": {},
    }
    assert visible(an_editor(), SHOP, document) is document


def test_what_is_only_in_categories_out_of_view_is_not_there() -> None:
    user = an_editor(view=ONLY_OUTDOOR)
    assert visible(user, SHOP, {"categories": ["home"], "values": {}}) is None
    assert visible(user, SHOP, {"categories": ["home", "outdoor"], "values": {}}) is not None
    assert visible(user, SHOP, {"categories": [], "values": {}}) is not None
