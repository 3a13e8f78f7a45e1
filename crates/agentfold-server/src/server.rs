//! [`serve`]: the server.

use std::collections::HashMap;
use std::fs;
use std::io::{self, IsTerminal};
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use agentfold::{Id, Selection};
use axum::body::Body;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::{ConnectInfo, FromRequestParts, RawPathParams, State};
use axum::http::request::Parts;
use axum::http::{HeaderValue, Request, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodFilter, on};
use axum::{Json, Router};
use axum_server::tls_rustls::RustlsAcceptor;
use tokio::runtime;
use tracing_subscriber::EnvFilter;

use crate::answering::{Answering, answer, export};
use crate::clock::now;
use crate::config::{Config, ConfigError, LogFormat};
use crate::database::{Database, StoreError};
use crate::deliveries::deliver;
use crate::following;
use crate::history::History;
use crate::lockout::client_of;
use crate::metrics::{Metrics, Now};
use crate::openapi;
use crate::outbox::{Messages, Outbox};
use crate::page::page;
use crate::problem::{self, after, private, problem};
use crate::reload;
use crate::routes::{Question, ROUTES, Route, Serves};
use crate::signals::{End, Signals};
use crate::tending::{self, Tending};
use crate::tls::{Tls, TlsError};
use crate::tokens::{self, Access, Refused, TokenError, Tokens};
use crate::upkeep::Upkeep;
use crate::writer::Writer;

/// How long a client may take to send the head of a request.
const HEAD: Duration = Duration::from_secs(10);
/// How long open answers may go on once the server stops.
const GRACE: Duration = Duration::from_secs(10);
/// How often it is looked whether something is due.
const TICK: Duration = Duration::from_secs(1);

/// Why the server does not run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServeError {
    /// The settings do not fit.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The database can't be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The tokens can't be read.
    #[error(transparent)]
    Tokens(#[from] TokenError),
    /// The certificate can't be used.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The address can't be listened at, or the system gives no threads.
    #[error("cannot listen at {address}: {source}")]
    Io {
        /// The address.
        address: SocketAddr,
        /// Why.
        source: io::Error,
    },
}

/// What requests are answered from.
pub(crate) struct Server {
    pub(crate) config: Arc<Config>,
    pub(crate) writer: Writer,
    pub(crate) tokens: Arc<Tokens>,
    pub(crate) answering: Answering,
    pub(crate) tending: Tending,
    /// When it started, in milliseconds since 1970: which run an event's id is of.
    pub(crate) start: u128,
    started_at: agentfold::Instant,
    is_stopping: AtomicBool,
}

/// Sets up the log on standard error, unless the program has one already.
pub fn log(config: &Config) {
    let filter = EnvFilter::try_new(&config.log).unwrap_or_else(|_| EnvFilter::new("info"));
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(io::stderr);
    let log = log.with_ansi(io::stderr().is_terminal());
    // It fails if there is one.
    drop(match config.log_format {
        LogFormat::Json => log.json().try_init(),
        LogFormat::Text => log.try_init(),
    });
}

/// Runs the server until it is told to stop by SIGTERM or Ctrl-C. Calls `ready` with the address that it listens at.
///
/// All that was answered with 2xx is stored, however the process ends.
///
/// # Errors
/// If it cannot start.
pub fn serve(config: Config, ready: impl FnOnce(SocketAddr)) -> Result<(), ServeError> {
    let address = config.address;
    let io = |source| ServeError::Io { address, source };
    let tls = config.tls.clone().map(Tls::load).transpose()?;
    // What is refused creates no database.
    if !config.database.exists() {
        config.refuse_exposure(0)?;
    }
    let database = Database::create_or_open(&config.database)?;
    let tokens = Arc::new(Tokens::new(tokens::open(&config.database)?)?);
    config.refuse_exposure(tokens.count()?)?;
    let upkeep = Upkeep::new(config.save_after, config.keep);
    let runtime = runtime::Builder::new_multi_thread().enable_all().build().map_err(io)?;
    let handle = runtime.handle().clone();
    let (writer, thread) = Writer::start(database, upkeep, Metrics::new(), handle)?;
    let listener = std::net::TcpListener::bind(address).map_err(io)?;
    let address = listener.local_addr().map_err(io)?;
    let started_at = now();
    let server = Arc::new(Server {
        config: Arc::new(config),
        writer,
        tokens,
        answering: Answering::new(),
        tending: Tending::default(),
        start: started_at.unix_nanos().unsigned_abs() / 1_000_000,
        started_at,
        is_stopping: AtomicBool::new(false),
    });
    let router = router(&server);
    // A signal may come as soon as the address is known.
    let signals = runtime.block_on(async { Signals::new() });
    ready(address);
    let result = runtime.block_on(run(Arc::clone(&server), router, listener, tls, signals));
    // Answers that go on are dropped with the runtime, and so are their ways to the writer.
    runtime.shutdown_timeout(GRACE);
    drop(server);
    // It stores what is still queued.
    drop(thread.join());
    result.map_err(io)
}

async fn run(
    server: Arc<Server>,
    router: Router,
    listener: std::net::TcpListener,
    tls: Option<Tls>,
    signals: Signals,
) -> io::Result<()> {
    let handle = axum_server::Handle::new();
    let certificate = tls.as_ref().map(Tls::current);
    let reload = tokio::spawn(reload::follow(Arc::clone(&server.config), tls, signals.hangup));
    let ticks = tokio::spawn(tick(server.writer.clone()));
    let tending = tokio::spawn(tending::tend(Arc::clone(&server)));
    let stopping = tokio::spawn(stop(Arc::clone(&server), handle.clone(), signals.end));
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    let mut bound = axum_server::from_tcp(listener)?.handle(handle);
    bound.http_builder().http1().header_read_timeout(HEAD);
    let result = match certificate {
        Some(certificate) => bound.acceptor(RustlsAcceptor::new(certificate)).serve(service).await,
        None => bound.serve(service).await,
    };
    for task in [reload, ticks, tending, stopping] {
        task.abort();
    }
    result
}

async fn tick(writer: Writer) {
    let mut interval = tokio::time::interval(TICK);
    loop {
        interval.tick().await;
        writer.tick();
    }
}

async fn stop(server: Arc<Server>, handle: axum_server::Handle<SocketAddr>, mut end: End) {
    end.received().await;
    tracing::info!("stopping");
    server.is_stopping.store(true, Ordering::Relaxed);
    handle.graceful_shutdown(Some(GRACE));
}

fn router(server: &Arc<Server>) -> Router {
    let mut router = Router::new();
    for route in ROUTES {
        let path = match route.serves {
            Serves::Delivery => &server.config.webhook_path,
            _ => route.path,
        };
        let method = match route.method {
            "POST" => MethodFilter::POST,
            _ => MethodFilter::GET,
        };
        let handler = move |State(server): State<Arc<Server>>,
                            ConnectInfo(peer): ConnectInfo<SocketAddr>,
                            params: RawPathParams,
                            request: Request<Body>| async move {
            let params = params.iter().map(|(name, value)| (name.to_owned(), value.to_owned()));
            answered(&server, route, peer, params.collect(), request).await
        };
        if route.serves == Serves::Export {
            // Zendesk serves it under this name, too.
            router = router.route(&format!("{path}.json"), on(method, handler));
        }
        router = router.route(path, on(method, handler));
    }
    router
        .route("/{file}", axum::routing::get(file))
        .fallback(|| async { not_found() })
        .method_not_allowed_fallback(|| async {
            problem(
                StatusCode::METHOD_NOT_ALLOWED,
                "wrong_method",
                "",
                "this path has another method",
            )
        })
        .with_state(Arc::clone(server))
}

async fn file(
    axum::extract::Path(name): axum::extract::Path<String>,
    request: Request<Body>,
) -> Response {
    page(&name, request.headers())
}

fn not_found() -> Response {
    problem(StatusCode::NOT_FOUND, "not_found", "", "this path does not exist")
}

/// Answers a request.
async fn answered(
    server: &Arc<Server>,
    route: &'static Route,
    peer: SocketAddr,
    params: HashMap<String, String>,
    request: Request<Body>,
) -> Response {
    let (mut parts, body) = request.into_parts();
    if !route.needs_token {
        return match route.serves {
            Serves::Delivery => deliver(server, &parts.headers, body).await,
            Serves::Health => server.health(),
            Serves::OpenApi => {
                let kind = [(header::CONTENT_TYPE, "application/json")];
                private((kind, openapi::text()).into_response())
            }
            _ => page("", &parts.headers),
        };
    }
    let client = client_of(peer, &parts.headers, server.config.is_behind_proxy);
    let response = match server.tokens.access(client, &parts.headers).await {
        Err(refused) => unauthorized(refused),
        Ok(access) if route.serves == Serves::Metrics => {
            // It is about all accounts, but has no data of them.
            drop(access);
            server.metrics().await
        }
        Ok(access) => match account_of(&params, &parts, &access) {
            Ok(account) => served(server, route, account, access, &params, &mut parts).await,
            Err(response) => *response,
        },
    };
    server.writer.shared().metrics.answered(response.status().as_u16());
    response
}

async fn served(
    server: &Arc<Server>,
    route: &'static Route,
    account: Id,
    access: Access,
    params: &HashMap<String, String>,
    parts: &mut Parts,
) -> Response {
    let query = parts.uri.query().unwrap_or_default();
    match route.serves {
        Serves::Answer(question) => answer(server, route, account, question, query, None).await,
        Serves::Agent => {
            let agent = params.get("agent").map(String::as_str);
            answer(server, route, account, Question::State, query, agent).await
        }
        Serves::Export => export(server, account, parts).await,
        Serves::Changes => following::changes(server, account, access, &parts.headers),
        Serves::Live => match WebSocketUpgrade::from_request_parts(parts, &()).await {
            Ok(upgrade) => {
                let server = Arc::clone(server);
                upgrade
                    .protocols(["agentfold"])
                    .max_message_size(1024)
                    .on_upgrade(move |socket| following::follow(server, account, access, socket))
            }
            Err(_) => {
                let mut response = problem(
                    StatusCode::UPGRADE_REQUIRED,
                    "upgrade_required",
                    "",
                    "connect with a WebSocket",
                );
                let upgrade = HeaderValue::from_static("websocket");
                response.headers_mut().insert(header::UPGRADE, upgrade);
                response
            }
        },
        Serves::Alerts => server.alerts(account).await,
        Serves::Thresholds => match server.config.accounts.of(account) {
            Some(known) if known.alerts.is_some() => {
                json(&known.alerts.as_ref().map(|alerts| &alerts.thresholds))
            }
            _ => problem(
                StatusCode::NOT_FOUND,
                "no_thresholds",
                "",
                "the settings have no `alerts` for this account",
            ),
        },
        Serves::Names => server.meta(account, "names", r#"{"agents":{},"groups":{}}"#),
        Serves::Drift => server.meta(account, "drift", "null"),
        Serves::Compare => tending::compared(server, account).await,
        Serves::Status => server.status(account).await,
        Serves::AccountMetrics => server.metrics().await,
        Serves::Metrics | Serves::Delivery | Serves::Health | Serves::OpenApi | Serves::Page => {
            not_found()
        }
    }
}

impl Server {
    pub(crate) fn is_stopping(&self) -> bool {
        self.is_stopping.load(Ordering::Relaxed)
    }

    /// Opens the database to read it as it is now.
    pub(crate) fn read(&self) -> Result<Database, StoreError> {
        Database::open_to_read(&self.config.database)
    }

    /// Reads what is stored of an account.
    pub(crate) fn stored<T>(
        &self,
        account: Id,
        read: impl FnOnce(&History<'_>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        read(&History::new(self.read()?.connection(), account, 0))
    }

    fn health(&self) -> Response {
        match self.is_stopping() || !self.writer.is_running() {
            true => {
                problem(StatusCode::SERVICE_UNAVAILABLE, "stopping", "", "nothing can be stored")
            }
            false => json(&serde_json::json!({"status": "ok"})),
        }
    }

    async fn metrics(&self) -> Response {
        let messages = self.read().and_then(|database| Messages::of_all(&database));
        let (messages, agents) = match (messages, self.writer.agents().await) {
            (Ok(messages), Ok(agents)) => (messages, agents),
            (Err(error), _) | (_, Err(error)) => return unavailable(&error),
        };
        let shared = self.writer.shared();
        let text = shared.metrics.text(Now {
            agents,
            followers: shared.followers(),
            stored_bytes: self.stored_bytes(),
            messages,
        });
        let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
        private(([(header::CONTENT_TYPE, kind)], text).into_response())
    }

    fn stored_bytes(&self) -> u64 {
        fs::metadata(&self.config.database).map_or(0, |file| file.len())
    }

    async fn alerts(&self, account: Id) -> Response {
        let known = self.config.accounts.of(account);
        let thresholds = known.as_ref().and_then(|known| known.alerts.as_ref());
        let live = match self.writer.snapshot(account).await {
            Ok(live) => live,
            Err(error) => return unavailable(&error),
        };
        let (Some((fold, _)), Some(alerts)) = (live, thresholds) else {
            return json(&[(); 0]);
        };
        match fold.alerts(&alerts.thresholds, now(), &Selection::all()) {
            Ok(alerts) => json(&alerts),
            Err(error) => problem(StatusCode::CONFLICT, "wrong_thresholds", "", &error.to_string()),
        }
    }

    /// What is stored of an account by a name, as JSON.
    fn meta(&self, account: Id, key: &str, default: &'static str) -> Response {
        match self.stored(account, |history| history.meta::<String>(key)) {
            Ok(text) => {
                let text = text.unwrap_or_else(|| default.to_owned());
                private(([(header::CONTENT_TYPE, "application/json")], text).into_response())
            }
            Err(error) => unavailable(&error),
        }
    }

    async fn status(&self, account: Id) -> Response {
        let shared = self.writer.shared();
        let counted = self.stored(account, |history| {
            let cut = history.cut()?.map(crate::history::begin_of);
            Ok((history.received()?, cut, Outbox::of(history).messages()?))
        });
        let ((received, cut, messages), live) = match (counted, self.writer.fold(account).await) {
            (Ok(counted), Ok(live)) => (counted, live),
            (Err(error), _) | (_, Err(error)) => return unavailable(&error),
        };
        json(&serde_json::json!({
            "started_at": self.started_at,
            "agents": live.len(),
            "events_to_save": received,
            "stored_bytes": self.stored_bytes(),
            "outcomes": shared.outcomes(account),
            "messages": messages,
            "watching": shared.feed(account).followers(),
            "cut": cut,
        }))
    }
}

fn json(value: &impl serde::Serialize) -> Response {
    private(Json(value).into_response())
}

/// The answer if the database can't be read.
pub(crate) fn unavailable(error: &StoreError) -> Response {
    tracing::error!(code = error.code(), "a question was not answered: {error}");
    problem::unavailable()
}

fn unauthorized(refused: Refused) -> Response {
    match refused {
        Refused::Missing | Refused::Wrong => {
            let mut response = problem(
                StatusCode::UNAUTHORIZED,
                "unauthorized",
                "",
                "send a token of the account: `agentfold serve token add` makes one",
            );
            let challenge = HeaderValue::from_static("Bearer");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
            response
        }
        Refused::Wait(wait) => {
            let message = "too many wrong tokens; wait a minute";
            let response =
                problem(StatusCode::TOO_MANY_REQUESTS, "too_many_wrong_tokens", "", message);
            after(response, wait.as_secs() + 1)
        }
        Refused::Failed(error) => {
            tracing::error!("tokens can't be read: {error}");
            problem::unavailable()
        }
    }
}

/// The account of the path, of the parameter `account`, or of the token.
fn account_of(
    params: &HashMap<String, String>,
    parts: &Parts,
    access: &Access,
) -> Result<Id, Box<Response>> {
    let refused = |status, code, path, message| Err(Box::new(problem(status, code, path, message)));
    let query = parts.uri.query().unwrap_or_default();
    let in_query = || {
        let mut pairs = form_urlencoded::parse(query.as_bytes());
        pairs.find(|(name, _)| name == "account").map(|(_, value)| value.into_owned())
    };
    let named = params.get("account").cloned().or_else(in_query);
    let account = match (named, access.account) {
        (Some(text), _) => match text.parse() {
            Ok(account) => account,
            Err(_) => {
                return refused(
                    StatusCode::BAD_REQUEST,
                    "bad_id",
                    "/account",
                    "not an account's id",
                );
            }
        },
        (None, Some(account)) => account,
        (None, None) => {
            let message = "the token reads all accounts, so name one: `?account=`";
            return refused(StatusCode::BAD_REQUEST, "bad_argument", "/account", message);
        }
    };
    match access.allows(account) {
        true => Ok(account),
        false => refused(
            StatusCode::FORBIDDEN,
            "forbidden",
            "",
            "the token belongs to a different account",
        ),
    }
}
