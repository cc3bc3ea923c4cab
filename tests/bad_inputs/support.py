"""Forms as browsers send them, and what an answer must never be."""

from crm.forms import CustomerForm

TYPED = "Typed with care: <b>½</b> & “quotes” שלום 你好"
# form: its address, its free-text field, and what else makes it complete.
FORMS = {
    "new customer": ("/customers/new/", "family_name", {"given_name": "Zoe"}),
    "edit customer": ("/customers/{customer}/edit/", "family_name", {}),
    "organisation": ("/customers/new/", "organisation", {"given_name": "Zoe"}),
    "log subject": (
        "/customers/{customer}/interactions/",
        "subject",
        {"channel": "call", "body": TYPED},
    ),
    "correct": ("/interactions/{interaction}/edit/", "subject", {"body": TYPED}),
    "follow-up": ("/customers/{customer}/follow-ups/new/", "why", {}),
    "shop": ("/settings/shop/", "from_name", {}),
}
ORDERS = "/api/v1/orders/"
CUSTOMERS = "/api/v1/customers/"
INTERACTIONS = "/api/v1/interactions/"


def filled(owner, shop, form, text):
    """The form as a browser sends it: what stands in it, and the text in its field."""
    path, field, more = FORMS[form]
    path = path.format(**shop.pks)
    return path, {**standing(owner, path), **more, field: text}


def standing(owner, path, form="form"):
    """What a browser would send back of this page's form, unchanged."""
    fields = owner.get(path).context[form]
    values = {
        bound.html_name: "" if bound.value() is None else bound.value()
        for bound in fields
    }
    for bound in fields:
        if bound.field.show_hidden_initial:
            values[bound.html_initial_name] = values[bound.html_name]
    return values


def assert_no_trace(answer):
    assert answer.status_code < 500
    page = answer.content.decode(errors="replace")
    # An empty page would pass all that follows.
    assert page.strip() or answer.status_code in (204, 301, 302, 303, 405)
    assert "Traceback" not in page
    assert "psycopg" not in page


def refused(answer, *fields):
    """A clear 400 of the API that names these fields and what to do."""
    assert_no_trace(answer)
    assert answer.status_code == 400, answer.content
    assert set(fields) <= set(answer.json()["fields"])
    assert all(" " in words for words in answer.json()["fields"].values())
    return answer.json()["fields"]


def value_in(answer, field):
    """What stands in this field of the form that came back."""
    return answer.context["form"][field].value()


def post(client, path, body):
    return client.post(path, body, content_type="application/json")


def an_order(**more):
    return {
        "order_id": "1001",
        "customer_id": "C1",
        "ordered_at": "2026-11-20T10:00:00Z",
        "lines": [a_line()],
        **more,
    }


def a_line(**more):
    return {"sku": "ETH-1", "quantity": "2", "unit_price": "12.50", **more}


def form_error(field, value):
    """The error of the customer form beside the field, without rendering the page."""
    form = CustomerForm({"given_name": "Zoe", field: value})
    assert not form.is_valid()
    return form.errors[field][0]
