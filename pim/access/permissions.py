"""What a user may do: by role, and by attribute group, locale and category. The one place that decides it."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pim.access.model import User
from pim.base.errors import InvalidInput, NotPermitted, Violation, known
from pim.catalog.linked import LINKED
from pim.catalog.model import ASSET, PRODUCT, PRODUCT_MODEL, RECORD, Document
from pim.catalog.structure import Structure

READ = "read"
EDIT_PRODUCTS = "edit_products"
EDIT_STRUCTURE = "edit_structure"
PUBLISH = "publish"
REVIEW = "review"
REVERT = "revert"
ADMINISTER = "administer"

ROLES: dict[str, frozenset[str]] = {
    "reader": frozenset({READ}),
    "editor": frozenset({READ, EDIT_PRODUCTS}),
    "publisher": frozenset({READ, EDIT_PRODUCTS, PUBLISH, REVIEW}),
    "administrator": frozenset({READ, EDIT_PRODUCTS, EDIT_STRUCTURE, PUBLISH, REVIEW, REVERT, ADMINISTER}),
}
"""Editors write products, product models, media, options, records and assets; publishers run, approve and roll back
exports, and approve and apply drafts, too; structure and users are for administrators."""

ALLOWS = {
    READ: "read the catalogue",
    EDIT_PRODUCTS: "edit products",
    EDIT_STRUCTURE: "edit the catalogue's structure",
    PUBLISH: "run and publish exports",
    REVIEW: "approve, reject and apply drafts",
    REVERT: "revert what others did",
    ADMINISTER: "administer users and connections",
}

EDITED_WITH_PRODUCTS = frozenset({PRODUCT, PRODUCT_MODEL, "media_file", "attribute_option", RECORD, ASSET})
"""Kinds of entities whose editing takes no more than EDIT_PRODUCTS."""


def check_roles(roles: Iterable[str]) -> list[str]:
    """Raises InvalidInput when a role does not exist, or there is none."""
    wanted = sorted(set(roles))
    unknown = [role for role in wanted if role not in ROLES]
    if unknown or not wanted:
        message = f"role `{unknown[0]}` does not exist" if unknown else "a user needs a role"
        raise InvalidInput([Violation("roles", "unknown_role", f"{message}; {known(ROLES)}")])
    return wanted


def may(user: User, permission: str) -> bool:
    return any(permission in ROLES.get(role, ()) for role in user.roles)


def check_may(user: User, permission: str) -> None:
    """Raises NotPermitted, which names the roles that would do."""
    if not may(user, permission):
        able = ", ".join(role for role, permissions in ROLES.items() if permission in permissions)
        own = ", ".join(sorted(user.roles))
        raise NotPermitted(
            f"user `{user.username}` ({own}) may not {ALLOWS[permission]}; ask an administrator for one of: {able}"
        )


def permission_to_edit(kind: str) -> str:
    """`kind` as in an edit: `product`, `family`, …"""
    return EDIT_PRODUCTS if kind in EDITED_WITH_PRODUCTS else EDIT_STRUCTURE


def check_edit(
    user: User,
    structure: Structure,
    kind: str,
    patch: Document | None,
    stored: Document | None = None,
    owner: str = "",
) -> None:
    """Whether this edit (None deletes) of `stored` (None: a new one; of a variant, its own or its merged document) is
    within the user's role and limits. Raises NotPermitted otherwise.

    Only what would differ counts: a document that was read, changed and sent back whole passes.
    """
    check_may(user, permission_to_edit(kind))
    if user.view.is_everything and user.edit.is_everything:
        return
    if kind == "attribute_option":
        _check_group(user, structure, owner)
    if kind in LINKED:
        for attribute, entry in _changed_values(patch, stored or {}):
            _check_locale(user, attribute, entry.get("locale"))
    if kind in (PRODUCT, PRODUCT_MODEL):
        _check_categories(user, structure, patch, stored or {})
        for attribute, entry in _changed_values(patch, stored or {}):
            _check_group(user, structure, attribute)
            _check_locale(user, attribute, entry.get("locale"))


def visible(user: User, structure: Structure, document: Document) -> Document | None:
    """The (merged) document of a product or product model as this user sees it: without the values out of their view,
    or None when all its categories are."""
    if user.view.is_everything:
        return document
    categories = visible_categories(user, structure)
    held = document.get("categories") or ()
    if categories is not None and held and categories.isdisjoint(held):
        return None
    kept = {
        attribute: entries
        for attribute, all_entries in (document.get("values") or {}).items()
        if _within(user.view.attribute_groups, _group(structure, attribute))
        and (entries := [one for one in all_entries if _sees_locale(user, one["locale"])])
    }
    return {**document, "values": kept}


def visible_attributes(user: User, structure: Structure) -> frozenset[str] | None:
    """The attributes whose values this user sees; None is all."""
    groups = user.view.attribute_groups
    return None if groups is None else frozenset(a.code for a in structure.attributes.values() if a.group in groups)


def visible_locales(user: User, values: Mapping[str, Any]) -> dict[str, Any]:
    """The values of a record or an asset as this user sees them: attribute groups and categories do not reach them."""
    if user.view.locales is None:
        return dict(values)
    seen = {code: [one for one in entries if _sees_locale(user, one["locale"])] for code, entries in values.items()}
    return {code: entries for code, entries in seen.items() if entries}


def visible_categories(user: User, structure: Structure) -> frozenset[str] | None:
    """The categories whose products this user sees, with those below them; None is all. Products without a category
    are seen by everybody."""
    return _with_children(user.view.categories, structure)


def _check_categories(user: User, structure: Structure, patch: Document | None, stored: Document) -> None:
    """What is classified only out of reach is not edited, and nothing is moved into or out of what is out of reach."""
    editable = _narrowed(
        _with_children(user.view.categories, structure), _with_children(user.edit.categories, structure)
    )
    if editable is None:
        return
    held = set(stored.get("categories") or ())
    if held and editable.isdisjoint(held):
        raise NotPermitted(f"user `{user.username}` may not edit what is in {_listed(held)}; {_only(editable)}")
    moved = _categories_after(patch, held) ^ held if patch is not None else set()
    if beyond := moved - editable:
        raise NotPermitted(f"user `{user.username}` may not add to or remove from {_listed(beyond)}; {_only(editable)}")


def _categories_after(patch: Document, held: set[str]) -> set[str]:
    """Also when the patch is too odd to be true: whoever applies it says so."""
    replaced, added, removed = (patch.get(name) for name in ("categories", "add_categories", "remove_categories"))
    after = set(_codes(replaced)) if "categories" in patch else set(held)
    return (after | set(_codes(added))) - set(_codes(removed))


def _codes(data: Any) -> Iterator[str]:
    yield from (code for code in data if isinstance(code, str)) if isinstance(data, list) else ()


def _changed_values(patch: Document | None, stored: Document) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """(attribute, value) of what the edit would change; a deletion takes every value."""
    before: Mapping[str, Any] = stored.get("values") or {}
    after = before if patch is None else patch.get("values")
    for attribute, entries in after.items() if isinstance(after, Mapping) else ():
        for entry in entries if isinstance(entries, list) else ():
            if isinstance(entry, Mapping) and (patch is None or not _is_there(entry, before.get(attribute, ()))):
                yield attribute, entry


def _is_there(entry: Mapping[str, Any], stored: Iterable[Mapping[str, Any]]) -> bool:
    place = (entry.get("locale"), entry.get("scope", entry.get("channel")))
    return any((one["locale"], one["scope"]) == place and one["data"] == entry.get("data") for one in stored)


def _check_group(user: User, structure: Structure, attribute: str) -> None:
    group = _group(structure, attribute)
    for reach in (user.view, user.edit):
        if not _within(reach.attribute_groups, group):
            raise NotPermitted(
                f"user `{user.username}` may not edit attribute `{attribute}` of group `{group}`; "
                f"{_only(reach.attribute_groups or ())}"
            )


def _check_locale(user: User, attribute: str, locale: Any) -> None:
    for reach in (user.view, user.edit):
        if isinstance(locale, str) and not _within(reach.locales, locale):
            raise NotPermitted(
                f"user `{user.username}` may not edit `{attribute}` in locale `{locale}`; {_only(reach.locales or ())}"
            )


def _sees_locale(user: User, locale: str | None) -> bool:
    return locale is None or _within(user.view.locales, locale)


def _group(structure: Structure, attribute: str) -> str | None:
    found = structure.attributes.get(attribute)
    return found.group if found else None


def _within(codes: frozenset[str] | None, code: str | None) -> bool:
    return codes is None or code in codes


def _narrowed(one: frozenset[str] | None, other: frozenset[str] | None) -> frozenset[str] | None:
    return other if one is None else one if other is None else one & other


def _with_children(codes: frozenset[str] | None, structure: Structure) -> frozenset[str] | None:
    if codes is None:
        return None
    found, waiting = set(codes), list(codes)
    while waiting:
        below = [child for child in structure.children.get(waiting.pop(), ()) if child not in found]
        found.update(below)
        waiting.extend(below)
    return frozenset(found)


def _listed(codes: Iterable[str]) -> str:
    return ", ".join(f"`{code}`" for code in sorted(codes))


def _only(codes: Iterable[str]) -> str:
    return f"only: {', '.join(sorted(codes)) or 'nothing'}"
