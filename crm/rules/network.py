"""Who is at the other end of a connection."""

from ipaddress import IPv6Address, ip_address, ip_network

# What a household or an office gets: within it, an IPv6 address is anybody's choice.
_ONE_VISITOR_BITS = 64


def client_ip(remote: str, forwarded: str, proxies: int) -> str:
    """The visitor, seen through as many proxies as were declared, and no more.

    Each proxy appends whom it saw; what stands further left anybody may have written.
    """
    if proxies < 1:
        return remote
    seen = [part.strip() for part in forwarded.split(",") if part.strip()]
    return seen[-proxies] if len(seen) >= proxies else remote


def one_visitor(address: str) -> str:
    """What counts as one visitor's place in the network: an IPv4 address, or a /64 of
    IPv6. Anything that is no address is a place of its own."""
    try:
        known = ip_address(address.strip())
    except ValueError:
        return address
    if isinstance(known, IPv6Address):
        if known.ipv4_mapped:
            return str(known.ipv4_mapped)
        return str(ip_network(f"{known}/{_ONE_VISITOR_BITS}", strict=False))
    return str(known)
