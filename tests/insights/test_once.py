"""What a page asks several times is asked once, and never kept for the next page."""

import pytest

from insights.selectors.once import once_a_page, one_page


@pytest.fixture
def counted():
    asked = []

    @once_a_page
    def read(one, *, other=0):
        asked.append((one, other))
        return [one, other]

    return read, asked


def test_within_a_page_each_question_is_asked_once(counted):
    read, asked = counted

    with one_page():
        assert read(1) is read(1)
        assert read(1, other=2) == [1, 2]
        read(1, other=2)

    assert asked == [(1, 0), (1, 2)]


def test_the_next_page_and_whoever_opens_none_ask_anew(counted):
    read, asked = counted
    with one_page():
        read(1)
    with one_page():
        read(1)
    read(1)
    read(1)

    assert len(asked) == 4


def test_a_page_that_fails_leaves_nothing_behind(counted):
    read, asked = counted
    with pytest.raises(ZeroDivisionError), one_page():
        1 / read(0)[0]
    read(0)

    assert len(asked) == 2
