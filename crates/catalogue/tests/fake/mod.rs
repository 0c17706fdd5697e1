//! A hub on this computer that can misbehave in all the ways that real ones do.

pub mod place;

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard};

use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Method, Response, Uri, header};
use futures_util::{StreamExt, stream};
use sha1::{Digest, Sha1};
use sha2::Sha256;

/// The commit of every repository of the fake.
pub const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";

/// How the next request for a file's content goes wrong.
#[derive(Debug, Clone, PartialEq)]
pub enum Mishap {
    /// Sends this many bytes, then nothing, for ever.
    Stall(usize),
    /// Sends this many bytes, then cuts the connection.
    Cut(usize),
    /// Sends zeros of the right length.
    Zeros,
    /// Sends more than was announced.
    TooLong,
    /// Does not know of ranges.
    Whole,
    /// Sends another piece than was asked for.
    OtherPiece,
    /// Answers with this status, and `Retry-After` if given.
    Status(u16, Option<u64>),
}

/// One request, as the hub saw it.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    pub method: String,
    pub path: String,
    pub range: Option<String>,
    pub token: Option<String>,
}

#[derive(Default)]
pub struct Content {
    /// Files by name: content and whether it is a large one, sent from the store.
    pub files: BTreeMap<String, (Vec<u8>, bool)>,
    pub mishaps: BTreeMap<String, VecDeque<Mishap>>,
    pub seen: Vec<Seen>,
    /// File and range of every request that content was sent for.
    pub sent: Vec<(String, Option<String>)>,
    /// Demand this token.
    pub token: Option<String>,
    /// Refuse everyone with this status and error code.
    pub refuse: Option<(u16, &'static str)>,
    /// Lie about the size in `X-Linked-Size`.
    pub lie: Option<u64>,
    /// Send this ETag.
    pub etag: Option<String>,
    /// Send this commit in the list of files.
    pub commit: Option<String>,
    /// Small files are redirected on the hub itself, as the real one does.
    pub small_redirects: bool,
}

/// A hub, and a store on another port that it sends large files from.
pub struct FakeHub {
    content: Arc<Mutex<Content>>,
    pub endpoint: String,
    _runtime: tokio::runtime::Runtime,
}

#[derive(Clone)]
struct Server {
    content: Arc<Mutex<Content>>,
    store: String,
    is_store: bool,
}

impl FakeHub {
    pub fn start(files: &[(&str, Vec<u8>, bool)]) -> Self {
        let content = Arc::new(Mutex::new(Content {
            files: files
                .iter()
                .map(|(name, bytes, large)| ((*name).to_owned(), (bytes.clone(), *large)))
                .collect(),
            ..Content::default()
        }));
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("a runtime");
        let serve = |is_store: bool, store: String| {
            let server = Server {
                content: content.clone(),
                store,
                is_store,
            };
            let listener = runtime
                .block_on(tokio::net::TcpListener::bind("127.0.0.1:0"))
                .expect("a port");
            let address = format!("http://{}", listener.local_addr().expect("an address"));
            let app = axum::Router::new().fallback(answer).with_state(server);
            runtime.spawn(async move { axum::serve(listener, app).await });
            address
        };
        let store = serve(true, String::new());
        let endpoint = serve(false, store);
        Self {
            content,
            endpoint,
            _runtime: runtime,
        }
    }

    pub fn content(&self) -> MutexGuard<'_, Content> {
        self.content.lock().expect("no panic elsewhere")
    }

    pub fn mishap(&self, file: &str, mishap: Mishap) {
        self.content()
            .mishaps
            .entry(file.to_owned())
            .or_default()
            .push_back(mishap);
    }

    /// Requests that content was sent for since the last time this was asked: file and range.
    pub fn sent(&self) -> Vec<(String, Option<String>)> {
        std::mem::take(&mut self.content().sent)
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

pub fn git_blob(bytes: &[u8]) -> String {
    let mut sum = Sha1::new();
    sum.update(format!("blob {}\0", bytes.len()));
    sum.update(bytes);
    hex(&sum.finalize())
}

fn plain(status: u16) -> axum::http::response::Builder {
    Response::builder().status(status)
}

fn done(builder: axum::http::response::Builder, body: Body) -> Response<Body> {
    builder.body(body).expect("an answer")
}

async fn answer(
    State(server): State<Server>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Response<Body> {
    let text = |name: header::HeaderName| {
        headers
            .get(name)
            .map(|value| value.to_str().expect("text").to_owned())
    };
    let path = uri.path().to_owned();
    let mut content = server.content.lock().expect("no panic elsewhere");
    content.seen.push(Seen {
        method: method.to_string(),
        path: if server.is_store {
            format!("/store{path}")
        } else {
            path.clone()
        },
        range: text(header::RANGE),
        token: text(header::AUTHORIZATION),
    });
    if let Some((status, code)) = content.refuse {
        return done(plain(status).header("x-error-code", code), Body::empty());
    }
    if !server.is_store
        && let Some(token) = &content.token
        && text(header::AUTHORIZATION) != Some(format!("Bearer {token}"))
    {
        return done(plain(401), Body::empty());
    }
    if path.starts_with("/api/models/") {
        let names: Vec<_> = content
            .files
            .keys()
            .map(|name| serde_json::json!({ "rfilename": name }))
            .collect();
        let commit = content.commit.as_deref().unwrap_or(COMMIT);
        let list = serde_json::json!({ "sha": commit, "siblings": names });
        return done(plain(200), Body::from(list.to_string()));
    }
    let name = path
        .split_once("/resolve/")
        .and_then(|(_, rest)| rest.split_once('/'))
        .map_or(path.trim_start_matches('/'), |(_, name)| name)
        .trim_start_matches("cache/")
        .to_owned();
    let Some((bytes, large)) = content.files.get(&name).cloned() else {
        return done(
            plain(404).header("x-error-code", "EntryNotFound"),
            Body::empty(),
        );
    };
    let size = content.lie.unwrap_or(bytes.len() as u64);
    let redirected = path.contains("/resolve/");
    if redirected && large {
        let etag = content.etag.clone().unwrap_or_else(|| sha256(&bytes));
        let answer = plain(302)
            .header("x-repo-commit", COMMIT)
            .header("x-linked-etag", format!("\"{etag}\""))
            .header("x-linked-size", size)
            .header(header::LOCATION, format!("{}/{name}", server.store));
        return done(answer, Body::empty());
    }
    if redirected && content.small_redirects {
        let answer = plain(307)
            .header("x-repo-commit", COMMIT)
            .header(header::LOCATION, format!("/cache/{name}"));
        return done(answer, Body::empty());
    }
    if method == Method::HEAD {
        let etag = content.etag.clone().unwrap_or_else(|| git_blob(&bytes));
        let answer = plain(200)
            .header("x-repo-commit", COMMIT)
            .header(header::ETAG, format!("\"{etag}\""))
            .header(header::CONTENT_LENGTH, size);
        return done(answer, Body::empty());
    }
    let mishap = content.mishaps.get_mut(&name).and_then(VecDeque::pop_front);
    content.sent.push((name, text(header::RANGE)));
    drop(content);
    send(bytes, text(header::RANGE).as_deref(), mishap)
}

/// Sends a file's content in pieces of 16 kB.
fn send(bytes: Vec<u8>, range: Option<&str>, mishap: Option<Mishap>) -> Response<Body> {
    let total = bytes.len();
    let from = range
        .and_then(|range| range.strip_prefix("bytes="))
        .and_then(|range| range.trim_end_matches('-').parse::<usize>().ok());
    let from = from.filter(|_| mishap != Some(Mishap::Whole));
    if let Some(Mishap::Status(status, after)) = mishap {
        let mut answer = plain(status);
        if let Some(after) = after {
            answer = answer.header(header::RETRY_AFTER, after);
        }
        return done(answer, Body::empty());
    }
    let mut answer = plain(200);
    let mut start = 0;
    if let Some(from) = from {
        if from >= total {
            return done(plain(416), Body::empty());
        }
        start = if mishap == Some(Mishap::OtherPiece) {
            from / 2
        } else {
            from
        };
        answer = plain(206).header(
            header::CONTENT_RANGE,
            format!("bytes {start}-{}/{total}", total - 1),
        );
    }
    let mut rest = bytes[start..].to_vec();
    if mishap == Some(Mishap::Zeros) {
        rest.fill(0);
    }
    if mishap == Some(Mishap::TooLong) {
        rest.extend([7; 100]);
    }
    answer = answer.header(header::CONTENT_LENGTH, rest.len());
    let limit = match mishap {
        Some(Mishap::Stall(bytes) | Mishap::Cut(bytes)) => bytes,
        _ => usize::MAX,
    };
    let pieces: Vec<Result<Bytes, std::io::Error>> = rest[..limit.min(rest.len())]
        .chunks(16 << 10)
        .map(|piece| Ok(Bytes::copy_from_slice(piece)))
        .collect();
    let pieces = stream::iter(pieces);
    let body = match mishap {
        Some(Mishap::Stall(_)) => Body::from_stream(pieces.chain(stream::pending())),
        // The pause makes the server send what it has before it cuts.
        Some(Mishap::Cut(_)) => Body::from_stream(pieces.chain(stream::once(async {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
            Err(std::io::Error::other("cut"))
        }))),
        _ => Body::from_stream(pieces),
    };
    done(answer, body)
}
