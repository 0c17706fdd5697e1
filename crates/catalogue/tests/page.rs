//! The table of `docs/models.md` is what the catalogue and the estimate say.
//!
//! `DECOUPAGE_ACCEPT=1 cargo test -p decoupage-catalogue --test page` writes it anew.
#![allow(clippy::expect_used, clippy::unwrap_used)]

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use decoupage_catalogue::{
    CatalogueEntry, DeviceKind, EntryFormat, Precision, Workload, catalogue, estimate,
    estimate_stored,
};

const START: &str = "<!-- the catalogue: written by a test -->\n";
const END: &str = "<!-- end of the catalogue -->\n";

fn gigabytes(bytes: u64) -> String {
    format!("{:.1}", bytes as f64 / 1e9)
}

fn row(entry: &CatalogueEntry) -> String {
    let on_card = |precision| {
        estimate(
            &entry.shape,
            precision,
            DeviceKind::Cuda,
            Workload::default(),
        )
        .total
    };
    let memory = match entry.format {
        EntryFormat::Safetensors => [Precision::Bf16, Precision::Q8_0, Precision::Q4K]
            .map(|precision| gigabytes(on_card(precision)))
            .join(" / "),
        EntryFormat::Gguf => gigabytes(
            estimate_stored(
                &entry.shape,
                entry.download_bytes,
                DeviceKind::Cuda,
                Workload::default(),
            )
            .total,
        ),
    };
    format!(
        "| `{}` | [{}](https://huggingface.co/{}) | {} | {} | {} | {} |\n",
        entry.id,
        entry.name,
        entry.repository,
        if entry.hears { "yes" } else { "" },
        gigabytes(entry.download_bytes),
        memory,
        entry.licence.name,
    )
}

#[test]
fn the_table_is_up_to_date() {
    let mut table = String::from(
        "| id | model | hears | download, GB | memory, GB | licence |\n|---|---|---|---|---|---|\n",
    );
    for entry in catalogue().expect("a catalogue") {
        write!(table, "{}", row(entry)).unwrap();
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/models.md");
    let page = fs::read_to_string(&path)
        .expect("the page")
        .replace("\r\n", "\n");
    let (before, rest) = page.split_once(START).expect("the start of the table");
    let (old, after) = rest.split_once(END).expect("the end of the table");
    if std::env::var_os("DECOUPAGE_ACCEPT").is_some() {
        fs::write(&path, format!("{before}{START}{table}{END}{after}")).expect("the page");
        return;
    }
    assert_eq!(
        old, table,
        "docs/models.md is stale; write it anew with DECOUPAGE_ACCEPT=1 cargo test -p \
         decoupage-catalogue --test page"
    );
}
