//! The loopback server: the same window in an ordinary browser, against the same core.
//!
//! It listens on 127.0.0.1 only. Every request for data carries a random token; the `Host` and
//! `Origin` of each are checked, so that no page of another site can reach it.

use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, Query, Request as HttpRequest, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::middleware::{self, Next};
use axum::response::sse::{KeepAlive, Sse};
use axum::response::{IntoResponse, Response as HttpResponse, sse};
use axum::routing::{get, post};
use decoupage_app::{Core, Request};
use decoupage_shot::{Code, Fault, Outcome};
use futures_util::StreamExt;
use include_dir::{Dir, include_dir};
use serde::Deserialize;
use tokio::io::AsyncWriteExt;
use tokio_stream::wrappers::ReceiverStream;

use crate::arguments::Serve;

/// The built interface.
static INTERFACE: Dir<'_> = include_dir!("$OUT_DIR/interface");

/// Largest file that a browser may hand over: a long clip.
const LARGEST_UPLOAD: usize = 8 << 30;
/// Largest request: a long caption many times over.
const LARGEST_REQUEST: usize = 16 << 20;

struct Server {
    core: Core,
    token: String,
    port: u16,
    /// Where files that were dropped on the browser lie until they are added.
    dropped: tempfile::TempDir,
    /// How many single files were dropped: each lies in a folder of its own.
    uploads: AtomicU64,
}

pub(crate) fn run(core: &Core, arguments: &Serve) -> Outcome<()> {
    match &arguments.open {
        Some(project) => core.ask(Request::OpenProject {
            folder: project.clone(),
        })?,
        None => core.ask(Request::OpenSample)?,
    };
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|e| Fault::io(&e, "start the server", ""))?;
    runtime.block_on(serve(core.clone(), arguments.port))?;
    // Blocked event streams must not keep a closed server alive.
    runtime.shutdown_background();
    core.close()
}

async fn serve(core: Core, port: u16) -> Outcome<()> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let listener = tokio::net::TcpListener::bind(address).await.map_err(|e| {
        Fault::io(&e, &format!("listen on port {port}"), "")
            .advise("Choose another port with --port, or leave it out.")
    })?;
    let port = listener
        .local_addr()
        .map_err(|e| Fault::io(&e, "listen", ""))?
        .port();
    let token = token()?;
    println!("http://127.0.0.1:{port}/?token={token}");
    let server = Arc::new(Server {
        core,
        token,
        port,
        dropped: tempfile::tempdir()
            .map_err(|e| Fault::io(&e, "make a temporary folder", std::env::temp_dir()))?,
        uploads: AtomicU64::new(0),
    });
    let data = Router::new()
        .route(
            "/api/ask",
            post(ask).layer(DefaultBodyLimit::max(LARGEST_REQUEST)),
        )
        .route("/api/events", get(events))
        .route(
            "/api/upload",
            post(upload).layer(DefaultBodyLimit::max(LARGEST_UPLOAD)),
        )
        .layer(middleware::from_fn_with_state(server.clone(), authorise));
    let router = Router::new()
        .merge(data)
        .fallback(interface)
        .layer(middleware::from_fn_with_state(server.clone(), same_site))
        .with_state(server);
    axum::serve(listener, router)
        .with_graceful_shutdown(async {
            let _ = tokio::signal::ctrl_c().await;
        })
        .await
        .map_err(|e| Fault::io(&e, "serve", ""))
}

/// 256 random bits in hexadecimal.
fn token() -> Outcome<String> {
    let mut bytes = [0_u8; 32];
    getrandom::fill(&mut bytes).map_err(|e| {
        Fault::new(
            Code::Internal,
            format!("No random token could be made: {e}."),
        )
    })?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

/// Refuses requests under another host name (DNS rebinding) or from another site's page.
async fn same_site(
    State(server): State<Arc<Server>>,
    request: HttpRequest,
    next: Next,
) -> HttpResponse {
    if !is_same_site(request.headers(), server.port) {
        return StatusCode::FORBIDDEN.into_response();
    }
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(
            "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; \
             connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'; \
             frame-ancestors 'none'",
        ),
    );
    headers.insert(
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    );
    headers.insert(
        header::REFERRER_POLICY,
        HeaderValue::from_static("no-referrer"),
    );
    response
}

fn is_same_site(headers: &HeaderMap, port: u16) -> bool {
    let names = [format!("127.0.0.1:{port}"), format!("localhost:{port}")];
    let text = |name: header::HeaderName| headers.get(name).and_then(|value| value.to_str().ok());
    let host = text(header::HOST).is_some_and(|host| names.iter().any(|name| name == host));
    let origin = text(header::ORIGIN).is_none_or(|origin| {
        names
            .iter()
            .any(|name| origin.strip_prefix("http://") == Some(name))
    });
    host && origin
}

#[derive(Deserialize)]
struct Credentials {
    token: Option<String>,
}

async fn authorise(
    State(server): State<Arc<Server>>,
    Query(credentials): Query<Credentials>,
    headers: HeaderMap,
    request: HttpRequest,
    next: Next,
) -> HttpResponse {
    let given = headers
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Bearer "))
        .map(str::to_owned)
        .or(credentials.token);
    if !given.is_some_and(|given| same(given.as_bytes(), server.token.as_bytes())) {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    next.run(request).await
}

/// Compares in the same time wherever the first difference lies.
fn same(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0, |sum, (a, b)| sum | (a ^ b)) == 0
}

async fn ask(State(server): State<Arc<Server>>, body: axum::body::Bytes) -> HttpResponse {
    let request: Request = match serde_json::from_slice(&body) {
        Ok(request) => request,
        Err(e) => {
            return refuse(&Fault::new(
                Code::Invalid,
                format!("The request was not understood: {e}."),
            ));
        }
    };
    let core = server.core.clone();
    match tokio::task::spawn_blocking(move || core.ask(request)).await {
        Ok(Ok(response)) => axum::Json(response).into_response(),
        Ok(Err(fault)) => refuse(&fault),
        Err(_) => refuse(
            &Fault::new(Code::Internal, "That went wrong inside Decoupage.")
                .advise("Nothing was lost; please try again, and report it if it stays."),
        ),
    }
}

fn refuse(fault: &Fault) -> HttpResponse {
    let status = match fault.code {
        Code::Missing => StatusCode::NOT_FOUND,
        Code::Denied => StatusCode::FORBIDDEN,
        Code::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        Code::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        _ => StatusCode::UNPROCESSABLE_ENTITY,
    };
    (status, axum::Json(fault)).into_response()
}

async fn events(
    State(server): State<Arc<Server>>,
) -> Sse<impl futures_util::Stream<Item = Result<sse::Event, Infallible>>> {
    let events = server.core.listen();
    let (sender, receiver) = tokio::sync::mpsc::channel(256);
    // The core speaks through an ordinary channel; a thread carries it over for as long as the
    // browser listens.
    std::thread::spawn(move || {
        for event in events {
            let Ok(text) = serde_json::to_string(&event) else {
                continue;
            };
            if sender.blocking_send(text).is_err() {
                return;
            }
        }
    });
    Sse::new(ReceiverStream::new(receiver).map(|text| Ok(sse::Event::default().data(text))))
        .keep_alive(KeepAlive::default())
}

#[derive(Deserialize)]
struct Upload {
    name: String,
}

/// Takes a dropped file in. Files whose names have a folder part (`drop/frames/0001.png`) lie
/// together as they did; a single file lies by itself.
async fn upload(
    State(server): State<Arc<Server>>,
    Query(upload): Query<Upload>,
    body: Body,
) -> HttpResponse {
    match receive(&server, &upload.name, body).await {
        Ok(path) => axum::Json(serde_json::json!({ "path": path })).into_response(),
        Err(fault) => refuse(&fault),
    }
}

async fn receive(server: &Server, name: &str, body: Body) -> Outcome<PathBuf> {
    let mut path = server.dropped.path().to_owned();
    let parts: Vec<_> = name
        .split(['/', '\\'])
        .filter(|part| !part.is_empty())
        .collect();
    let plain = |part: &&str| *part != "." && *part != ".." && !part.contains('\0');
    if parts.is_empty() || parts.len() > 4 || !parts.iter().all(plain) {
        return Err(Fault::new(Code::Invalid, "That file name cannot be used."));
    }
    if parts.len() == 1 {
        // Two files of one name, dropped from two folders, are two files.
        let number = server.uploads.fetch_add(1, Ordering::Relaxed);
        path.push(format!("{number}"));
    }
    path.extend(&parts);
    let folder = path.parent().unwrap_or(server.dropped.path()).to_owned();
    let failed = |e: &std::io::Error| Fault::io(e, "take the file in", name);
    tokio::fs::create_dir_all(&folder)
        .await
        .map_err(|e| failed(&e))?;
    let mut file = tokio::fs::File::create(&path)
        .await
        .map_err(|e| failed(&e))?;
    let mut pieces = body.into_data_stream();
    while let Some(piece) = pieces.next().await {
        let piece = piece.map_err(|_| {
            Fault::new(Code::Damaged, "The file did not arrive whole.").advise("Drop it again.")
        })?;
        file.write_all(&piece).await.map_err(|e| failed(&e))?;
    }
    file.flush().await.map_err(|e| failed(&e))?;
    Ok(path)
}

async fn interface(uri: Uri) -> HttpResponse {
    let path = match uri.path().trim_start_matches('/') {
        "" => "index.html",
        path => path,
    };
    match INTERFACE.get_file(path) {
        Some(file) => {
            let kind = mime_guess::from_path(path).first_or_octet_stream();
            ([(header::CONTENT_TYPE, kind.to_string())], file.contents()).into_response()
        }
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
