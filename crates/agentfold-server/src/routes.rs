//! [`ROUTES`]: the paths that the server serves.

use crate::asked::Asked;

/// A path that the server serves, with one method.
#[derive(Debug)]
pub(crate) struct Route {
    pub(crate) method: &'static str,
    /// As axum and OpenAPI write it.
    pub(crate) path: &'static str,
    pub(crate) serves: Serves,
    /// Whether it is served only with a token.
    pub(crate) needs_token: bool,
}

/// What is served at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Serves {
    /// The answer to a question about an account.
    Answer(Question),
    /// The state of one agent.
    Agent,
    /// A page of the Chat export.
    Export,
    Delivery,
    Alerts,
    Thresholds,
    /// Changes as they happen, over a WebSocket.
    Live,
    /// Changes as they happen, as Server-Sent Events.
    Changes,
    Names,
    Drift,
    /// A comparison with Zendesk's record now.
    Compare,
    Status,
    AccountMetrics,
    Metrics,
    Health,
    OpenApi,
    Page,
}

/// A question about the agents of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Question {
    State,
    Floor,
    Intervals,
    WorkItems,
    Report,
    Anomalies,
    /// The saved fold of what happened since yesterday.
    Fold,
    /// The saved fold of each agent, with the history.
    Folds,
}

impl Question {
    /// Whether the answer is read from what is stored. Only a few such answers are given at the same time.
    pub(crate) fn is_long(self, asked: &Asked) -> bool {
        match self {
            Question::State | Question::Floor => asked.get("at").is_some(),
            Question::Fold => false,
            _ => true,
        }
    }
}

const fn get(path: &'static str, serves: Serves) -> Route {
    Route { method: "GET", path, serves, needs_token: true }
}

const fn open(path: &'static str, serves: Serves) -> Route {
    Route { needs_token: false, ..get(path, serves) }
}

/// All routes. `POST /webhooks/zendesk` may be served at another path.
pub(crate) const ROUTES: &[Route] = &[
    Route { method: "POST", ..open("/webhooks/zendesk", Serves::Delivery) },
    get("/accounts/{account}/state", Serves::Answer(Question::State)),
    get("/accounts/{account}/floor", Serves::Answer(Question::Floor)),
    get("/accounts/{account}/intervals", Serves::Answer(Question::Intervals)),
    get("/accounts/{account}/work_items", Serves::Answer(Question::WorkItems)),
    get("/accounts/{account}/report", Serves::Answer(Question::Report)),
    get("/accounts/{account}/anomalies", Serves::Answer(Question::Anomalies)),
    get("/accounts/{account}/fold", Serves::Answer(Question::Fold)),
    get("/accounts/{account}/folds", Serves::Answer(Question::Folds)),
    get("/accounts/{account}/alerts", Serves::Alerts),
    get("/accounts/{account}/thresholds", Serves::Thresholds),
    get("/accounts/{account}/live", Serves::Live),
    get("/accounts/{account}/names", Serves::Names),
    get("/accounts/{account}/drift", Serves::Drift),
    Route { method: "POST", ..get("/accounts/{account}/compare", Serves::Compare) },
    get("/accounts/{account}/status", Serves::Status),
    get("/accounts/{account}/metrics", Serves::AccountMetrics),
    // The same, with the account of the token, or that of the parameter `account`.
    get("/api/agents", Serves::Answer(Question::State)),
    get("/api/agents/{account}/{agent}", Serves::Agent),
    get("/api/floor", Serves::Answer(Question::Floor)),
    get("/api/timeline", Serves::Answer(Question::Intervals)),
    get("/api/report", Serves::Answer(Question::Report)),
    get("/api/changes", Serves::Changes),
    get("/api/drift", Serves::Drift),
    get("/api/v2/chat/incremental/agent_events", Serves::Export),
    get("/api/v2/incremental/agent_events", Serves::Export),
    get("/metrics", Serves::Metrics),
    open("/healthz", Serves::Health),
    open("/openapi.json", Serves::OpenApi),
    open("/", Serves::Page),
];
