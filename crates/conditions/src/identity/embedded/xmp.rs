//! The description in an XMP packet.

use quick_xml::Reader;
use quick_xml::events::Event;

/// The most events of a packet that are looked at.
const MOST_EVENTS: usize = 200_000;

/// `dc:description` of an XMP packet: the default language where several are given.
pub fn description(packet: &[u8]) -> Option<String> {
    let packet = String::from_utf8_lossy(packet);
    let mut reader = Reader::from_str(&packet);
    let mut inside = false;
    let mut default_language = false;
    let mut found: Vec<(bool, String)> = Vec::new();
    let mut text = String::new();
    for _ in 0..MOST_EVENTS {
        match reader.read_event() {
            Ok(Event::Start(tag)) => {
                match tag.name().as_ref() {
                    "dc:description" => {
                        inside = true;
                        text.clear();
                    }
                    "rdf:li" if inside => {
                        text.clear();
                        default_language = tag.attributes().flatten().any(|attribute| {
                            attribute.key.as_ref() == "xml:lang"
                                && attribute.value.as_ref() == "x-default"
                        });
                    }
                    _ => {}
                }
                found.extend(attribute(&tag).map(|text| (false, text)));
            }
            Ok(Event::Empty(tag)) => found.extend(attribute(&tag).map(|text| (false, text))),
            Ok(Event::Text(piece)) if inside => {
                text.push_str(&piece);
            }
            Ok(Event::CData(piece)) if inside => {
                text.push_str(&piece);
            }
            Ok(Event::GeneralRef(reference)) if inside => match reference.resolve_char_ref() {
                Ok(Some(c)) => text.push(c),
                _ => text.push_str(
                    quick_xml::escape::resolve_predefined_entity(&reference).unwrap_or_default(),
                ),
            },
            Ok(Event::End(tag)) => match tag.name().as_ref() {
                "rdf:li" if inside => {
                    found.push((default_language, std::mem::take(&mut text)));
                }
                "dc:description" => {
                    found.push((false, std::mem::take(&mut text)));
                    inside = false;
                }
                _ => {}
            },
            Ok(Event::Eof) | Err(_) => break,
            Ok(_) => {}
        }
    }
    found.retain(|(_, text)| !text.trim().is_empty());
    found
        .iter()
        .find(|(default, _)| *default)
        .or_else(|| found.first())
        .map(|(_, text)| text.trim().to_owned())
}

/// The short form: `<rdf:Description dc:description="…"/>`.
fn attribute(tag: &quick_xml::events::BytesStart<'_>) -> Option<String> {
    tag.attributes()
        .flatten()
        .find(|attribute| attribute.key.as_ref() == "dc:description")
        .map(|attribute| {
            let raw = attribute.value.to_string();
            quick_xml::escape::unescape(&raw).map_or(raw.clone(), |text| text.into_owned())
        })
}
