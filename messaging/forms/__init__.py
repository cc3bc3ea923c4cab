"""What staff type about automations; services hold the rules."""
