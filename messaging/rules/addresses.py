"""How much of a network address a consent row may keep."""

from ipaddress import IPv6Address, ip_address, ip_network

# Enough to distinguish a city's provider from a data centre, too little to name a home.
_KEPT_BITS = {4: 24, 6: 48}


def truncated_ip(address: str) -> str:
    """`203.0.113.77` becomes `203.0.113.0`; what is no address becomes nothing."""
    try:
        known = ip_address(address.strip())
    except ValueError:
        return ""
    if isinstance(known, IPv6Address) and known.ipv4_mapped:
        known = known.ipv4_mapped
    network = ip_network(f"{known}/{_KEPT_BITS[known.version]}", strict=False)
    return str(network.network_address)
