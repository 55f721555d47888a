"""The ledger of deliveries, as views."""
