//! A server that speaks the protocol, and everything that can go wrong with it.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, Response, StatusCode};
use axum::routing::{get, post};
use futures_util::stream;
use serde_json::{Value, json};

/// What the server does with one request for an answer.
#[derive(Clone)]
pub enum Act {
    /// Streams these pieces.
    Stream(Vec<Piece>),
    /// Answers with a status, `Retry-After` and a body.
    Status(u16, Option<&'static str>, String),
    /// Answers all at once.
    Whole(String),
    /// Answers with a web page.
    Page,
}

#[derive(Clone)]
pub enum Piece {
    /// An event.
    Event(String),
    /// Nothing, for a while.
    Pause(Duration),
    /// Nothing, for ever.
    Stall,
    /// The connection breaks.
    Break,
}

/// The words of a chunk.
pub fn words(text: &str) -> Piece {
    Piece::Event(json!({"object": "chat.completion.chunk", "choices": [{"index": 0, "delta": {"content": text}, "finish_reason": null}]}).to_string())
}

pub fn stop() -> Piece {
    Piece::Event(json!({"object": "chat.completion.chunk", "choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}], "usage": {"prompt_tokens": 11, "completion_tokens": 7}}).to_string())
}

pub fn done() -> Piece {
    Piece::Event("[DONE]".to_owned())
}

/// A text in small chunks, with its end.
pub fn all(text: &str) -> Act {
    let chars: Vec<char> = text.chars().collect();
    let mut pieces: Vec<Piece> = chars
        .chunks(4)
        .map(|c| words(&c.iter().collect::<String>()))
        .collect();
    pieces.extend([stop(), done()]);
    Act::Stream(pieces)
}

struct Inner {
    acts: Mutex<VecDeque<Act>>,
    models: Value,
    props: Option<Value>,
    key: Option<&'static str>,
    seen: Mutex<Vec<Value>>,
    asked: AtomicUsize,
    dropped: AtomicUsize,
}

/// A running server; it ends with the value.
pub struct Fake {
    pub address: SocketAddr,
    inner: Arc<Inner>,
    runtime: Option<tokio::runtime::Runtime>,
}

pub struct Setup {
    pub owner: &'static str,
    pub models: Vec<&'static str>,
    pub llama: bool,
    pub key: Option<&'static str>,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            owner: "someone",
            models: vec!["writer"],
            llama: false,
            key: None,
        }
    }
}

impl Fake {
    /// A server that does these acts in order, the last one for ever.
    pub fn start(setup: Setup, acts: Vec<Act>) -> Self {
        let list: Vec<Value> = setup
            .models
            .iter()
            .map(|id| json!({"id": id, "object": "model", "owned_by": setup.owner, "max_model_len": 8192}))
            .collect();
        let inner = Arc::new(Inner {
            acts: Mutex::new(acts.into()),
            models: json!({"object": "list", "data": list}),
            props: setup.llama.then(|| {
                json!({"default_generation_settings": {"n_ctx": 4096}, "modalities": {"vision": true}})
            }),
            key: setup.key,
            seen: Mutex::default(),
            asked: AtomicUsize::new(0),
            dropped: AtomicUsize::new(0),
        });
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        let app = Router::new()
            .route("/v1/models", get(models))
            .route("/v1/chat/completions", post(answer))
            .route("/props", get(props))
            .with_state(inner.clone());
        let listener = runtime
            .block_on(tokio::net::TcpListener::bind("127.0.0.1:0"))
            .unwrap();
        let address = listener.local_addr().unwrap();
        runtime.spawn(async move {
            let _ = axum::serve(listener, app).await;
        });
        Self {
            address,
            inner,
            runtime: Some(runtime),
        }
    }

    /// The bodies of the requests so far.
    pub fn seen(&self) -> Vec<Value> {
        self.inner.seen.lock().unwrap().clone()
    }

    /// How often models were asked for.
    pub fn probed(&self) -> usize {
        self.inner.asked.load(Ordering::SeqCst)
    }

    /// How many answers were let go of before their end.
    pub fn dropped(&self) -> usize {
        self.inner.dropped.load(Ordering::SeqCst)
    }
}

impl Drop for Fake {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

fn plain(status: u16, kind: &str, body: String) -> Response<Body> {
    Response::builder()
        .status(StatusCode::from_u16(status).unwrap())
        .header("content-type", kind)
        .body(Body::from(body))
        .unwrap()
}

fn locked(inner: &Inner, headers: &HeaderMap) -> Option<Response<Body>> {
    let key = inner.key?;
    let sent = headers.get("authorization").and_then(|v| v.to_str().ok());
    (sent != Some(&format!("Bearer {key}"))).then(|| {
        plain(
            401,
            "application/json",
            json!({"error": {"message": "Incorrect API key provided", "code": "invalid_api_key"}})
                .to_string(),
        )
    })
}

async fn models(State(inner): State<Arc<Inner>>, headers: HeaderMap) -> Response<Body> {
    inner.asked.fetch_add(1, Ordering::SeqCst);
    match locked(&inner, &headers) {
        Some(refused) => refused,
        None => plain(200, "application/json", inner.models.to_string()),
    }
}

async fn props(State(inner): State<Arc<Inner>>) -> Response<Body> {
    match &inner.props {
        Some(props) => plain(200, "application/json", props.to_string()),
        None => plain(
            404,
            "application/json",
            json!({"detail": "Not Found"}).to_string(),
        ),
    }
}

/// Counts an answer that is let go of before its end.
struct Guard(Arc<Inner>, bool);

impl Guard {
    fn end(&mut self) {
        self.1 = true;
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if !self.1 {
            self.0.dropped.fetch_add(1, Ordering::SeqCst);
        }
    }
}

async fn answer(
    State(inner): State<Arc<Inner>>,
    headers: HeaderMap,
    body: Bytes,
) -> Response<Body> {
    if let Some(refused) = locked(&inner, &headers) {
        return refused;
    }
    let Ok(body) = serde_json::from_slice::<Value>(&body) else {
        return plain(
            400,
            "application/json",
            json!({"error": {"message": "not JSON"}}).to_string(),
        );
    };
    inner.seen.lock().unwrap().push(body);
    let act = {
        let mut acts = inner.acts.lock().unwrap();
        match acts.len() {
            0 | 1 => acts.front().cloned(),
            _ => acts.pop_front(),
        }
    };
    match act.expect("the server has something to do") {
        Act::Status(status, wait, body) => {
            let mut response = plain(status, "application/json", body);
            if let Some(wait) = wait {
                response
                    .headers_mut()
                    .insert("retry-after", wait.parse().unwrap());
            }
            response
        }
        Act::Whole(text) => plain(
            200,
            "application/json",
            json!({"object": "chat.completion", "choices": [{"message": {"role": "assistant", "content": text}, "finish_reason": "stop"}], "usage": {"prompt_tokens": 3, "completion_tokens": 4}}).to_string(),
        ),
        Act::Page => plain(200, "text/html; charset=utf-8", "<html>Welcome</html>".to_owned()),
        Act::Stream(pieces) => {
            let guard = Guard(inner.clone(), false);
            let stream = stream::unfold((pieces.into_iter(), guard), |(mut pieces, mut guard)| async move {
                loop {
                    match pieces.next() {
                        None => {
                                guard.end();
                                return None;
                            }
                        Some(Piece::Event(data)) => {
                            let line = Ok::<_, std::io::Error>(Bytes::from(format!("data: {data}\n\n")));
                            return Some((line, (pieces, guard)));
                        }
                        Some(Piece::Pause(time)) => tokio::time::sleep(time).await,
                        Some(Piece::Stall) => std::future::pending::<()>().await,
                        Some(Piece::Break) => {
                            guard.end();
                            // What was written reaches the other side first.
                            tokio::time::sleep(Duration::from_millis(30)).await;
                            let broken = std::io::Error::from(std::io::ErrorKind::ConnectionReset);
                            return Some((Err(broken), (Vec::new().into_iter(), guard)));
                        }
                    }
                }
            });
            Response::builder()
                .header("content-type", "text/event-stream")
                .body(Body::from_stream(stream))
                .unwrap()
        }
    }
}
