"""XML sitemaps with the language versions and images of each page (sitemaps.org 0.9, Google's image extension)."""

from collections.abc import Mapping, Sequence
from typing import Any

from pim.syndication.feed import Feed, Part, Parting
from pim.syndication.model import Item
from pim.syndication.writers.parts import numbered
from pim.syndication.writers.text import language_tag, xml_attribute, xml_text

MOST_IMAGES = 1_000
"""What the image extension allows a page."""

SITEMAPS = "http://www.sitemaps.org/schemas/sitemap/0.9"


class SitemapWriter:
    """Fields of a page: `loc`, and where known `lastmod`, `changefreq`, `priority`, `images` (URLs, or {loc}).

    In a file that spans locales each page names all accepted language versions of the item, itself included, so the
    links are reciprocal. Options: `x_default`, the locale for everyone else (the first); `base_url`, where the parts
    are served when not by us.

    A small sitemap is the file itself; a longer one is cut into parts and the file becomes their index.
    """

    media_type = "application/xml"
    listing_media_type = "application/xml"
    separator = b""
    parting = Parting(roots=16_384, entries=50_000, bytes=50 * 1024 * 1024, gzip_bytes=50 * 1024 * 1024)

    def __init__(self, feed: Feed) -> None:
        self._feed = feed
        self._x_default: str | None = feed.options.get("x_default") or (feed.locales[0] if feed.locales else None)
        self._base_url: str | None = feed.options.get("base_url")

    def header(self) -> bytes:
        return (
            '<?xml version="1.0" encoding="UTF-8"?>\n'
            f'<urlset xmlns="{SITEMAPS}" xmlns:xhtml="http://www.w3.org/1999/xhtml" '
            'xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">\n'
        ).encode()

    def item(self, item: Item) -> bytes:
        pages = self._pages(item)
        if self._feed.locale is not None:
            return "".join(_url(page, "") for page in pages.values()).encode()
        links = _alternates(pages, self._x_default)
        return "".join(_url(page, links) for page in pages.values()).encode()

    def footer(self) -> bytes:
        return b"</urlset>\n"

    def stamp(self, item: Item) -> str | None:
        return max((str(page["lastmod"]) for page in self._pages(item).values() if page.get("lastmod")), default=None)

    def entries(self, item: Item) -> int:
        return len(self._pages(item))

    def part_name(self, number: int, digest: str) -> str:
        return numbered(self._feed.name, number)

    def listing(self, parts: Sequence[Part]) -> bytes | None:
        if len(parts) == 1:
            return None
        out = [f'<?xml version="1.0" encoding="UTF-8"?>\n<sitemapindex xmlns="{SITEMAPS}">\n']
        for part in parts:
            where = f"{self._base_url.rstrip('/')}/{part.name}" if self._base_url else self._feed.url_of(part.name)
            lastmod = f"<lastmod>{xml_text(part.newest)}</lastmod>" if part.newest else ""
            out.append(f"<sitemap><loc>{xml_text(where)}</loc>{lastmod}</sitemap>\n")
        out.append("</sitemapindex>\n")
        return "".join(out).encode()

    def _pages(self, item: Item) -> dict[str, Mapping[str, Any]]:
        """Locale → page. Pages without an address are none."""
        fields: Mapping[str, Any] = {self._feed.locale: item.fields} if self._feed.locale else item.fields
        return {locale: page for locale, page in fields.items() if page and page.get("loc")}


def _alternates(pages: Mapping[str, Mapping[str, Any]], x_default: str | None) -> str:
    versions = [(language_tag(locale), str(page["loc"])) for locale, page in pages.items()]
    if pages:
        default = pages.get(x_default) if x_default else None
        versions.append(("x-default", str((default or next(iter(pages.values())))["loc"])))
    return "".join(
        f'<xhtml:link rel="alternate" hreflang="{xml_attribute(tag)}" href="{xml_attribute(where)}"/>\n'
        for tag, where in versions
    )


def _url(page: Mapping[str, Any], links: str) -> str:
    # the order of the schema: loc, lastmod, changefreq, priority, then extensions
    own = "".join(
        f"<{name}>{xml_text(str(page[name]))}</{name}>"
        for name in ("loc", "lastmod", "changefreq", "priority")
        if page.get(name) not in (None, "")
    )
    images = "".join(f"<image:image><image:loc>{xml_text(i)}</image:loc></image:image>\n" for i in _images(page))
    return f"<url>{own}\n{links}{images}</url>\n"


def _images(page: Mapping[str, Any]) -> list[str]:
    found = (image.get("loc") if isinstance(image, dict) else image for image in page.get("images") or ())
    return [str(image) for image in dict.fromkeys(found) if image][:MOST_IMAGES]
