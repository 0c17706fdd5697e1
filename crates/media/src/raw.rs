//! The few calls into FFmpeg that the safe wrapper does not offer, each behind a safe function.
#![allow(
    unsafe_code,
    reason = "the wrapper has no safe way to these fields and calls; each use states its bounds"
)]

use std::ptr;

use ff::ffi;
use ff::format::context::Input;
use ff::software::scaling;
use ffmpeg_next as ff;

/// What a stream's header says about its pictures or samples.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shape {
    /// Coded width, pixels; as stored, not yet checked.
    pub width: i64,
    /// Coded height, pixels.
    pub height: i64,
    /// Width of a pixel over its height; 1 when not given or absurd.
    pub pixel_aspect: f64,
    /// Bits of the deepest component.
    pub depth: u8,
    /// Whether the pixel format carries transparency.
    pub alpha: bool,
    /// Samples per second of an audio stream.
    pub sample_rate: i64,
    /// Channels of an audio stream.
    pub channels: i64,
}

/// Reads a stream's parameters.
pub(crate) fn shape(stream: &ff::Stream<'_>) -> Shape {
    // SAFETY: the stream borrows its context, which keeps the AVStream and its codecpar alive;
    // both are only read. The pixel format is handed to FFmpeg's own lookup, which answers
    // unknown numbers with a null pointer.
    unsafe {
        let stream = stream.as_ptr();
        let par = (*stream).codecpar;
        let mut aspect = (*stream).sample_aspect_ratio;
        if aspect.num <= 0 || aspect.den <= 0 {
            aspect = (*par).sample_aspect_ratio;
        }
        let mut pixel_aspect = f64::from(aspect.num) / f64::from(aspect.den);
        if aspect.num <= 0 || aspect.den <= 0 || !(0.05..=20.0).contains(&pixel_aspect) {
            pixel_aspect = 1.0;
        }
        let (mut depth, mut alpha) = (8, false);
        let is_video = (*par).codec_type == ffi::AVMediaType::AVMEDIA_TYPE_VIDEO;
        // -1 stands for "not known"; every other number comes from this FFmpeg itself.
        if is_video && (*par).format >= 0 {
            let format = std::mem::transmute::<i32, ffi::AVPixelFormat>((*par).format);
            let descriptor = ffi::av_pix_fmt_desc_get(format);
            if !descriptor.is_null() {
                let components = (*descriptor).nb_components;
                alpha = (*descriptor).flags & u64::from(ffi::AV_PIX_FMT_FLAG_ALPHA as u32) != 0;
                depth = (*descriptor)
                    .comp
                    .iter()
                    .take(usize::from(components))
                    .map(|c| c.depth.clamp(1, 32) as u8)
                    .max()
                    .unwrap_or(8);
            }
        }
        Shape {
            width: (*par).width.into(),
            height: (*par).height.into(),
            pixel_aspect,
            depth,
            alpha,
            sample_rate: (*par).sample_rate.into(),
            channels: (*par).ch_layout.nb_channels.into(),
        }
    }
}

/// Whether every frame of the stream's codec stands alone.
pub(crate) fn intra_only(stream: &ff::Stream<'_>) -> bool {
    // SAFETY: the stream is borrowed; the descriptor is a static table or null.
    unsafe {
        let descriptor = ffi::avcodec_descriptor_get((*(*stream.as_ptr()).codecpar).codec_id);
        !descriptor.is_null() && (*descriptor).props & ffi::AV_CODEC_PROP_INTRA_ONLY != 0
    }
}

/// Components, bits and alpha of a pixel format.
pub(crate) fn pixel(format: ff::format::Pixel) -> Option<(u8, u8, bool)> {
    let descriptor = format.descriptor()?;
    // SAFETY: descriptors are static tables inside FFmpeg.
    unsafe {
        let descriptor = descriptor.as_ptr();
        let components = (*descriptor).nb_components;
        let depth = (*descriptor)
            .comp
            .iter()
            .take(usize::from(components))
            .map(|c| c.depth.clamp(1, 32) as u8)
            .max()
            .unwrap_or(8);
        let alpha = (*descriptor).flags & u64::from(ffi::AV_PIX_FMT_FLAG_ALPHA as u32) != 0;
        Some((components, depth, alpha))
    }
}

/// The nine numbers of a stream's display matrix, row by row, if it has one.
pub(crate) fn display_matrix(stream: &ff::Stream<'_>) -> Option<[i32; 9]> {
    // SAFETY: the side data belongs to the stream, which is borrowed; its size is checked
    // before nine numbers are copied out, unaligned.
    unsafe {
        let mut size = 0;
        let data = ffi::av_stream_get_side_data(
            stream.as_ptr(),
            ffi::AVPacketSideDataType::AV_PKT_DATA_DISPLAYMATRIX,
            &mut size,
        );
        if data.is_null() || size < std::mem::size_of::<[i32; 9]>() {
            return None;
        }
        Some(ptr::read_unaligned(data.cast::<[i32; 9]>()))
    }
}

/// One entry of a container's index.
#[derive(Debug, Clone, Copy)]
pub(crate) struct IndexEntry {
    /// In the stream's time base: decoding time in MP4 and MOV, presentation time elsewhere.
    pub time: i64,
    /// Whether decoding can start here.
    pub key: bool,
    /// Whether the frame is decoded but not shown (cut away by an edit list).
    pub hidden: bool,
    /// Byte after the frame's data in the file, if known.
    pub end: Option<u64>,
}

/// The container's index of a stream, as far as it is in memory.
pub(crate) fn index(input: &mut Input, stream: usize) -> Vec<IndexEntry> {
    // SAFETY: the stream number is checked against the context's own count; entries are asked
    // for by numbers below the count FFmpeg gives and copied before the context is used again.
    unsafe {
        if stream >= input.nb_streams() as usize {
            return Vec::new();
        }
        let stream = *(*input.as_mut_ptr()).streams.add(stream);
        let count = ffi::avformat_index_get_entries_count(stream).max(0);
        let mut entries = Vec::with_capacity(count as usize);
        for i in 0..count {
            let entry = ffi::avformat_index_get_entry(stream, i);
            if entry.is_null() {
                break;
            }
            let flags = (*entry).flags();
            let size = u64::try_from((*entry).size()).unwrap_or(0);
            entries.push(IndexEntry {
                time: (*entry).timestamp,
                key: flags & ffi::AVINDEX_KEYFRAME != 0,
                hidden: flags & ffi::AVINDEX_DISCARD_FRAME != 0,
                end: u64::try_from((*entry).pos)
                    .ok()
                    .and_then(|pos| pos.checked_add(size)),
            });
        }
        entries
    }
}

/// Leaves out every packet of the other streams while reading.
pub(crate) fn read_only(input: &mut Input, wanted: usize) {
    // SAFETY: the loop stays below the context's own stream count; `discard` is a plain field
    // that callers are meant to set.
    unsafe {
        let context = input.as_mut_ptr();
        for i in 0..input.nb_streams() as usize {
            if i != wanted {
                (**(*context).streams.add(i)).discard = ffi::AVDiscard::AVDISCARD_ALL;
            }
        }
    }
}

/// Goes to the last keyframe at or before `time` (in the stream's time base).
pub(crate) fn seek(input: &mut Input, stream: usize, time: i64) -> bool {
    let Ok(stream) = i32::try_from(stream) else {
        return false;
    };
    // SAFETY: the context is open and exclusively borrowed; FFmpeg checks the stream number.
    unsafe { ffi::av_seek_frame(input.as_mut_ptr(), stream, time, ffi::AVSEEK_FLAG_BACKWARD) >= 0 }
}

/// Whether a packet is decoded but not shown (cut away by an edit list).
pub(crate) fn hidden(packet: &ff::Packet) -> bool {
    use ff::packet::Ref;
    // SAFETY: the packet is borrowed and only read.
    unsafe { (*packet.as_ptr()).flags & ffi::AV_PKT_FLAG_DISCARD != 0 }
}

/// Tells the scaler how the frame's colours are coded.
pub(crate) fn set_colors(scaler: &mut scaling::Context, matrix: i32, full_range: bool) {
    // SAFETY: the tables come from FFmpeg itself, which answers unknown numbers with its
    // default table; the scaler is exclusively borrowed. A refusal (RGB input) is harmless.
    unsafe {
        let from = ffi::sws_getCoefficients(matrix);
        let to = ffi::sws_getCoefficients(ffi::SWS_CS_DEFAULT);
        let (neutral, one) = (0, 1 << 16);
        ffi::sws_setColorspaceDetails(
            scaler.as_mut_ptr(),
            from,
            i32::from(full_range),
            to,
            1,
            neutral,
            one,
            one,
        );
    }
}

/// The number a colour matrix has in FFmpeg's tables.
pub(crate) fn matrix_number(space: ff::color::Space) -> i32 {
    ffi::AVColorSpace::from(space) as i32
}
