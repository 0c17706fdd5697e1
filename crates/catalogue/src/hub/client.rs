//! Speaking with the hub: addresses, redirects, who gets the token, and what its answers mean.

use std::future::Future;
use std::sync::Once;
use std::time::Duration;

use decoupage_shot::{Code, Fault, Outcome, Watch};
use reqwest::header::{
    ACCEPT_ENCODING, AUTHORIZATION, CONTENT_LENGTH, ETAG, HeaderMap, HeaderName, LOCATION, RANGE,
    RETRY_AFTER,
};
use reqwest::{Method, Response, StatusCode, Url};

use super::settings::HubSettings;

const MOST_REDIRECTS: usize = 8;
/// How often a wait looks whether it was cancelled.
const TICK: Duration = Duration::from_millis(100);
/// A server may ask for patience, but not for an hour's.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// How often a question is asked before the person is told: whoever has no connection should not
/// wait for it to be missed five times.
const MOST_QUESTIONS: u32 = 3;
/// The list of a repository's files is a few kilobytes.
const LARGEST_LIST: usize = 16 << 20;

/// Why a request did not succeed.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// Another try will not help.
    Final(Fault),
    /// Another try may help, after a pause if the server asked for one.
    Passing(Fault, Option<Duration>),
}

impl From<Fault> for Trouble {
    fn from(fault: Fault) -> Self {
        Self::Final(fault)
    }
}

impl Trouble {
    pub(crate) fn fault(self) -> Fault {
        match self {
            Self::Final(fault) | Self::Passing(fault, _) => fault,
        }
    }
}

/// What the hub says of a file without sending it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct About {
    pub commit: Option<String>,
    pub etag: String,
    pub bytes: u64,
}

pub(crate) struct Client {
    http: reqwest::Client,
    endpoint: Url,
    settings: HubSettings,
    runtime: tokio::runtime::Runtime,
}

impl Client {
    /// # Errors
    /// Offline mode, before anything else; an endpoint that is no address.
    pub(crate) fn new(settings: &HubSettings) -> Outcome<Self> {
        if settings.offline {
            return Err(Fault::new(
                Code::Network,
                "Decoupage is set to stay offline, so nothing was fetched.",
            )
            .advise("Allow downloads in the settings of the models, or add a folder that holds the model."));
        }
        let endpoint = Url::parse(&settings.endpoint)
            .ok()
            .filter(|url| matches!(url.scheme(), "http" | "https") && url.host().is_some())
            .ok_or_else(|| {
                Fault::new(
                    Code::Invalid,
                    "The address of the model server is not a web address.",
                )
                .advise(format!(
                    "It should look like {}.",
                    super::settings::PUBLIC_ENDPOINT
                ))
            })?;
        install_provider();
        let mut http = reqwest::Client::builder()
            // Redirects are followed by hand: the token must not follow them to another host,
            // and the first answer's headers are the ones that count.
            .redirect(reqwest::redirect::Policy::none())
            // One large file after another: HTTP/2 would only add its own flow control.
            .http1_only()
            .connect_timeout(settings.stall.min(Duration::from_secs(20)))
            .user_agent(concat!("decoupage/", env!("CARGO_PKG_VERSION")));
        if is_loopback(&endpoint) {
            // A proxy cannot reach a mirror on this computer.
            http = http.no_proxy();
        }
        let http = http.build().map_err(|error| internal(&error))?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|error| internal(&error))?;
        Ok(Self {
            http,
            endpoint,
            settings: settings.clone(),
            runtime,
        })
    }

    pub(crate) fn settings(&self) -> &HubSettings {
        &self.settings
    }

    pub(crate) fn wait<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.block_on(work)
    }

    /// An address below the endpoint; every part is escaped.
    pub(crate) fn address<'a>(&self, parts: impl IntoIterator<Item = &'a str>) -> Url {
        let mut url = self.endpoint.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty();
            for part in parts {
                segments.extend(part.split('/'));
            }
        }
        url
    }

    /// The address of a file of a repository.
    pub(crate) fn file(&self, repository: &str, revision: &str, name: &str) -> Url {
        // A branch may have a slash in its name ("refs/pr/1"), which is one segment here.
        let mut url = self.address([repository, "resolve"]);
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.push(revision);
            segments.extend(name.split('/'));
        }
        url
    }

    fn is_endpoint(&self, url: &Url) -> bool {
        url.scheme() == self.endpoint.scheme()
            && url.host() == self.endpoint.host()
            && url.port_or_known_default() == self.endpoint.port_or_known_default()
    }

    /// Whether the token may be sent there: to the endpoint itself, over an encrypted connection
    /// or to this computer.
    fn may_know_token(&self, url: &Url) -> bool {
        self.is_endpoint(url) && (url.scheme() == "https" || is_loopback(url))
    }

    async fn once(
        &self,
        method: &Method,
        url: &Url,
        from: Option<u64>,
        watch: &dyn Watch,
    ) -> Result<Response, Trouble> {
        let mut request = self
            .http
            .request(method.clone(), url.clone())
            .header(ACCEPT_ENCODING, "identity");
        if let Some(token) = self.settings.token.as_ref()
            && self.may_know_token(url)
        {
            request = request.header(AUTHORIZATION, format!("Bearer {}", token.secret()));
        }
        if let Some(from) = from {
            request = request.header(RANGE, format!("bytes={from}-"));
        }
        patiently(request.send(), self.settings.stall, watch)
            .await?
            .map_err(|error| unreachable(&error, url))
    }

    /// A redirect's target, if the answer is one. Never from an encrypted to an open connection.
    fn target(answer: &Response) -> Result<Option<Url>, Trouble> {
        if !answer.status().is_redirection() || answer.status() == StatusCode::NOT_MODIFIED {
            return Ok(None);
        }
        let target = answer
            .headers()
            .get(LOCATION)
            .and_then(|location| location.to_str().ok())
            .and_then(|location| answer.url().join(location).ok())
            .filter(|target| match target.scheme() {
                "https" => true,
                "http" => answer.url().scheme() == "http",
                _ => false,
            });
        target
            .map(Some)
            .ok_or_else(|| strange("it points to no usable address").into())
    }

    /// Asks for a file's content from a byte on; redirects are followed.
    pub(crate) async fn get(
        &self,
        url: &Url,
        from: Option<u64>,
        watch: &dyn Watch,
    ) -> Result<Response, Trouble> {
        let mut url = url.clone();
        for _ in 0..MOST_REDIRECTS {
            let answer = self.once(&Method::GET, &url, from, watch).await?;
            match Self::target(&answer)? {
                Some(target) => url = target,
                // What to do about a piece that does not exist, the caller knows.
                None if answer.status() == StatusCode::RANGE_NOT_SATISFIABLE => return Ok(answer),
                None => return self.accept(answer),
            }
        }
        Err(strange("it redirects in circles").into())
    }

    /// Asks what a file is.
    pub(crate) async fn about(&self, url: &Url, watch: &dyn Watch) -> Result<About, Trouble> {
        let mut url = url.clone();
        let mut commit = None;
        let (mut etag, mut bytes) = (None, None);
        for _ in 0..MOST_REDIRECTS {
            let answer = self.once(&Method::HEAD, &url, None, watch).await?;
            let headers = answer.headers();
            commit = commit.or_else(|| text(headers, &COMMIT));
            etag = etag.or_else(|| text(headers, &LINKED_ETAG));
            bytes = bytes.or_else(|| number(headers, &LINKED_SIZE));
            let target = Self::target(&answer)?;
            // The store that a large file is sent from has other headers, and needs no asking
            // where the hub itself has told all.
            if let Some(target) = target
                && !(etag.is_some() && bytes.is_some() && commit.is_some())
            {
                url = target;
                continue;
            }
            let answer = if answer.status().is_redirection() {
                answer
            } else {
                self.accept(answer)?
            };
            let headers = answer.headers();
            let etag = etag.or_else(|| text(headers, &ETAG));
            let bytes = bytes.or_else(|| number(headers, &CONTENT_LENGTH));
            let etag = etag.as_deref().and_then(super::names::blob_of);
            return match (etag, bytes) {
                (Some(etag), Some(bytes)) => Ok(About {
                    commit,
                    etag,
                    bytes,
                }),
                (None, _) => Err(strange("it does not name the file's content").into()),
                (_, None) => Err(strange("it does not tell the file's size").into()),
            };
        }
        Err(strange("it redirects in circles").into())
    }

    /// Fetches a small JSON document.
    pub(crate) async fn json(
        &self,
        url: &Url,
        watch: &dyn Watch,
    ) -> Result<serde_json::Value, Trouble> {
        let mut answer = self.get(url, None, watch).await?;
        let mut text = Vec::new();
        while let Some(piece) = patiently(answer.chunk(), self.settings.stall, watch)
            .await?
            .map_err(|error| unreachable(&error, url))?
        {
            if text.len() + piece.len() > LARGEST_LIST {
                return Err(strange("its list of files is far too long").into());
            }
            text.extend_from_slice(&piece);
        }
        serde_json::from_slice(&text)
            .map_err(|_| strange("its list of files is not the JSON it should be").into())
    }

    /// Asks a question until it is answered, with pauses that double.
    pub(crate) fn retrying<T>(
        &self,
        watch: &dyn Watch,
        mut work: impl AsyncFnMut() -> Result<T, Trouble>,
    ) -> Outcome<T> {
        self.wait(async {
            let mut failed = 0;
            loop {
                match work().await {
                    Ok(value) => return Ok(value),
                    Err(Trouble::Final(fault)) => return Err(fault),
                    Err(Trouble::Passing(fault, asked)) => {
                        failed += 1;
                        if failed >= self.settings.tries.min(MOST_QUESTIONS) {
                            return Err(fault);
                        }
                        self.pause(failed, asked, watch).await?;
                    }
                }
            }
        })
    }

    /// Waits before another try.
    pub(crate) async fn pause(
        &self,
        failed: u32,
        asked: Option<Duration>,
        watch: &dyn Watch,
    ) -> Outcome<()> {
        let doubled = self.settings.pause * 2_u32.pow(failed.saturating_sub(1).min(5));
        let pause = asked.unwrap_or(doubled).min(LONGEST_PAUSE);
        let mut left = pause;
        while !left.is_zero() {
            watch.go_on()?;
            let step = left.min(TICK);
            tokio::time::sleep(step).await;
            left -= step;
        }
        watch.go_on()
    }

    /// Turns an answer that is no success into words.
    fn accept(&self, answer: Response) -> Result<Response, Trouble> {
        let status = answer.status();
        if status.is_success() {
            return Ok(answer);
        }
        let host = answer.url().host_str().unwrap_or("The server").to_owned();
        let why = text(answer.headers(), &ERROR_CODE).unwrap_or_default();
        let known = self.settings.token.is_some() && self.may_know_token(answer.url());
        let page = self.endpoint.as_str().trim_end_matches('/');
        let fault = match (status, why.as_str()) {
            (StatusCode::FORBIDDEN, _) | (_, "GatedRepo") => Fault::new(
                Code::Denied,
                "The publisher of this model asks for its terms to be accepted first.",
            )
            .advise(if known {
                format!("Accept them on the model's page at {page}, with the account that your token belongs to.")
            } else {
                format!("Accept them on the model's page at {page}, then set your access token (HF_TOKEN).")
            }),
            (StatusCode::UNAUTHORIZED, _) if known => {
                Fault::new(Code::Denied, format!("{host} does not accept your access token."))
                    .advise("Make a new token and set it as HF_TOKEN.")
            }
            (StatusCode::UNAUTHORIZED, _) if self.settings.token.is_some() => Fault::new(
                Code::Denied,
                format!("{host} wants your access token, which is not sent over an open connection."),
            )
            .advise("Use an address that begins with https://."),
            (StatusCode::UNAUTHORIZED, _) => Fault::new(
                Code::Denied,
                format!("{host} shows this model only to people it knows, or does not have it."),
            )
            .advise("Set your access token (HF_TOKEN), or check the model's name."),
            (StatusCode::NOT_FOUND, "RevisionNotFound") => {
                Fault::new(Code::Missing, format!("{host} does not have this version of the model."))
                    .advise("Update Decoupage, or choose another model.")
            }
            (StatusCode::NOT_FOUND, "RepoNotFound") => {
                Fault::new(Code::Missing, format!("{host} does not have this model."))
                    .advise("A mirror may not have it yet; try the public hub.")
            }
            (StatusCode::NOT_FOUND | StatusCode::GONE, _) => Fault::new(
                Code::Missing,
                format!("{host} does not have one of the model's files."),
            )
            .advise("A mirror may not have it yet; try the public hub, or update Decoupage."),
            (StatusCode::TOO_MANY_REQUESTS, _) => {
                let fault = Fault::new(Code::Network, format!("{host} asks for a pause: too many requests."))
                    .advise("Try again in a few minutes; what has arrived is kept.");
                return Err(Trouble::Passing(fault, retry_after(answer.headers())));
            }
            (StatusCode::REQUEST_TIMEOUT, _) => {
                return Err(Trouble::Passing(stalled(), None));
            }
            (status, _) if status.is_server_error() => {
                let fault = Fault::new(
                    Code::Network,
                    format!("{host} has trouble of its own (error {}).", status.as_u16()),
                )
                .advise("Try again later; what has arrived is kept.");
                return Err(Trouble::Passing(fault, retry_after(answer.headers())));
            }
            (status, _) => Fault::new(
                Code::Network,
                format!("{host} refused the request (error {}).", status.as_u16()),
            )
            .advise("Try again later, or try another mirror."),
        };
        Err(Trouble::Final(fault))
    }
}

fn is_loopback(url: &Url) -> bool {
    url.host_str()
        .is_some_and(|host| matches!(host, "localhost" | "127.0.0.1" | "[::1]"))
}

static COMMIT: HeaderName = HeaderName::from_static("x-repo-commit");
static LINKED_ETAG: HeaderName = HeaderName::from_static("x-linked-etag");
static LINKED_SIZE: HeaderName = HeaderName::from_static("x-linked-size");
static ERROR_CODE: HeaderName = HeaderName::from_static("x-error-code");

fn text(headers: &HeaderMap, name: &HeaderName) -> Option<String> {
    let value = headers.get(name)?.to_str().ok()?;
    (!value.is_empty() && value.len() <= 1000).then(|| value.to_owned())
}

fn number(headers: &HeaderMap, name: &HeaderName) -> Option<u64> {
    text(headers, name)?.parse().ok()
}

/// Seconds only: the hub never sends a date.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    number(headers, &RETRY_AFTER).map(Duration::from_secs)
}

/// Waits for something for as long as a transfer may stand still, and hears of cancellation.
pub(crate) async fn patiently<T>(
    work: impl Future<Output = T>,
    stall: Duration,
    watch: &dyn Watch,
) -> Result<T, Trouble> {
    tokio::pin!(work);
    let still = tokio::time::sleep(stall);
    tokio::pin!(still);
    loop {
        watch.go_on()?;
        tokio::select! {
            biased;
            value = &mut work => return Ok(value),
            () = &mut still => return Err(Trouble::Passing(stalled(), None)),
            () = tokio::time::sleep(TICK) => {}
        }
    }
}

pub(crate) fn stalled() -> Fault {
    Fault::new(
        Code::Network,
        "The download stands still: nothing arrives any more.",
    )
    .advise("Check the connection and try again; what has arrived is kept.")
}

pub(crate) fn strange(why: &str) -> Fault {
    Fault::new(
        Code::Network,
        format!("The model server answers in a way that makes no sense: {why}."),
    )
    .advise("Check the address of the mirror, or try the public hub.")
}

fn internal(error: &dyn std::error::Error) -> Fault {
    Fault::new(
        Code::Internal,
        format!("The connection to the model server could not be prepared: {error}."),
    )
}

/// No answer at all: told by what a person can check.
pub(crate) fn unreachable(error: &reqwest::Error, url: &Url) -> Trouble {
    let host = url.host_str().unwrap_or("the model server");
    let fault = if is_certificate(error) {
        Fault::new(
            Code::Network,
            format!("The connection to {host} is not safe: its certificate cannot be trusted."),
        )
        .advise("Check the computer's date; behind a company's proxy, its certificate has to be installed in the system.")
    } else if error.is_connect() {
        Fault::new(Code::Network, format!("{host} cannot be reached."))
            .advise("Check the connection to the internet, or set a mirror.")
    } else {
        Fault::new(
            Code::Network,
            format!("The connection to {host} broke off."),
        )
        .advise("Try again; what has arrived is kept.")
    };
    Trouble::Passing(fault, None)
}

/// Whether the other side could not prove who it is.
fn is_certificate(error: &reqwest::Error) -> bool {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = cause {
        let tls = error.downcast_ref::<rustls::Error>();
        if matches!(tls, Some(rustls::Error::InvalidCertificate(_))) {
            return true;
        }
        // An input/output error passes over what it wraps when asked for its cause.
        let wrapped = error
            .downcast_ref::<std::io::Error>()
            .and_then(std::io::Error::get_ref);
        cause = match wrapped {
            Some(wrapped) => Some(wrapped),
            None => error.source(),
        };
    }
    false
}

/// rustls has to be told once which implementation of cryptography to use.
fn install_provider() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // Refused where the process has chosen already, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
}
