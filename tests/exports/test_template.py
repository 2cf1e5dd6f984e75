"""Templates: what they may do, and what they may not."""

import jinja2
import pytest
from jinja2.exceptions import SecurityError

from pim.exports.template import LONGEST, compile_template, undeclared_names

DOUBLED = "{% set a = 'aaaaaaaaaaaaaaaa' %}" + "{% set a = a ~ a %}" * 40 + "{{ a }}"
NESTED = "{% set a = ['a'] %}" + "{% set a = [a, a] %}" * 40 + "{{ a }}"

FORBIDDEN = [
    "{{ 'a' * 50000000 }}",
    "{{ 9 ** 9999999 }}",
    "{{ '%999999999d' % 1 }}",
    "{{ '{:999999999}'.format(1) }}",
    "{{ 'a'.ljust(999999999) }}",
    "{{ n.__class__ }}",
    "{{ range(100000) }}",
    "{{ ('a,' + n)|replace('a', n) }}",
    "{{ letters|join(n) }}",
    "{% for i in range(1000) %}{% for j in range(1000) %}xxxx{% endfor %}{% endfor %}",
    "{{ lipsum() }}",
    DOUBLED,
    NESTED,
]


def rendered(source: str) -> str:
    return compile_template(source, "t.j2")(
        {"n": "a" * 50_000, "letters": ["x"] * 100, "name": "Tente", "price": {"eur": 5}}
    )


@pytest.mark.parametrize("source", FORBIDDEN, ids=[source[:30] for source in FORBIDDEN])
def test_a_template_cannot_fill_the_memory_or_reach_python(source: str) -> None:
    with pytest.raises((SecurityError, jinja2.UndefinedError)):
        rendered(source)


def test_a_template_may_do_what_texts_need() -> None:
    source = "{{ name|upper }}{% for x in letters[:2] %}-{{ x ~ loop.index * 2 }}{% endfor %} {{ price.items()|list }}"
    assert rendered(source) == "TENTE-x2-x4 [('eur', 5)]"


def test_an_unknown_name_is_an_error_and_found_before() -> None:
    assert undeclared_names("{{ a }}{% for x in b %}{{ x }}{% endfor %}") == {"a", "b"}
    with pytest.raises(jinja2.UndefinedError):
        rendered("{{ nam }}")


def test_what_a_template_writes_is_bounded() -> None:
    assert len(rendered("{{ n }}{{ n }}")) == LONGEST
    with pytest.raises(SecurityError):
        rendered("{{ n }}{{ n }}.")
