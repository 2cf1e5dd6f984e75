"""What the benchmark's catalogue is made of: kinds of product of the demo catalogue's families, and words for them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

Draw = Callable[[Random], Any]
"""Data for one attribute of one product."""


@dataclass(frozen=True, slots=True)
class Line:
    """Products of one family that share their nouns, categories and pictures. `own` is what only they have; a line with
    a `family_variant` comes as product models, split by `axes` (one entry a level, with the options it takes)."""

    family: str
    nouns: Mapping[str, str]
    categories: list[str]
    pictures: list[str]
    own: Mapping[str, Draw] = field(default_factory=dict)
    family_variant: str | None = None
    axes: tuple[tuple[str, tuple[str, ...]], ...] = ()


def measure(unit: str, least: int, most: int, divisor: int = 1) -> Draw:
    """A measure between `least` and `most` divided by `divisor`."""

    def draw(random: Random) -> dict[str, str]:
        return {"amount": f"{random.randint(least, most) / divisor:g}", "unit": unit}

    return draw


def number(least: int, most: int) -> Draw:
    return lambda random: random.randint(least, most)


def one_of(*options: str) -> Draw:
    return lambda random: random.choice(options)


def some_of(*options: str) -> Draw:
    return lambda random: sorted(random.sample(options, random.randint(1, 2)))


BRANDS = (
    "altaterre",
    "nivose",
    "pas_du_loup",
    "grand_grain",
    "lumivere",
    "vieux_quai",
    "maison_sauvette",
    "cap_refuge",
)
MATERIALS = ("polyester", "nylon", "cotton", "wool", "merino", "leather", "aluminium", "stainless_steel", "wood")
ORIGINS = ("FR", "IT", "PT", "ES", "AT", "CZ", "RO", "VN")
COLORS = ("black", "grey", "sand", "green", "blue", "navy", "red", "orange")

SIMPLE_LINES = (
    Line(
        "tents", {"fr_FR": "Abri", "en_GB": "Shelter"}, ["camping_shelters", "cp_dormir_toit", "rayon_a"],
        ["tarp_clairiere", "abri_mono", "tente_crete"],
        {"capacity_persons": number(1, 6), "season": one_of("summer", "three_season", "four_season"),
         "floor_area": measure("SQUARE_METER", 15, 90, 10), "waterproof_rating": number(1500, 6000)},
    ),
    Line(
        "sleeping_bags", {"fr_FR": "Duvet", "en_GB": "Sleeping bag"},
        ["camping_sleeping_bags", "cp_dormir_lit", "rayon_a"], ["sac_couchage_combe", "sac_couchage_vallot"],
        {"comfort_temperature": measure("CELSIUS", -12, 12), "limit_temperature": measure("CELSIUS", -20, 5),
         "fill_power": number(550, 850), "season": one_of("summer", "three_season", "four_season")},
    ),
    Line(
        "backpacks", {"fr_FR": "Sac", "en_GB": "Pack"}, ["hiking_packs", "cp_marcher_dos", "rayon_b"],
        ["sac_sentier_black", "sac_transhumance_green", "sac_marmotte_red"],
        {"volume": measure("LITER", 12, 70), "waterproof_rating": number(1500, 6000)},
    ),
    Line(
        "lamps", {"fr_FR": "Lanterne", "en_GB": "Lantern"}, ["light_lanterns", "cp_lumiere", "rayon_e"],
        ["lanterne_veillee_green", "frontale_nocturne", "guirlande_solaire"],
        {"luminous_flux": measure("LUMEN", 80, 900), "power": measure("WATT", 2, 20),
         "battery_life": measure("HOUR", 4, 90), "energy_class": one_of("A", "B", "C", "D")},
    ),
    Line(
        "cookware", {"fr_FR": "Bouilloire", "en_GB": "Kettle"}, ["table_cookware", "cp_feu_cuisine", "rayon_f"],
        ["bouilloire_fanal", "popote_quatuor", "cafetiere_moka"],
        {"volume": measure("LITER", 5, 40, 10), "diameter": measure("CENTIMETER", 8, 32)},
    ),
    Line(
        "foods", {"fr_FR": "Biscuit", "en_GB": "Biscuit"}, ["pantry_snacks", "cp_feu_epicerie", "rayon_g"],
        ["barre_avoine", "amandes_grillees", "miel_lavande"],
        {"net_weight": measure("GRAM", 40, 900), "allergens": some_of("gluten", "milk", "nuts", "sesame"),
         "best_before_days": number(60, 720), "certifications": some_of("organic", "fair_trade")},
    ),
    Line(
        "books", {"fr_FR": "Guide", "en_GB": "Guide"}, ["reading_guides", "cp_livres", "rayon_h"],
        ["livre_refuges", "livre_foret", "livre_noeuds"],
        {"publisher": one_of("Éditions du Col", "Le Cairn"), "author": one_of("A. Maurel", "J. Roux"),
         "pages": number(48, 480),
         "publication_date": lambda random: f"{random.randint(2019, 2026)}-0{random.randint(1, 9)}-15"},
    ),
)  # fmt: skip

VARIANT_LINES = (
    Line(
        "jackets", {"fr_FR": "Veste", "en_GB": "Jacket"}, ["clothing_rain", "cp_temps", "rayon_d"],
        ["veste_suroit_blue", "veste_suroit_red"],
        {"gender": one_of("female", "male", "unisex"), "age_group": one_of("adult")},
        "jackets_color_size", (("color", COLORS[:2]), ("size", ("s", "m", "l"))),
    ),
    Line(
        "footwear", {"fr_FR": "Chaussure", "en_GB": "Shoe"}, ["hiking_shoes", "cp_marcher_pieds", "rayon_c"],
        ["chaussure_lauze_blue", "chaussure_aubrac_brown"],
        {"gender": one_of("female", "male", "unisex"), "age_group": one_of("adult")},
        "footwear_color_size", (("color", COLORS[2:4]), ("size", ("40", "41", "42"))),
    ),
    Line(
        "tents", {"fr_FR": "Tente", "en_GB": "Tent"}, ["camping_tents", "cp_dormir_toit", "rayon_a"],
        ["tente_bivouac_green", "tente_bivouac_orange"], {"waterproof_rating": number(1500, 6000)},
        "tents_size_color", (("tent_size", ("2p", "3p")), ("color", COLORS[3:6])),
    ),
    Line(
        "lamps", {"fr_FR": "Lampe", "en_GB": "Lamp"}, ["light_home", "cp_lumiere", "rayon_e"],
        ["lampe_lueur_white", "lampe_lueur_terracotta"], {"luminous_flux": measure("LUMEN", 80, 900)},
        "lamps_color", (("color", COLORS[:4]),),
    ),
    Line(
        "cookware", {"fr_FR": "Mug", "en_GB": "Mug"}, ["table_tableware", "cp_feu_cuisine", "rayon_f"],
        ["mug_fanal_blue", "mug_fanal_red"], {"diameter": measure("CENTIMETER", 7, 10)},
        "cookware_color", (("color", COLORS[4:]),),
    ),
    Line(
        "backpacks", {"fr_FR": "Sac à dos", "en_GB": "Backpack"}, ["hiking_packs", "cp_marcher_dos", "rayon_b"],
        ["sac_sentier_blue", "sac_transhumance_blue"], {"volume": measure("LITER", 12, 70)},
        "packs_color", (("color", COLORS[2:6]),),
    ),
)  # fmt: skip
"""Together thirty variants: what a hundred products have, in six roots of both depths."""

PLACES = (
    "Aravis", "Belledonne", "Cerces", "Dévoluy", "Écrins", "Forez", "Gavarnie", "Lauzière", "Mézenc", "Néouvielle",
    "Oisans", "Queyras", "Sancy", "Taillefer", "Ubaye", "Vanoise",
)  # fmt: skip

SENTENCES = {
    "fr_FR": (
        "Un tissu dense, des coutures étanchées une à une, rien de trop.",
        "Il se range dans sa poche & pèse moins qu’un livre.",
        "Les pièces d’usure se changent à la maison, sans outil.",
        "Pensé en Savoie, éprouvé par trois gardiens de refuge.",
        "Il prend la pluie, la neige et les étés sans broncher.",
        "La fermeture va jusqu’en bas et ne se coince pas.",
        "Une forme simple, qui vieillit mieux que la mode.",
        "On l’ouvre d’une main, l’autre tient la lampe.",
    ),
    "en_GB": (
        "A dense cloth, seams sealed one by one, and nothing more.",
        "It packs into its own pocket & weighs less than a book.",
        "Worn parts are replaced at home, without a tool.",
        "Drawn in Savoie, tried by three hut wardens.",
        "It takes rain, snow and summers without complaint.",
        "The zip runs all the way down and does not jam.",
        "A plain shape that ages better than fashion.",
        "It opens with one hand while the other holds the lamp.",
    ),
}

POINTS = {
    "fr_FR": ("Réparable à vie", "Léger et compact", "Matières recyclées", "Coutures étanches", "Garanti longtemps"),
    "en_GB": ("Repairable for life", "Light and compact", "Recycled materials", "Sealed seams", "A long guarantee"),
}

CARE = {
    "fr_FR": "Un chiffon humide suffit ; faire sécher à l’ombre avant de ranger.",
    "en_GB": "A damp cloth is enough; dry in the shade before storing.",
}
