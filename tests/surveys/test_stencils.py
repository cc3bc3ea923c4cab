"""A page rendered once and filled in for each customer."""

from django.utils.safestring import mark_safe

from surveys.stencils import Stencil, Stencils, mark


def test_words_are_put_in_the_holes_and_escaped():
    stencil = Stencil(f"<p>{mark('name')}</p><a href='{mark('url')}'>")

    page = stencil.filled({"name": "<b>", "url": "/s/x/?a=1&b=2"})

    assert page == "<p>&lt;b&gt;</p><a href='/s/x/?a=1&amp;b=2'>"


def test_words_are_text_even_where_they_call_themselves_markup():
    page = Stencil(mark("name")).filled({"name": mark_safe("<b>x</b>")})

    assert page == "&lt;b&gt;x&lt;/b&gt;"


def test_what_is_filled_in_is_not_searched_for_holes():
    stencil = Stencil(f"{mark('comment')} {mark('url')}")

    page = stencil.filled({"comment": mark("url"), "url": "secret"})

    assert page == f"{mark('url')} secret"


def test_one_customers_words_are_not_the_next_ones():
    stencil = Stencil(f"Hello {mark('name')}")

    assert stencil.filled({"name": "Dana"}) == "Hello Dana"
    assert stencil.filled({"name": "Noa"}) == "Hello Noa"


def test_each_page_is_rendered_once_and_not_all_are_kept_for_ever():
    rendered = []

    def render():
        rendered.append(1)
        return "page"

    stencils = Stencils(most=2)
    for key in ["a", "a", "b", "c", "a"]:
        stencils.get((key,), render)

    assert len(rendered) == 4
