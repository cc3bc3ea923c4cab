"""Every reason that the source gives a message has words, and no words are left over.

Codes are read out of the source: a new one without words fails here, not in front of a
person who reads `order_gone`.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from loyalty.rules.allotment import NoShare
from messaging.rules.send_decision import Code
from messaging.selectors.outbox import REASONS
from surveys.kinds.asking import CLOSED
from surveys.sql import again

PLACES = (
    "messaging/services",
    "support/kinds.py",
    "surveys/kinds",
    "surveys/services",
    "feedback/kinds.py",
    "loyalty/kinds",
    "loyalty/services",
)
# Where a call takes the code: its position, or the name of its argument.
CALLS: dict[str, int | str] = {
    "Reason": 0,
    "Outcome": 2,
    "Requeue": 2,
    "_final": 3,
    "fromkeys": 1,
    "fail": "reason",
    "supersede": "reason_code",
}


def sources() -> Iterator[ast.Module]:
    for place in PLACES:
        path = Path(settings.BASE_DIR) / place
        for file in [path] if path.suffix else sorted(path.rglob("*.py")):
            yield ast.parse(file.read_text())


def used() -> set[str]:
    modules = list(sources())
    constants = {
        target.id: node.value.value
        for module in modules
        for node in module.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    return {
        text
        for module in modules
        for expression in codes_in(module)
        for text in texts(expression, constants)
    }


def codes_in(node: ast.AST) -> Iterator[ast.expr]:
    """Every expression that ends as the code of a reason."""
    if isinstance(node, ast.Call):
        yield from of_call(node)
    elif isinstance(node, ast.Assign):
        names = {ast.unparse(target) for target in node.targets}
        if names & {"code", "locked.reason_code"}:
            yield node.value
    # What a form is refused for is no reason of a message.
    if not isinstance(node, ast.Raise):
        for child in ast.iter_child_nodes(node):
            yield from codes_in(child)


def of_call(call: ast.Call) -> Iterator[ast.expr]:
    name = ast.unparse(call.func).rpartition(".")[2]
    place = CALLS.get(name)
    if name == "_end" and len(call.args) == 4:
        place = 2  # messaging/services/leases.py
    if isinstance(place, int) and len(call.args) > place:
        yield call.args[place]
    for keyword in call.keywords:
        if keyword.arg == place:
            yield keyword.value


def texts(expression: ast.expr, constants: dict[str, str]) -> Iterator[str]:
    """The strings it can become; what it looks them up by is none of them."""
    if isinstance(expression, ast.Constant) and isinstance(expression.value, str):
        yield expression.value
    elif isinstance(expression, ast.Name):
        yield constants.get(expression.id, "")
    elif isinstance(expression, ast.Attribute):
        yield constants.get(expression.attr, "")
    elif isinstance(expression, ast.IfExp):
        yield from texts(expression.body, constants)
        yield from texts(expression.orelse, constants)
    elif isinstance(expression, ast.Call) and len(expression.args) == 2:
        yield from texts(expression.args[1], constants)  # mapping.get(key, default)


def test_every_reason_of_the_source_has_words_and_no_words_are_dead():
    closed = {code.value for code in (*Code, *NoShare)} | again.CODES
    given = used() | closed | set(CLOSED.values())

    assert given - {""} == set(REASONS)


def test_the_source_is_really_read():
    assert {"automation_off", "order_gone", "no_answer", "render_failed"} <= used()
