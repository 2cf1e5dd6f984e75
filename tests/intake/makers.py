"""Small Akeneo export sets and NDJSON files, of which a test states only what matters to it."""

import json
from pathlib import Path
from typing import Any

from PIL import Image

from pim.base.database import Database
from pim.base.object_storage import ObjectStorage
from pim.base.settings import Settings
from pim.catalog.model import Document
from pim.catalog.store import product_models, products
from pim.intake.import_path import Watch, import_path
from pim.intake.model import ImportSummary
from pim.intake.sheets.model import ColumnMapping
from pim.versioning.store import current_structure
from tests.makers import NOW

AKENEO = {
    "locales": "code\nfr_FR\nen_GB\nde_DE\n",
    "currencies": "code;activated\nEUR;1\nGBP;1\nUSD;0\n",
    "attribute_groups": "code;sort_order;label-fr_FR\ngeneral;1;Général\n",
    "attributes": (
        "code;type;group;localizable;scopable;unique;useable_as_grid_filter;metric_family;default_metric_unit;"
        "decimals_allowed;allowed_extensions;label-fr_FR;sort_order\n"
        "sku;pim_catalog_identifier;general;0;0;1;1;;;;;Référence;1\n"
        "name;pim_catalog_text;general;1;0;0;1;;;;;Nom;2\n"
        "description;pim_catalog_textarea;general;1;1;0;0;;;;;;3\n"
        "price;pim_catalog_price_collection;general;0;0;0;1;;;1;;Prix;4\n"
        "weight;pim_catalog_metric;general;0;0;0;1;Weight;GRAM;1;;Poids;5\n"
        "pages;pim_catalog_number;general;0;0;0;0;;;0;;Pages;6\n"
        "color;pim_catalog_simpleselect;general;0;0;0;1;;;;;Couleur;7\n"
        "tags;pim_catalog_multiselect;general;0;0;0;0;;;;;;8\n"
        "waterproof;pim_catalog_boolean;general;0;0;0;0;;;;;;9\n"
        "release;pim_catalog_date;general;0;0;0;0;;;;;;10\n"
        "picture;pim_catalog_image;general;0;0;0;0;;;;png;;11\n"
        "ean;pim_catalog_text;general;0;0;1;0;;;;;;12\n"
    ),
    "attribute_options": (
        "code;attribute;sort_order;label-fr_FR\nred;color;1;Rouge\nblue;color;2;Bleu\nnew;tags;1;\nsale;tags;2;\n"
    ),
    "categories": "code;parent;label-fr_FR\ntents;outdoor;Tentes\nmaster;;Catalogue\noutdoor;master\n",
    "channels": (
        "code;label-fr_FR;locales;currencies;tree;conversion_units\n"
        "web;Site;fr_FR,en_GB;EUR,GBP;master;weight:KILOGRAM\n"
    ),
    "association_types": "code;label-fr_FR;two_way;quantified\nupsell;Mieux;0;0\npair;Paire;1;0\nset;Lot;0;1\n",
    "group_types": "code\nrelated\n",
    "groups": "code;type\ngifts;related\n",
    "families": (
        "code;attributes;attribute_as_label;requirements-web;label-fr_FR\n"
        "shoes;sku,name,description,price,weight,color,tags,waterproof,picture,ean;name;sku,name,price;Chaussures\n"
        "books;sku,name,pages,release;name;sku,name;Livres\n"
    ),
    "family_variants": (
        "code;family;variant-axes_1;variant-attributes_1\nshoes_color;shoes;color;color,ean,picture,sku\n"
    ),
    "product_models": (
        "code;family_variant;parent;categories;name-fr_FR;price-EUR\nrunner;shoes_color;;tents;Coureur;59.90\n"
    ),
    "products": (
        "sku;categories;enabled;family;parent;groups;name-fr_FR;name-en_GB;description-fr_FR-web;price-EUR;price-GBP;"
        "weight;weight-unit;color;tags;waterproof;release;pages;picture;ean;upsell-products;set-products;"
        "set-products-quantity\n"
        r"hat;tents,outdoor;1;shoes;;gifts;Chapeau;Hat;Un beau\nchapeau;12.5;10;120;GRAM;red;new,sale;1;;;"
        "files/hat.png;9501;runner-red,hat-box;atlas,hat-box;2|1\n"
        "hat-box;;1;shoes;;;Boîte;;;;;;;;;0;;;;;;;\n"
        "runner-red;;1;;runner;;Coureur;;;59.90;;;;red;;;;;files/hat.png;9502;;;\n"
        "atlas;;0;books;;;Atlas;;;;;;;;;;2026-03-01;320;;;;;\n"
    ),
}  # fmt: skip
"""A whole export, one file a resource."""

Rows = list[list[str]]


def an_akeneo_set(folder: Path, **files: str) -> Path:
    """The set above in `folder`, with a picture; `files` replace some of it, an empty text leaves a file out."""
    (folder / "files").mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (12, 8), "orange").save(folder / "files" / "hat.png")
    for name, text in {**AKENEO, **files}.items():
        if text:
            (folder / f"{name}.csv").write_text(text, "utf-8")
    return folder


def only_products(folder: Path, text: str | bytes) -> Path:
    """A folder with nothing but products.csv, and the picture."""
    folder = an_akeneo_set(folder, **dict.fromkeys(AKENEO, ""))
    (folder / "products.csv").write_bytes(text.encode() if isinstance(text, str) else text)
    return folder


def ndjson(path: Path, *documents: Document) -> Path:
    path.write_text("".join(json.dumps(document) + "\n" for document in documents), "utf-8")
    return path


class Intake:
    """Imports into one database, as a user of one installation."""

    def __init__(self, database: Database, storage: ObjectStorage, settings: Settings) -> None:
        self.database, self.storage, self.settings = database, storage, settings

    def __call__(
        self, path: Path, watch: Watch | None = None, dry_run: bool = False, mapping: ColumnMapping | None = None
    ) -> ImportSummary:
        return import_path(
            self.database, self.storage, path, author="camille", home=self.settings.home, watch=watch, dry_run=dry_run,
            mapping=mapping, clock=lambda: NOW,
        )  # fmt: skip

    def product(self, code: str) -> Document:
        return self.catalogue()["product", code]

    def catalogue(self) -> dict[tuple[str, str], Document]:
        """Every document by kind and code, with associated products by code: equal for equal catalogues."""
        with self.database.session() as session:
            structure = current_structure(session)
            found: dict[tuple[str, str], Any] = {
                (kind, f"{owner}/{code}"): entity.document for (kind, owner, code), entity in structure.entities.items()
            }
            entities = products(session)
            names = {str(entity.uuid): entity.code for entity in entities}
            for entity in [*entities, *product_models(session)]:
                text = json.dumps(entity.document)
                for uuid, name in names.items():
                    text = text.replace(uuid, name)
                found[entity.kind, entity.code] = json.loads(text)
        return {key: _ordered(document) for key, document in found.items()}


def _ordered(document: Any) -> Any:
    """Members of associations are stored in order of their random uuids; by name they are in no order."""
    for name in ("associations", "quantified_associations"):
        for kinds in document.get(name, {}).values():
            for kind, members in kinds.items():
                kinds[kind] = sorted(members, key=str)
    return document
