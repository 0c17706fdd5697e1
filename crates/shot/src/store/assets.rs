//! The files behind conditions: copied into the project or linked, known by their content.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Component, Path, PathBuf};
use std::time::SystemTime;

use crate::condition::{ContentHash, Media, Storage};
use crate::fault::{Code, Fault, Outcome};
use crate::store::MEDIA;
use crate::watch::{Phase, Watch};

/// Most files a folder of frames may hold.
pub const MOST_FRAMES: usize = 200_000;

/// Takes a file or a folder of frames into a project: copied or linked.
///
/// # Errors
/// The system's refusal, an empty file or folder, or the person's cancellation; nothing half
/// copied stays behind.
pub fn take_in(
    project_folder: &Path,
    source: &Path,
    storage: Storage,
    watch: &dyn Watch,
) -> Outcome<Media> {
    let source = source
        .canonicalize()
        .map_err(|e| Fault::io(&e, "open the file", source))?;
    let (hash, bytes) = fingerprint(&source, watch)?;
    let sequence = source.is_dir();
    if bytes == 0 {
        return Err(Fault::new(Code::Damaged, "The file is empty.").at(source));
    }
    let inside = source.starts_with(project_folder.join(MEDIA));
    let path = match storage {
        // What already lies in the project's media is used where it is.
        Storage::Copied if inside => relative(project_folder, &source),
        Storage::Linked => relative(project_folder, &source),
        Storage::Copied => {
            let name = stored_name(&source, &hash);
            let target = project_folder.join(MEDIA).join(&name);
            if !target.exists() {
                copy(&source, &target, sequence, watch)?;
            }
            format!("{MEDIA}/{name}")
        }
    };
    Ok(Media {
        path,
        storage,
        hash,
        bytes,
        sequence,
    })
}

/// Where a condition's medium is. The file itself may be missing.
///
/// # Errors
/// [`Code::Invalid`] when a copied medium's path would lead out of the project folder.
pub fn resolve(project_folder: &Path, media: &Media) -> Outcome<PathBuf> {
    let relative = Path::new(&media.path);
    if media.storage == Storage::Copied {
        let leaves = || {
            Fault::new(
                Code::Invalid,
                "The project names a copied file that lies outside its folder; it was not \
                 opened.",
            )
            .at(relative)
        };
        if !relative
            .components()
            .all(|part| matches!(part, Component::Normal(_) | Component::CurDir))
        {
            return Err(leaves());
        }
        let path = project_folder.join(relative);
        // A link inside the folder may lead out of it as well.
        if let Ok(real) = path.canonicalize()
            && let Ok(home) = project_folder.canonicalize()
            && !real.starts_with(home)
        {
            return Err(leaves());
        }
        return Ok(path);
    }
    Ok(project_folder.join(relative))
}

/// The content hash and size of a file, or of all files of a folder of frames.
///
/// # Errors
/// The system's refusal, or the person's cancellation.
pub fn fingerprint(path: &Path, watch: &dyn Watch) -> Outcome<(ContentHash, u64)> {
    if !path.is_dir() {
        let (hash, bytes) = hash_file(path, watch)?;
        return Ok((ContentHash(hash.to_hex().to_string()), bytes));
    }
    let mut hasher = blake3::Hasher::new();
    let mut total = 0;
    let frames = frames_of(path)?;
    for (number, frame) in frames.iter().enumerate() {
        watch.report(Phase::Adding, number as u64, frames.len() as u64);
        let (hash, bytes) = hash_file(frame, watch)?;
        hasher.update(frame.file_name().unwrap_or_default().as_encoded_bytes());
        hasher.update(&[0]);
        hasher.update(hash.as_bytes());
        total += bytes;
    }
    Ok((ContentHash(hasher.finalize().to_hex().to_string()), total))
}

/// The largest file that is taken along with another, bytes: words, not pictures.
const LARGEST_COMPANION: u64 = 16 << 20;

/// Takes along what lies beside a file and belongs to it (a transcript): it is copied beside
/// the copied file, under that file's name. Linked files have it beside them already.
///
/// # Errors
/// The system's refusal.
pub fn take_along(project_folder: &Path, media: &Media, companion: &Path) -> Outcome<()> {
    if media.storage == Storage::Linked || media.sequence {
        return Ok(());
    }
    let size = fs::metadata(companion)
        .map_err(|e| Fault::io(&e, "open the file", companion))?
        .len();
    let home = resolve(project_folder, media)?;
    let (Some(stem), Some(ending)) = (home.file_stem(), companion.extension()) else {
        return Ok(());
    };
    let mut name = stem.to_owned();
    name.push(".");
    name.push(ending);
    let target = home.with_file_name(name);
    if size > LARGEST_COMPANION || target.exists() || target == home {
        return Ok(());
    }
    copy_file(companion, &target, &crate::watch::Silent)
}

/// What was taken along with a copied file.
fn companions(file: &Path) -> Vec<PathBuf> {
    let entries = file.parent().and_then(|folder| fs::read_dir(folder).ok());
    entries
        .into_iter()
        .flat_map(|entries| entries.flatten().take(MOST_FRAMES))
        .map(|entry| entry.path())
        .filter(|other| other != file && other.file_stem() == file.file_stem() && other.is_file())
        .collect()
}

/// How a file, or a folder of frames, looks from outside: as long as that stays the same, its
/// content is taken to be the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stamp {
    files: usize,
    bytes: u64,
    newest: Option<SystemTime>,
}

/// How a file or a folder of frames looks from outside, without reading it.
///
/// # Errors
/// The system's refusal.
pub fn stamp(path: &Path) -> Outcome<Stamp> {
    let files = if path.is_dir() {
        frames_of(path)?
    } else {
        vec![path.to_owned()]
    };
    let mut stamp = Stamp {
        files: files.len(),
        bytes: 0,
        newest: None,
    };
    for file in files {
        let meta = fs::metadata(&file).map_err(|e| Fault::io(&e, "open the file", &file))?;
        stamp.bytes += meta.len();
        stamp.newest = stamp.newest.max(meta.modified().ok());
    }
    Ok(stamp)
}

/// Looks below a folder for files with the same content as the wanted media. Answers, for each
/// of `wanted`, where it was found.
///
/// # Errors
/// The person's cancellation. Folders that cannot be read are passed over.
pub fn find(folder: &Path, wanted: &[Media], watch: &dyn Watch) -> Outcome<Vec<Option<PathBuf>>> {
    let mut found = vec![None; wanted.len()];
    for (seen, entry) in walkdir::WalkDir::new(folder)
        .max_depth(12)
        .sort_by_file_name()
        .into_iter()
        .flatten()
        .take(500_000)
        .enumerate()
    {
        watch.go_on()?;
        watch.report(Phase::Adding, seen as u64, 0);
        let is_folder = entry.file_type().is_dir();
        for (slot, media) in found.iter_mut().zip(wanted) {
            if slot.is_some() || media.sequence != is_folder {
                continue;
            }
            // The size is compared first: hashing a folder tree of footage takes hours.
            let same_size = if is_folder {
                size_of_frames(entry.path()) == Some(media.bytes)
            } else {
                entry.metadata().is_ok_and(|meta| meta.len() == media.bytes)
            };
            if same_size
                && fingerprint(entry.path(), watch).is_ok_and(|(hash, _)| hash == media.hash)
            {
                *slot = Some(entry.path().to_owned());
            }
        }
        if found.iter().all(Option::is_some) {
            break;
        }
    }
    Ok(found)
}

/// Brings one medium along into a copy of the project.
pub(super) fn carry(from: &Path, to: &Path, media: &mut Media) -> Outcome<()> {
    let source = resolve(from, media)?;
    match media.storage {
        Storage::Copied => {
            let target = resolve(to, media)?;
            if source.exists() && !target.exists() {
                copy(&source, &target, media.sequence, &crate::watch::Silent)?;
                if !media.sequence {
                    for companion in companions(&source) {
                        take_along(to, media, &companion)?;
                    }
                }
            }
        }
        Storage::Linked => media.path = relative(to, &source),
    }
    Ok(())
}

/// The path of `target` as seen from `folder`, `/` between parts; absolute where there is no
/// way from one to the other.
pub fn relative(folder: &Path, target: &Path) -> String {
    let base: Vec<_> = folder.components().collect();
    let goal: Vec<_> = target.components().collect();
    let common = base.iter().zip(&goal).take_while(|(a, b)| a == b).count();
    // Another drive, or nothing in common but the root: an absolute path is plainer.
    if common <= 1 {
        return target.to_string_lossy().into_owned();
    }
    let mut parts: Vec<String> = vec!["..".to_owned(); base.len() - common];
    parts.extend(
        goal[common..]
            .iter()
            .map(|part| part.as_os_str().to_string_lossy().into_owned()),
    );
    parts.join("/")
}

/// The files of a folder of frames, sorted by name; hidden files are passed over.
fn frames_of(folder: &Path) -> Outcome<Vec<PathBuf>> {
    let entries = fs::read_dir(folder).map_err(|e| Fault::io(&e, "open the folder", folder))?;
    let mut frames = Vec::new();
    for entry in entries {
        let entry = entry.map_err(|e| Fault::io(&e, "read the folder", folder))?;
        if entry.file_name().as_encoded_bytes().starts_with(b".")
            || !entry.file_type().is_ok_and(|kind| kind.is_file())
        {
            continue;
        }
        frames.push(entry.path());
        if frames.len() > MOST_FRAMES {
            return Err(Fault::new(
                Code::TooLarge,
                format!("The folder holds more than {MOST_FRAMES} files."),
            )
            .advise("Choose the folder of one clip's frames.")
            .at(folder));
        }
    }
    if frames.is_empty() {
        return Err(Fault::new(Code::Damaged, "The folder holds no files.")
            .advise("Choose a folder of frames.")
            .at(folder));
    }
    frames.sort();
    Ok(frames)
}

fn size_of_frames(folder: &Path) -> Option<u64> {
    let mut total = 0;
    for frame in frames_of(folder).ok()? {
        total += fs::metadata(frame).ok()?.len();
    }
    Some(total)
}

fn hash_file(path: &Path, watch: &dyn Watch) -> Outcome<(blake3::Hash, u64)> {
    let mut hasher = blake3::Hasher::new();
    let mut total = 0;
    read_in_pieces(path, watch, |piece| {
        hasher.update(piece);
        total += piece.len() as u64;
        Ok(())
    })?;
    Ok((hasher.finalize(), total))
}

fn copy(source: &Path, target: &Path, sequence: bool, watch: &dyn Watch) -> Outcome<()> {
    let folder = target.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder).map_err(|e| Fault::io(&e, "make the media folder", folder))?;
    if !sequence {
        return copy_file(source, target, watch);
    }
    // Into a folder of another name first, so that half a clip never looks like a whole one.
    let half = tempfile::Builder::new()
        .prefix(".unfinished-")
        .tempdir_in(folder)
        .map_err(|e| Fault::io(&e, "make the media folder", folder))?;
    let frames = frames_of(source)?;
    for (number, frame) in frames.iter().enumerate() {
        watch.report(Phase::Adding, number as u64, frames.len() as u64);
        let name = frame.file_name().unwrap_or_default();
        copy_file(frame, &half.path().join(name), watch)?;
    }
    let half = half.keep();
    fs::rename(&half, target).map_err(|e| {
        let _ = fs::remove_dir_all(&half);
        Fault::io(&e, "copy the folder", target)
    })
}

fn copy_file(source: &Path, target: &Path, watch: &dyn Watch) -> Outcome<()> {
    let mut refusal = None;
    let outcome = super::atomic::write_with(target, |file| {
        read_in_pieces(source, watch, |piece| file.write_all(piece)).map_err(|fault| {
            refusal = Some(fault);
            io::Error::other("not copied")
        })
    });
    match refusal {
        Some(fault) => Err(fault),
        None => outcome,
    }
}

fn read_in_pieces(
    path: &Path,
    watch: &dyn Watch,
    mut each: impl FnMut(&[u8]) -> io::Result<()>,
) -> Outcome<()> {
    let mut file = File::open(path).map_err(|e| Fault::io(&e, "open the file", path))?;
    let mut piece = vec![0; 1 << 20];
    loop {
        watch.go_on()?;
        let length = file
            .read(&mut piece)
            .map_err(|e| Fault::io(&e, "read the file", path))?;
        if length == 0 {
            return Ok(());
        }
        each(&piece[..length]).map_err(|e| Fault::io(&e, "copy the file", path))?;
    }
}

/// A name that people recognise and that no other content can have: stem, beginning of the
/// hash, ending.
fn stored_name(source: &Path, hash: &ContentHash) -> String {
    let plain = |text: &std::ffi::OsStr| -> String {
        text.to_string_lossy()
            .chars()
            .map(|c| {
                if c.is_alphanumeric() || "-_ ".contains(c) {
                    c
                } else {
                    '_'
                }
            })
            .take(60)
            .collect()
    };
    let mark = hash.0.get(..8).unwrap_or("00000000");
    let stem = source.file_stem().map(plain).unwrap_or_default();
    match source.extension() {
        Some(ending) if !source.is_dir() => format!("{stem}-{mark}.{}", plain(ending)),
        _ => format!("{stem}-{mark}"),
    }
}
