"""A laboratory of NATs, firewalls and bad lines in network namespaces; docs/natlab.md says how to use it."""
