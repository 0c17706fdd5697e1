// Small files of every kind, made by the tests themselves.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { deflateSync } from 'node:zlib';
import { systemProgram } from './places.mjs';

const CRC = Uint32Array.from({ length: 256 }, (_, n) => {
  let c = n;
  for (let bit = 0; bit < 8; bit += 1) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  return c;
});

function crc32(bytes) {
  let c = 0xffffffff;
  for (const byte of bytes) c = CRC[(c ^ byte) & 0xff] ^ (c >>> 8);
  return (c ^ 0xffffffff) >>> 0;
}

function chunk(type, data) {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const check = Buffer.alloc(4);
  check.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, check]);
}

/** A PNG of 8-bit RGB; `colour(x, y)` answers [r, g, b]. */
export function png(width, height, colour) {
  const rows = Buffer.alloc(height * (1 + 3 * width));
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      rows.set(colour(x, y), y * (1 + 3 * width) + 1 + 3 * x);
    }
  }
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 2, 0, 0, 0], 8);
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', head),
    chunk('IDAT', deflateSync(rows)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** A picture of a figure in a coat before a plain ground, grained as a photograph is. */
export function portrait(coat = [150, 30, 40], ground = [196, 192, 186]) {
  const width = 192;
  const height = 256;
  let seed = 1;
  const grain = () => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return (seed / 2 ** 32 - 0.5) * 22;
  };
  return png(width, height, (x, y) => {
    const head = Math.hypot(x - 96, y - 70);
    const half = 24 + (y - 100) * 0.25;
    const across = (x - 96) / 96;
    let colour = ground.map((part) => part - (40 * y) / height - 30 * Math.abs(across));
    if (head < 30) {
      colour = (y < 55 ? [52, 36, 28] : [212, 164, 136]).map((part) => part - 34 * across);
    } else if (y >= 100 && Math.abs(x - 96) < half) {
      const fold = 26 * Math.sin(x / 7) - (30 * (y - 100)) / height;
      colour = coat.map((part) => part + fold);
    }
    const noise = grain();
    return colour.map((part) => Math.min(255, Math.max(0, Math.round(part + noise))));
  });
}

/**
 * A RealEstate10K path that trucks right by 1 unit: world-to-camera poses, 24 to the second
 * (timestamps in microseconds), intrinsics as shares of the picture.
 */
export function truckRight(frames = 48) {
  const lines = ['https://example.invalid/none'];
  for (let frame = 0; frame < frames; frame += 1) {
    const x = frame / (frames - 1);
    const time = Math.round((frame * 1e6) / 24);
    lines.push(
      [time, 0.9, 1.6, 0.5, 0.5, 0, 0, 1, 0, 0, -x, 0, 1, 0, 0, 0, 0, 1, 0].join(' '),
    );
  }
  return `${lines.join('\n')}\n`;
}

/** COCO-18 joints of someone who stands at (x, y) with hips there, in pixels. */
function figure(x, y, step) {
  const swing = 26 * Math.sin(step);
  const joints = [
    [x + 8, y - 150],
    [x, y - 118],
    [x - 14, y - 116],
    [x - 18 - swing / 2, y - 78],
    [x - 18 - swing, y - 44],
    [x + 14, y - 116],
    [x + 18 + swing / 2, y - 78],
    [x + 18 + swing, y - 44],
    [x - 9, y],
    [x - 9 + swing, y + 50],
    [x - 9 + 1.3 * swing, y + 100],
    [x + 9, y],
    [x + 9 - swing, y + 50],
    [x + 9 - 1.3 * swing, y + 100],
    [x + 5, y - 156],
    [x + 11, y - 156],
    [x - 2, y - 152],
    [x + 14, y - 152],
  ];
  return joints.flatMap(([across, down]) => [across, down, 0.9]);
}

/** ComfyUI's POSE_KEYPOINT: one person who walks from left to right, 640×360, 24 a second. */
export function walkingKeypoints(frames = 72) {
  return JSON.stringify(
    Array.from({ length: frames }, (_, frame) => ({
      canvas_width: 640,
      canvas_height: 360,
      people: [
        { pose_keypoints_2d: figure(120 + (400 * frame) / frames, 220, (2 * Math.PI * frame) / 24) },
      ],
    })),
  );
}

/** A six-section caption as a text file with headings. */
export function captionText(sections) {
  return Object.entries(sections)
    .map(([heading, text]) => `${heading}: ${text}`)
    .join('\n\n');
}

/** A clip shown many times over, made by the system's `ffmpeg`. */
export function repeated(clip, times, file) {
  const ffmpeg = systemProgram('ffmpeg', 'ffmpeg');
  const loop = ['-stream_loop', String(times - 1), '-i', clip];
  execFileSync(ffmpeg, ['-v', 'error', '-y', ...loop, '-c', 'copy', file]);
  return file;
}

/** Writes the ordinary set of files into a folder; answers their paths. */
export function writeSet(folder) {
  const files = {
    portrait: [path.join(folder, 'Mara.png'), portrait()],
    second: [path.join(folder, 'Jon.png'), portrait([30, 60, 140], [90, 96, 92])],
    camera: [path.join(folder, 'truck.txt'), truckRight()],
    pose: [path.join(folder, 'walk.json'), walkingKeypoints()],
    empty: [path.join(folder, 'empty.png'), ''],
    text: [path.join(folder, 'notes.mp4'), 'These are notes, and no film at all.\n'.repeat(40)],
  };
  return Object.fromEntries(
    Object.entries(files).map(([key, [file, bytes]]) => {
      writeFileSync(file, bytes);
      return [key, file];
    }),
  );
}
