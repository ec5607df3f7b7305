"""Where downloaded and derived files live."""
