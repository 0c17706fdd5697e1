//! The caption in IPTC-IIM data (dataset 2:120), bare or inside Photoshop resource blocks.

/// The caption of a block of IPTC data.
pub fn caption(data: &[u8]) -> Option<String> {
    let data = data.strip_prefix(b"Photoshop 3.0\0").unwrap_or(data);
    if data.starts_with(b"8BIM") {
        return resource(data).and_then(dataset);
    }
    dataset(data)
}

/// The IIM resource (0x0404) among Photoshop's blocks.
fn resource(mut data: &[u8]) -> Option<&[u8]> {
    while let Some(rest) = data.strip_prefix(b"8BIM") {
        let (id, rest) = rest.split_first_chunk::<2>()?;
        // A Pascal string of even length, its length byte included.
        let name = usize::from(*rest.first()?) + 1;
        let rest = rest.get(name + name % 2..)?;
        let (size, rest) = rest.split_first_chunk::<4>()?;
        let size = usize::try_from(u32::from_be_bytes(*size)).ok()?;
        let body = rest.get(..size)?;
        if u16::from_be_bytes(*id) == 0x0404 {
            return Some(body);
        }
        data = rest.get(size.checked_add(size % 2)?..)?;
    }
    None
}

/// The dataset 2:120 of a run of IIM datasets.
fn dataset(mut data: &[u8]) -> Option<String> {
    while let Some((head, rest)) = data.split_first_chunk::<5>() {
        let [mark, record, number, high, low] = *head;
        let size = usize::from(u16::from_be_bytes([high, low]));
        // Sizes with the top bit set are "extended": no caption is that long.
        if mark != 0x1c || size >= 0x8000 {
            return None;
        }
        let body = rest.get(..size)?;
        if (record, number) == (2, 120) {
            let text = match std::str::from_utf8(body) {
                Ok(text) => text.to_owned(),
                Err(_) => body.iter().map(|byte| char::from(*byte)).collect(),
            };
            let text = text.trim().to_owned();
            return (!text.is_empty()).then_some(text);
        }
        data = rest.get(size..)?;
    }
    None
}
