"""Stars for search engines, of single products only.

Search engines take a firm's stars about itself on its own pages for self-serving; so
the page of the whole shop carries none (docs/decisions/).
"""

import json
from collections.abc import Sequence

from django.utils.safestring import SafeString

from crm.models import Product
from feedback.models import Review
from feedback.rules import StarSummary

# A closing tag inside a text would end the block; these letters never need to be bare.
_ESCAPES = {ord(letter): f"\\u{ord(letter):04X}" for letter in "<>&\u2028\u2029"}


def of_product(
    product: Product, reviews: Sequence[Review], summary: StarSummary
) -> SafeString:
    """The JSON-LD of a product's page; empty where its average would say nothing."""
    if summary.average is None:
        return SafeString("")
    data = {
        "@context": "https://schema.org",
        "@type": "Product",
        "name": str(product),
        "sku": product.sku,
        "aggregateRating": {
            "@type": "AggregateRating",
            "ratingValue": str(summary.average),
            "reviewCount": summary.total,
            "bestRating": 5,
            "worstRating": 1,
        },
        "review": [_review(review) for review in reviews],
    }
    text = json.dumps(data, ensure_ascii=False).translate(_ESCAPES)
    return SafeString(text)


def _review(review: Review) -> dict[str, object]:
    published = review.published_at
    return {
        "@type": "Review",
        "author": {"@type": "Person", "name": review.name_shown or "A customer"},
        "datePublished": published.date().isoformat() if published else "",
        "inLanguage": review.language,
        "reviewBody": review.body,
        "reviewRating": {"@type": "Rating", "ratingValue": review.stars},
    }
