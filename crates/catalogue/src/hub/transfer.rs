//! One file from the hub into the cache: taken up where it broke off, patient with stalls and
//! cut connections, and checked before it gets its name.

use std::fs::{self, File, OpenOptions};
use std::io::Write;
use std::path::Path;

use decoupage_shot::{Code, Fault, Outcome, Phase, Watch};
use reqwest::header::CONTENT_RANGE;
use reqwest::{StatusCode, Url};

use super::cache::Repository;
use super::client::{Client, Trouble, patiently, unreachable};
use crate::sums::Sum;

/// A try counts as a success once this much has arrived, bytes: a connection that breaks every
/// few megabytes still ends, one that breaks every few bytes is given up.
const PROGRESS: u64 = 256 << 10;

/// One file to fetch.
pub(crate) struct Wanted<'a> {
    pub url: Url,
    pub name: &'a str,
    pub etag: &'a str,
    pub bytes: u64,
    pub sum: Option<Sum>,
}

/// How much of the whole model there is.
pub(crate) struct Progress<'a> {
    pub watch: &'a dyn Watch,
    pub done: u64,
    pub total: u64,
}

impl Progress<'_> {
    fn at(&self, bytes: u64) {
        self.watch
            .report(Phase::Downloading, self.done + bytes, self.total);
    }
}

/// Fetches a file, unless its blob is already there, and gives it its name. A file whose content
/// is not what it should be is set aside and fetched once more.
pub(crate) fn fetch(
    client: &Client,
    repository: &Repository,
    wanted: &Wanted<'_>,
    progress: &Progress<'_>,
) -> Outcome<()> {
    let blob = repository.blob(wanted.etag);
    if length(&blob) == Some(wanted.bytes) {
        return Ok(());
    }
    let incomplete = repository.incomplete(wanted.etag);
    for last in [false, true] {
        transfer(client, wanted, &incomplete, progress)?;
        if is_right(wanted, &incomplete, progress)? {
            return fs::rename(&incomplete, &blob)
                .map_err(|error| Fault::io(&error, "put a file of the model into place", &blob));
        }
        let aside = repository.damaged(wanted.etag);
        fs::rename(&incomplete, &aside)
            .map_err(|error| Fault::io(&error, "set a damaged file aside", &incomplete))?;
        if last {
            return Err(Fault::new(
                Code::Damaged,
                format!(
                    "{} arrived damaged twice: its content is not what was published.",
                    crate::words::short(wanted.name)
                ),
            )
            .advise("Something between here and the server changes files; try another network or mirror.")
            .at(&aside));
        }
    }
    Ok(())
}

fn length(path: &Path) -> Option<u64> {
    fs::metadata(path).ok().map(|about| about.len())
}

fn is_right(wanted: &Wanted<'_>, path: &Path, progress: &Progress<'_>) -> Outcome<bool> {
    if length(path) != Some(wanted.bytes) {
        return Ok(false);
    }
    let Some(sum) = &wanted.sum else {
        return Ok(true);
    };
    let mut read = 0;
    sum.fits(path, progress.watch, |bytes| {
        read += bytes;
        progress.watch.report(Phase::Verifying, read, wanted.bytes);
    })
}

/// Brings the incomplete file to its full length.
fn transfer(
    client: &Client,
    wanted: &Wanted<'_>,
    path: &Path,
    progress: &Progress<'_>,
) -> Outcome<()> {
    let write = |error: &std::io::Error| Fault::io(error, "write the model", path);
    let mut file = OpenOptions::new()
        .create(true)
        .append(true)
        .open(path)
        .map_err(|error| write(&error))?;
    let mut there = file.metadata().map_err(|error| write(&error))?.len();
    if there > wanted.bytes {
        // More than the whole is nothing that could be completed.
        file.set_len(0).map_err(|error| write(&error))?;
        there = 0;
    }
    client.wait(async {
        let mut failed = 0;
        // Bytes since the last time that tries were forgiven.
        let mut mark = there;
        while there < wanted.bytes {
            progress.at(there);
            let piece = Piece {
                client,
                wanted,
                path,
                progress,
            };
            let trouble = match piece.receive(&mut file, &mut there).await {
                Ok(()) if there >= wanted.bytes => break,
                // The connection ended as if all were said.
                Ok(()) => Trouble::Passing(
                    Fault::new(
                        Code::Network,
                        "The connection broke off before the end of the file.",
                    )
                    .advise("Try again; what has arrived is kept."),
                    None,
                ),
                Err(trouble) => trouble,
            };
            let Trouble::Passing(fault, asked) = trouble else {
                return Err(trouble.fault());
            };
            if there >= mark + PROGRESS {
                failed = 0;
            }
            mark = there;
            failed += 1;
            if failed >= client.settings().tries {
                return Err(fault.at(path));
            }
            client.pause(failed, asked, progress.watch).await?;
        }
        Ok(())
    })?;
    file.sync_all().map_err(|error| write(&error))?;
    progress.at(wanted.bytes);
    Ok(())
}

struct Piece<'a> {
    client: &'a Client,
    wanted: &'a Wanted<'a>,
    path: &'a Path,
    progress: &'a Progress<'a>,
}

impl Piece<'_> {
    /// Receives what one connection brings.
    async fn receive(&self, file: &mut File, there: &mut u64) -> Result<(), Trouble> {
        let write = |error: &std::io::Error| Fault::io(error, "write the model", self.path);
        let watch = self.progress.watch;
        let from = (*there > 0).then_some(*there);
        let mut answer = self.client.get(&self.wanted.url, from, watch).await?;
        let restart = match (from, answer.status()) {
            (None, StatusCode::OK) => false,
            // The whole file again: the server cannot continue.
            (Some(_), StatusCode::OK) => true,
            (Some(_), StatusCode::RANGE_NOT_SATISFIABLE) => {
                file.set_len(0).map_err(|error| write(&error))?;
                *there = 0;
                return Err(Trouble::Passing(
                    super::client::strange("it does not have the rest of a file"),
                    None,
                ));
            }
            (_, StatusCode::PARTIAL_CONTENT) => {
                let range = answer
                    .headers()
                    .get(CONTENT_RANGE)
                    .and_then(|range| range.to_str().ok())
                    .and_then(content_range);
                if range != Some((*there, self.wanted.bytes)) {
                    // Another piece, or a piece of another file: what is there cannot be trusted.
                    file.set_len(0).map_err(|error| write(&error))?;
                    *there = 0;
                    return Err(Trouble::Passing(
                        super::client::strange("it sends another piece than was asked for"),
                        None,
                    ));
                }
                false
            }
            _ => {
                return Err(
                    super::client::strange("it sends nothing where a file should be").into(),
                );
            }
        };
        if restart {
            file.set_len(0).map_err(|error| write(&error))?;
            *there = 0;
        }
        let stall = self.client.settings().stall;
        while let Some(piece) = patiently(answer.chunk(), stall, watch)
            .await?
            .map_err(|error| unreachable(&error, &self.wanted.url))?
        {
            let left = self.wanted.bytes - *there;
            if piece.len() as u64 > left {
                // Longer than announced: not the file that was asked for.
                file.set_len(0).map_err(|error| write(&error))?;
                *there = 0;
                return Err(Trouble::Passing(
                    super::client::strange("it sends more than the file's size"),
                    None,
                ));
            }
            file.write_all(&piece).map_err(|error| write(&error))?;
            *there += piece.len() as u64;
            self.progress.at(*there);
        }
        Ok(())
    }
}

/// Start and total of "bytes START-END/TOTAL".
fn content_range(text: &str) -> Option<(u64, u64)> {
    let (range, total) = text.strip_prefix("bytes ")?.split_once('/')?;
    let (start, end) = range.split_once('-')?;
    let (start, end, total) = (
        start.parse().ok()?,
        end.parse::<u64>().ok()?,
        total.parse().ok()?,
    );
    (start <= end && end < total).then_some((start, total))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read() {
        assert_eq!(content_range("bytes 5-9/10"), Some((5, 10)));
        for text in [
            "",
            "bytes */10",
            "bytes 5-4/10",
            "bytes 0-10/10",
            "bytes a-b/c",
        ] {
            assert_eq!(content_range(text), None, "{text}");
        }
    }
}
