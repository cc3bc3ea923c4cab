"""What loyalty can refuse, by name."""

from web.errors import DomainError


class NotListed(DomainError):
    """The mail behind this link never listed that product."""

    code = "product_not_listed"
    message = "That product is not in this reminder."
    status = 404
