"""What goes with an order, on a year of a real wholesaler, against popularity."""

import sys
from datetime import date

import pytest
from django.core.management import call_command

from crm.models import OrderLine
from loyalty.selectors import suggestion_backtest as selectors
from tests.loyalty.test_reorder_real_data import FILE, bring_in

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not FILE.exists(),
        reason="online_retail_uci.csv.gz is not here (PERENNIAL_DATA)",
    ),
]
CUTOFF = date(2011, 9, 1)


def suggested():
    found = selectors.offers(cutoff=CUTOFF, within=60)
    return [(one.customer_id, one.suggested, one.popular) for one in found]


def test_on_uci_it_is_counted_beside_popularity_and_knows_nothing_of_later(db, capsys):
    bring_in()

    call_command("report", "suggestion-backtest", "--cutoff", f"{CUTOFF}")
    with capsys.disabled():
        sys.stdout.write("\n" + capsys.readouterr().out)
    found = selectors.suggestions(cutoff=CUTOFF, within=60)
    before = [one for one in suggested() if one[1]]
    OrderLine.objects.filter(ordered_on__gte=CUTOFF).delete()

    assert [one for one in suggested() if one[1]] == before
    assert found.is_whole
    assert found.rule.suggested == found.popular.suggested == 4_203
    # Better than popularity by more than its margin; see docs/reorder-timing.md.
    assert found.gain - found.gain_margin95 > 1
