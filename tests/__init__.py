"""The tests of agentreach."""
