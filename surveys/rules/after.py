"""Where a link of the page of thanks may lead."""

import re

# Pages on which reviews are written: to lead only the happy ones there is to choose
# reviews by score.
_REVIEW_PAGES = re.compile(
    r"(^|\.)(trustpilot|tripadvisor|yelp|g2|capterra|reviews|feefo|judge|"
    r"trustedshops|ekomi|sitejabber|productreview|dianping)\.[a-z.]+$"
)
_REVIEW_PATHS = re.compile(r"writereview|/reviews?(/|$|\?)|placeid=", re.IGNORECASE)
_REVIEW_HOSTS = frozenset({"g.page", "search.google.com", "maps.app.goo.gl"})


def leads_to_reviews(link: str) -> bool:
    """Whether this address is a page on which reviews are written, as far as its name
    tells."""
    found = re.match(r"https?://(?:[^/@]*@)?([^/:?#]+)([^#]*)", link.strip(), re.I)
    if found is None:
        return False
    host, path = found.group(1).lower().rstrip("."), found.group(2)
    if host in _REVIEW_HOSTS or _REVIEW_PAGES.search(host):
        return True
    return bool(_REVIEW_PATHS.search(path))
