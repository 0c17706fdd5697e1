use std::io::Cursor;

use ::exif::experimental::Writer;
use ::exif::{Field, In, Tag, Value};
use proptest::prelude::*;

use super::*;

/// A small PNG with text chunks.
fn png_with(texts: &[(&str, &str)]) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, 2, 2);
    encoder.set_color(png::ColorType::Rgb);
    for (key, text) in texts {
        if text.is_ascii() {
            encoder
                .add_text_chunk((*key).to_owned(), (*text).to_owned())
                .expect("text");
        } else {
            encoder
                .add_itxt_chunk((*key).to_owned(), (*text).to_owned())
                .expect("text");
        }
    }
    let mut writer = encoder.write_header().expect("header");
    writer.write_image_data(&[90; 12]).expect("pixels");
    writer.finish().expect("end");
    bytes
}

fn exif_block(fields: &[Field]) -> Vec<u8> {
    let mut writer = Writer::new();
    for field in fields {
        writer.push_field(field);
    }
    let mut block = Cursor::new(Vec::new());
    writer.write(&mut block, false).expect("exif");
    block.into_inner()
}

fn field(tag: Tag, value: Value) -> Field {
    Field {
        tag,
        ifd_num: In::PRIMARY,
        value,
    }
}

/// A small JPEG with extra segments behind its start.
fn jpeg_with(segments: &[(u8, Vec<u8>)]) -> Vec<u8> {
    let mut plain = Cursor::new(Vec::new());
    image::RgbImage::new(8, 8)
        .write_to(&mut plain, image::ImageFormat::Jpeg)
        .expect("jpeg");
    let plain = plain.into_inner();
    let mut bytes = plain[..2].to_vec();
    for (marker, body) in segments {
        bytes.extend([0xff, *marker]);
        bytes.extend(((body.len() + 2) as u16).to_be_bytes());
        bytes.extend(body);
    }
    bytes.extend(&plain[2..]);
    bytes
}

fn found(name: &str, bytes: &[u8]) -> Option<EmbeddedPrompt> {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join(name);
    std::fs::write(&path, bytes).expect("written");
    find(&path)
}

const GRAPH: &str = r#"{
  "3": {"class_type": "KSampler", "inputs": {"seed": NaN, "positive": ["10", 0], "negative": ["10", 1]}},
  "6": {"class_type": "CLIPTextEncode", "inputs": {"text": ["20", 0], "clip": ["4", 1]}},
  "7": {"class_type": "CLIPTextEncode", "inputs": {"text": "blurry, \"bad\" NaN", "clip": ["4", 1]}},
  "10": {"class_type": "ControlNetApplyAdvanced", "inputs": {"positive": ["6", 0], "negative": ["7", 0], "control_net": ["11", 0]}},
  "20": {"class_type": "PrimitiveString", "inputs": {"value": "a lighthouse at dusk"}},
  "9": {"class_type": "SaveImage", "inputs": {"images": ["3", 0], "filename_prefix": "out"}}
}"#;

#[test]
fn a_comfy_graph_is_followed_from_its_sampler() {
    let prompt = found("a.png", &png_with(&[("prompt", GRAPH)])).expect("found");
    assert_eq!(prompt.source, "ComfyUI workflow");
    assert_eq!(prompt.text, "a lighthouse at dusk");
    assert_eq!(prompt.negative.as_deref(), Some("blurry, \"bad\" NaN"));
}

#[test]
fn a_guider_leads_to_its_words() {
    let graph = r#"{
      "1": {"class_type": "SamplerCustomAdvanced", "inputs": {"guider": ["2", 0]}},
      "2": {"class_type": "BasicGuider", "inputs": {"conditioning": ["3", 0]}},
      "3": {"class_type": "FluxGuidance", "inputs": {"guidance": 3.5, "conditioning": ["4", 0]}},
      "4": {"class_type": "CLIPTextEncodeFlux", "inputs": {"clip_l": "short", "t5xxl": "a long walk"}}
    }"#;
    assert_eq!(
        comfy::from_prompt(graph),
        Some(("short\na long walk".to_owned(), None))
    );
}

#[test]
fn a_graph_that_runs_in_circles_ends() {
    let graph = r#"{
      "1": {"class_type": "KSampler", "inputs": {"positive": ["2", 0], "negative": ["2", 0]}},
      "2": {"class_type": "ConditioningCombine", "inputs": {"conditioning_1": ["2", 0], "conditioning_2": ["1", 0]}}
    }"#;
    assert_eq!(comfy::from_prompt(graph), None);
}

#[test]
fn the_editors_graph_is_read_where_only_that_is_there() {
    let graph = r#"{
      "nodes": [
        {"id": 3, "type": "KSampler", "inputs": [{"name": "positive", "link": 4}, {"name": "negative", "link": 6}]},
        {"id": 6, "type": "CLIPTextEncode", "inputs": [{"name": "clip", "link": 3}], "widgets_values": ["red fox in snow"]},
        {"id": 7, "type": "CLIPTextEncode", "inputs": [], "widgets_values": ["text, watermark"]}
      ],
      "links": [[4, 6, 0, 3, 1, "CONDITIONING"], [6, 7, 0, 3, 2, "CONDITIONING"]]
    }"#;
    let prompt = found("a.png", &png_with(&[("workflow", graph)])).expect("found");
    assert_eq!(prompt.text, "red fox in snow");
    assert_eq!(prompt.negative.as_deref(), Some("text, watermark"));
}

#[test]
fn parameters_of_a_web_ui_are_taken_apart() {
    let text = "portrait of a café owner, 35mm\nsoft light\nNegative prompt: lowres, text\nSteps: 20, Sampler: Euler a, CFG scale: 7, Seed: 1, Size: 512x512";
    let prompt = found("a.png", &png_with(&[("parameters", text)])).expect("found");
    assert_eq!(prompt.source, "A1111 parameters");
    assert_eq!(prompt.text, "portrait of a café owner, 35mm\nsoft light");
    assert_eq!(prompt.negative.as_deref(), Some("lowres, text"));
}

#[test]
fn a_jpegs_user_comment_may_hold_parameters() {
    let text = "a quiet harbour\nNegative prompt: people\nSteps: 20, Sampler: Euler, Seed: 3";
    let mut comment = b"UNICODE\0".to_vec();
    comment.extend(text.encode_utf16().flat_map(u16::to_be_bytes));
    let block = exif_block(&[field(Tag::UserComment, Value::Undefined(comment, 0))]);
    let segment = [b"Exif\0\0".as_slice(), &block].concat();
    let prompt = found("a.jpg", &jpeg_with(&[(0xe1, segment)])).expect("found");
    assert_eq!(prompt.source, "A1111 parameters");
    assert_eq!(prompt.text, "a quiet harbour");
    assert_eq!(prompt.negative.as_deref(), Some("people"));
}

#[test]
fn exif_fields_may_hold_a_comfy_graph() {
    let block = exif_block(&[field(
        Tag::Model,
        Value::Ascii(vec![format!("prompt:{GRAPH}").into_bytes()]),
    )]);
    let texts = exif::texts(&block);
    let graph = texts.comfy_prompt.expect("there");
    assert_eq!(
        comfy::from_prompt(&graph).map(|p| p.0).as_deref(),
        Some("a lighthouse at dusk")
    );
}

#[test]
fn exif_descriptions_are_read_and_camera_names_are_not() {
    let with = |text: &str| {
        let block = exif_block(&[field(
            Tag::ImageDescription,
            Value::Ascii(vec![text.as_bytes().to_vec()]),
        )]);
        found(
            "a.jpg",
            &jpeg_with(&[(0xe1, [b"Exif\0\0".as_slice(), &block].concat())]),
        )
    };
    let prompt = with("Two children on a beach").expect("found");
    assert_eq!(prompt.source, "EXIF description");
    assert_eq!(prompt.text, "Two children on a beach");
    assert_eq!(with("OLYMPUS DIGITAL CAMERA"), None);
}

#[test]
fn xmp_descriptions_are_read_in_both_forms() {
    let list = r#"<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF><rdf:Description>
      <dc:description><rdf:Alt><rdf:li xml:lang="de">Fähre</rdf:li><rdf:li xml:lang="x-default">A ferry &amp; gulls</rdf:li></rdf:Alt></dc:description>
    </rdf:Description></rdf:RDF></x:xmpmeta>"#;
    assert_eq!(
        xmp::description(list.as_bytes()).as_deref(),
        Some("A ferry & gulls")
    );
    let short = r#"<rdf:RDF><rdf:Description dc:description="A &lt;red&gt; barn"/></rdf:RDF>"#;
    assert_eq!(
        xmp::description(short.as_bytes()).as_deref(),
        Some("A <red> barn")
    );
    let segment = [
        b"http://ns.adobe.com/xap/1.0/\0".as_slice(),
        list.as_bytes(),
    ]
    .concat();
    let prompt = found("a.jpg", &jpeg_with(&[(0xe1, segment)])).expect("found");
    assert_eq!(prompt.source, "XMP description");
}

#[test]
fn iptc_captions_are_read() {
    let text = "Fishermen mending nets";
    let mut iim = vec![
        0x1c,
        1,
        90,
        0,
        3,
        0x1b,
        0x25,
        0x47,
        0x1c,
        2,
        120,
        0,
        text.len() as u8,
    ];
    iim.extend(text.as_bytes());
    assert_eq!(iptc::caption(&iim).as_deref(), Some(text));
    let mut blocks = b"Photoshop 3.0\08BIM\x04\x04\0\0".to_vec();
    blocks.extend((iim.len() as u32).to_be_bytes());
    blocks.extend(&iim);
    assert_eq!(iptc::caption(&blocks).as_deref(), Some(text));
    let prompt = found("a.jpg", &jpeg_with(&[(0xed, blocks)])).expect("found");
    assert_eq!(prompt.source, "IPTC caption");
    assert_eq!(prompt.text, text);
}

#[test]
fn the_offer_is_labelled_and_short() {
    let embedded = EmbeddedPrompt {
        source: "A1111 parameters".to_owned(),
        text: "word ".repeat(100),
        negative: None,
    };
    let statement = statement(&embedded);
    assert!(
        statement
            .text
            .starts_with("Written in the file (A1111 parameters): “word word")
    );
    assert!(statement.text.ends_with("…”"));
    assert!(matches!(statement.evidence, Evidence::Metadata { .. }));
}

#[test]
fn a_plain_picture_offers_nothing() {
    assert_eq!(found("a.png", &png_with(&[("Software", "stage")])), None);
    assert_eq!(found("a.png", b"no picture"), None);
    assert_eq!(find(Path::new("/nowhere/at/all.png")), None);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn no_bytes_make_a_parser_panic(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        let _ = exif::texts(&bytes);
        let _ = iptc::caption(&bytes);
        let _ = iptc::caption(&[b"8BIM".as_slice(), &bytes].concat());
        let _ = iptc::caption(&[&[0x1c, 2, 120], bytes.as_slice()].concat());
        let _ = xmp::description(&bytes);
        let text = String::from_utf8_lossy(&bytes);
        let _ = a1111::parse(&text);
        let _ = a1111::looks_like(&text);
        let _ = comfy::from_prompt(&text);
        let _ = comfy::from_workflow(&text);
        let _ = exif::texts(&[b"II*\0\x08\0\0\0".as_slice(), &bytes].concat());
    }

    #[test]
    fn damaged_files_are_borne(cut in 0.0_f64..1.0, flip in 0.0_f64..1.0, bit in 0_u8..8) {
        let exif = exif_block(&[field(Tag::ImageDescription, Value::Ascii(vec![b"A boat at sea".to_vec()]))]);
        for (name, mut bytes) in [
            ("a.png", png_with(&[("prompt", GRAPH), ("parameters", "été\nSteps: 1, Seed: 2, Size: 3")])),
            ("a.jpg", jpeg_with(&[(0xe1, [b"Exif\0\0".as_slice(), &exif].concat())])),
        ] {
            let at = (flip * (bytes.len() - 1) as f64) as usize;
            bytes[at] ^= 1 << bit;
            bytes.truncate((cut * bytes.len() as f64) as usize);
            let _ = found(name, &bytes);
        }
    }

    #[test]
    fn any_json_is_borne(text in r#"[\[\]{}",:a-z0-9 \\]{0,200}"#) {
        let _ = comfy::from_prompt(&text);
        let _ = comfy::from_workflow(&text);
    }
}
