"""One module for each agent whose controls are understood; an agent's file names its module.

A module has one class `AgentEvaluator`, derived from `scanner.reach.evaluator.Evaluator`.
"""
