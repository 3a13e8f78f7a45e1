"""Verifies, parses and signs webhook deliveries.

A minimal receiver:

    >>> from agentfold import AgentfoldError, Fold, webhook
    >>> def receive(fold, headers, body, secret):
    ...     try:
    ...         received = webhook.receive(headers, body, secret)
    ...         return webhook.advise(fold.apply(received["event"])["outcome"])
    ...     except AgentfoldError as error:
    ...         return webhook.advise(error.handled)
    >>> receive(Fold(), {}, b"{}", "only-zendesk-and-we-know")
    401
"""

from ._agentfold import advise, explain, parse, receive, sign, verify

__all__ = ["advise", "explain", "parse", "receive", "sign", "verify"]
