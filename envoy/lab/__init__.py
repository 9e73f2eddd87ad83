"""What stands around the filter when it is tried out: Envoy, an application, receivers, clients."""
