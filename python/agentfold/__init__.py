"""Reconstructs agent state and history from Zendesk's agent events.

The results are correct even when deliveries are duplicated, late, lost or out of order.

- `Fold` stores events and answers questions about agents.
- `read_events` reads events from any source; `fold_files` folds files on all cores.
- `web` handles webhook deliveries; `webhook` verifies, parses and signs them.
- `parse_names` reads what agents and groups are called.
- `export_events` pulls the Chat incremental export.
- `agentfold.types` has the types of all data.
- `agentfold.plot` draws pictures, and `agentfold.spark` folds on Apache Spark.
"""

from collections.abc import Mapping as _Mapping

from . import types, web, webhook
from ._agentfold import (
    ArrowStream,
    EventReader,
    ExportCursor,
    Fold,
    Records,
    ReportSums,
    Scrubber,
    alert_message,
    answer_export,
    check_event,
    corrections,
    episodes,
    fold_files,
    parse_event,
    parse_names,
    print_event,
    read_events,
    to_cloud_event,
    to_instant,
    to_ns,
    told_corrections,
)
from .agent import Agent
from .buckets import buckets
from .error import AgentfoldError
from .export_events import export_events, export_events_async
from .instants import to_datetime

_Mapping.register(Fold)  # pyright: ignore[reportAttributeAccessIssue, reportUnknownMemberType]

__all__ = [
    "Agent",
    "AgentfoldError",
    "ArrowStream",
    "EventReader",
    "ExportCursor",
    "Fold",
    "Records",
    "ReportSums",
    "Scrubber",
    "alert_message",
    "answer_export",
    "buckets",
    "check_event",
    "corrections",
    "episodes",
    "export_events",
    "export_events_async",
    "fold_files",
    "parse_event",
    "parse_names",
    "print_event",
    "read_events",
    "to_cloud_event",
    "to_datetime",
    "to_instant",
    "to_ns",
    "told_corrections",
    "types",
    "web",
    "webhook",
]
