"""What surrounds the filter in the demo and in tests: Envoy, an application, receivers, clients."""
